/** A write that failed because there is no room, or no more of it for this user. */
export interface FullDisk {
  /** A path on the disk; undefined where it is not told. */
  readonly place: string | undefined
}

/** Of the system (errno(3)), and of parts that have no number for it. */
const codes: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'disk-full'])
const deepest = 8

/** Whether it was a full disk that something failed for, by itself or as the cause of the cause; undefined when not. */
export function fullDiskOf(error: unknown): FullDisk | undefined {
  let at: unknown = error
  for (let depth = 0; depth < deepest && at instanceof Error; depth++) {
    if ('code' in at && codes.has(at.code)) return { place: placeOf(at) }
    at = at.cause
  }
  return undefined
}

function placeOf(error: Error): string | undefined {
  if ('place' in error && typeof error.place === 'string') return error.place
  return 'path' in error && typeof error.path === 'string' ? error.path : undefined
}
