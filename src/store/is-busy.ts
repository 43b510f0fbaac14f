/** SQLITE_BUSY, and its kinds (sqlite.org/rescode.html). */
const busy = 5

/** Whether somebody else holds the database that SQLite was asked for. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === busy
}
