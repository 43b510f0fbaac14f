import { constants } from 'node:fs'
import { copyFile, lchown, lstat, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * What the host writes into an app's home, where everything is the app's own by now: a link that it has put on the way is
 * never followed, for the host may be root and the app is not. Nothing of the app runs meanwhile.
 */

/** Makes a directory below a home, for whoever the home belongs to. Undefined where the app has put something else on the way. */
export async function directoryBelow(home: string, path: string): Promise<string | undefined> {
  let at = home
  for (const name of path.split('/').filter((part) => part !== '' && part !== '.')) {
    at = join(at, name)
    const found = await lstat(at).catch(() => undefined)
    if (found?.isDirectory()) continue
    if (found) return undefined
    await mkdir(at, { mode: 0o700 })
    await giveLikeHome(home, at)
  }
  return at
}

/** A directory below a home, where the app has put no link on the way to it. */
export async function foundBelow(home: string, path: string): Promise<string | undefined> {
  let at = home
  for (const name of path.split('/')) {
    at = join(at, name)
    const found = await lstat(at).catch(() => undefined)
    if (!found?.isDirectory()) return undefined
  }
  return at
}

/** Puts a copy of a file into a directory below a home, in the place of whatever is there. */
export async function copyBelow(
  home: string,
  { from, directory, name }: { from: string; directory: string; name: string },
) {
  const to = join(directory, name)
  await rm(to, { recursive: true, force: true })
  await copyFile(from, to, constants.COPYFILE_EXCL)
  await giveLikeHome(home, to)
}

/** Whatever was made in a home belongs to whoever that does. */
export async function giveLikeHome(home: string, path: string): Promise<void> {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = await lstat(home)
  await lchown(path, uid, gid)
}
