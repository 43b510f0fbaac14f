import { closeSync, openSync, statSync } from 'node:fs'
import { messageOf } from '../kernel/coded-error.ts'
import { StoreError } from './store-error.ts'

/**
 * Makes a file of the store, readable by its owner alone, unless it is there: it holds hashes of secrets, and SQLite gives
 * its companions (-wal, -shm) the same mode. Throws StoreError `cannot-open`, with a message that begins with `what`, also
 * for a pipe or a device in its place.
 */
export function createPrivately(file: string, what: string): void {
  try {
    // One that exists is not opened here: closing it would give up all locks that this process has on it (fcntl(2)).
    const found = statSync(file, { throwIfNoEntry: false })
    if (found?.isFile()) return
    if (found) throw new Error('it is no plain file')
    closeSync(openSync(file, 'ax', 0o600))
  } catch (error) {
    throw new StoreError('cannot-open', `${what}: ${messageOf(error)}`, { cause: error })
  }
}
