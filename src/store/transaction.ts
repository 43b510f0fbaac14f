import type { DatabaseSync } from 'node:sqlite'

/**
 * Runs `work` as a whole or not at all. The write lock is taken first, so that what it reads is true until it is done; `DEFERRED`
 * is for what only reads, and sees the database as it is at one moment.
 */
export function inTransaction<T>(
  database: DatabaseSync,
  work: () => T,
  begin: 'IMMEDIATE' | 'DEFERRED' = 'IMMEDIATE',
): T {
  database.exec(`BEGIN ${begin}`)
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
