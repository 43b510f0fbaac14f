import type { DatabaseSync } from 'node:sqlite'

/** Runs `work` as a whole or not at all. The write lock is taken first, so that what it reads is true until it is done. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    // After some errors, of a full disk for instance, SQLite has undone it all already.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
