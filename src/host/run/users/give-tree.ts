import { lchown, lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { UserIds } from '../sandbox/identity.ts'

/**
 * Hands a file, or a directory with all that is in it, to another user: what belonged to whoever the whole belonged to. Links
 * are given themselves, not what they lead to. Nothing may run meanwhile that can change it.
 */
export async function giveTree(path: string, { uid, gid }: UserIds): Promise<void> {
  const before = await lstat(path)
  if (before.uid === uid && before.gid === gid) return
  if (before.isDirectory()) {
    const entries = await readdir(path, { recursive: true, withFileTypes: true })
    for (const { parentPath, name } of entries) {
      const entry = join(parentPath, name)
      const { uid: owner } = await lstat(entry)
      if (owner === before.uid) await lchown(entry, uid, gid)
    }
  }
  // Last: one that was interrupted is done again.
  await lchown(path, uid, gid)
}
