import { messageOf } from '../kernel/coded-error.ts'
import { fullDiskOf } from '../kernel/full-disk.ts'
import { StoreError } from './store-error.ts'

/** Primary result codes of SQLite (sqlite.org/rescode.html) that callers can do something about. */
const codeOf = new Map<number, StoreError['code']>([
  [5, 'busy'],
  [6, 'busy'],
  [8, 'cannot-open'],
  [11, 'corrupt'],
  [14, 'cannot-open'],
  [26, 'corrupt'],
])

/** Runs `call`; what SQLite throws comes out as a {@link StoreError} that starts with `what`, "Cannot read settings" for instance. */
export function converted<T>(what: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw error instanceof StoreError ? error : toStoreError(what, error)
  }
}

function toStoreError(what: string, error: unknown): StoreError {
  const message = `${what}: ${messageOf(error)}`
  const full = fullDiskOf(error)
  if (full) return new StoreError('disk-full', message, { cause: error, place: full.place })
  if (error instanceof Error && 'errcode' in error && typeof error.errcode === 'number') {
    return new StoreError(codeOf.get(error.errcode & 0xff) ?? 'failed', message, { cause: error })
  }
  const closed = error instanceof Error && 'code' in error && error.code === 'ERR_INVALID_STATE'
  return new StoreError(closed ? 'closed' : 'failed', message, { cause: error })
}
