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
    if (isThere(file)) return
    try {
      closeSync(openSync(file, 'ax', 0o600))
    } catch (error) {
      // Another process may have made it since.
      if (!isThere(file)) throw error
    }
  } catch (error) {
    throw new StoreError('cannot-open', `${what}: ${messageOf(error)}`, { cause: error })
  }
}

/** It is not opened for that: closing it would give up all locks that this process has on it (fcntl(2)). */
function isThere(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found && !found.isFile()) throw new Error('it is no plain file')
  return found !== undefined
}
