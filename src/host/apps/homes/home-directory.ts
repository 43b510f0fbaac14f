import { cp, lstat, mkdir, rename, rm, stat } from 'node:fs/promises'
import { fullDiskOf } from '../../../kernel/full-disk.ts'
import { HostError } from '../../contract/host-error.ts'

/**
 * Makes the home of an app if it does not exist, with what the system gives to new users in it (/etc/skel: a shell
 * with a prompt worth looking at), all of it or nothing. A home that exists stays as it is. Rejects with HostError
 * `disk-full`, or the system's error.
 */
export async function ensureHome(directory: string, skeleton = '/etc/skel'): Promise<void> {
  if (await exists(directory)) return
  const fresh = `${directory}.new`
  try {
    await rm(fresh, { recursive: true, force: true })
    await mkdir(fresh, { recursive: true, mode: 0o700 })
    if (await exists(skeleton)) await cp(skeleton, fresh, { recursive: true, force: false, filter: isOrdinary })
    await rename(fresh, directory)
  } catch (error) {
    await rm(fresh, { recursive: true, force: true }).catch(() => {})
    if (!fullDiskOf(error)) throw error
    throw new HostError('disk-full', `Cannot make the home ${directory}: the disk is full. Make room there`, {
      cause: error,
    })
  }
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
