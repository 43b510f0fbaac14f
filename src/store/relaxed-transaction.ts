import type { DatabaseSync } from 'node:sqlite'
import { inTransaction } from './transaction.ts'

/**
 * Runs `work` as one transaction that is safe from the end of the process, but does not wait until the disk has it
 * (sqlite.org/pragma.html#pragma_synchronous): for observations, which may be lost with the power.
 */
export function relaxedTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('PRAGMA synchronous = NORMAL')
  try {
    return inTransaction(database, work)
  } finally {
    database.exec('PRAGMA synchronous = FULL')
  }
}
