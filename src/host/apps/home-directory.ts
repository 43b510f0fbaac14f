import { cp, lstat, mkdir, stat } from 'node:fs/promises'

/**
 * Makes the home of an app if it does not exist, with what the system gives to new users in it (/etc/skel: a shell
 * with a prompt worth looking at). A home that exists stays as it is.
 */
export async function ensureHome(directory: string, skeleton = '/etc/skel'): Promise<void> {
  if (await exists(directory)) return
  await mkdir(directory, { recursive: true, mode: 0o700 })
  if (await exists(skeleton)) await cp(skeleton, directory, { recursive: true, force: false, filter: isOrdinary })
}

/** A pipe, a socket or a device cannot be copied. */
async function isOrdinary(path: string): Promise<boolean> {
  const found = await lstat(path)
  return found.isFile() || found.isDirectory() || found.isSymbolicLink()
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
