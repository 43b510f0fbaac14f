import { lstat, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { giveLikeHome } from './home-entries.ts'

/**
 * Lets programs that look for a display's cookie in `~/.Xauthority`, as those do that are started with an environment of
 * their own, find that of the display they run on. A file of the app's own stays as it is. Rejects with the system's error.
 */
export async function linkAuthority(home: string, authorityFile: string): Promise<void> {
  const link = join(home, '.Xauthority')
  const found = await lstat(link).catch(() => undefined)
  if (found && !found.isSymbolicLink()) return
  if (found) await rm(link)
  await symlink(authorityFile, link)
  await giveLikeHome(home, link)
}
