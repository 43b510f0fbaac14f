import { DatabaseSync } from 'node:sqlite'
import { messageOf } from '../kernel/coded-error.ts'
import { createPrivately } from './create-privately.ts'
import { isBusy } from './is-busy.ts'
import { StoreError } from './store-error.ts'

/** A file that one process holds. The kernel lets go of it when that process ends, however it ends. */
export type FileLock = Disposable

/**
 * Takes a lock; undefined when it is held, by this process or another one, for longer than the patience. It is SQLite's own
 * lock of an empty database, fcntl(2): it holds between containers that share a directory and on network file systems with
 * locks, asks for no process id, and works wherever the store itself does. The file stays and means nothing by itself.
 *
 * Nobody in this process may open the file in another way: closing it again would give up the lock.
 *
 * Throws StoreError `cannot-open`.
 */
export function openLock(file: string, patienceMs: number): FileLock | undefined {
  const what = `Cannot lock "${file}"`
  createPrivately(file, what)
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { timeout: patienceMs })
    // With a journal in memory no second file is made beside it.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    database?.close()
    if (isBusy(error)) return undefined
    throw new StoreError('cannot-open', `${what}: ${messageOf(error)}`, { cause: error })
  }
  const held = database
  return {
    [Symbol.dispose]() {
      if (held.isOpen) held.close()
    },
  }
}
