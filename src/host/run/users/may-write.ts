import { stat } from 'node:fs/promises'
import type { OwnUser } from '../sandbox/identity.ts'

/** Whether a user may write a file or directory, as its mode says it; what is not there is nobody's to write. */
export async function mayWrite(path: string, { uid, gid, groups }: OwnUser): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  if (!found) return false
  if (found.uid === uid) return (found.mode & 0o200) !== 0
  return ([gid, ...groups].includes(found.gid) && (found.mode & 0o020) !== 0) || (found.mode & 0o002) !== 0
}
