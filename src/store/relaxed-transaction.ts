import type { DatabaseSync } from 'node:sqlite'

/**
 * Runs `work` as one transaction that is safe from the end of the process, but does not wait until the disk has it
 * (sqlite.org/pragma.html#pragma_synchronous): for observations, which may be lost with the power.
 */
export function relaxedTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('PRAGMA synchronous = NORMAL')
  try {
    database.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      database.exec('COMMIT')
      return result
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  } finally {
    database.exec('PRAGMA synchronous = FULL')
  }
}
