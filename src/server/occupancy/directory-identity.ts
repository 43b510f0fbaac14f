import { readFileSync, realpathSync, statSync } from 'node:fs'
import * as v from 'valibot'

/** Where a directory is: enough to tell it from a copy of it. */
export interface DirectoryIdentity {
  /** Of the system when it was looked at; empty where that cannot be told. */
  readonly boot: string
  readonly device: string
  readonly inode: string
  /** When the directory was made, in nanoseconds since the Unix epoch; 0 where the file system does not tell. */
  readonly bornNs: string
  readonly path: string
}

export const place: v.GenericSchema<unknown, DirectoryIdentity> = v.object({
  boot: v.string(),
  device: v.string(),
  inode: v.string(),
  bornNs: v.string(),
  path: v.string(),
})

/** Looks at a directory that exists. Throws the system's error. */
export function directoryIdentityOf(directory: string): DirectoryIdentity {
  const { dev, ino, birthtimeNs } = statSync(directory, { bigint: true })
  return {
    boot: bootId(),
    device: String(dev),
    inode: String(ino),
    bornNs: String(birthtimeNs),
    path: realpathSync(directory),
  }
}

/**
 * Whether a directory is the one that it was before, and no copy of it. Within one boot of the system that is told by device
 * and inode, whatever it is called: it may have been moved, or be mounted elsewhere in a container. Device numbers
 * change between boots, so that its path counts then, and a snapshot that is mounted beside the original is another one.
 */
export function isSameDirectory(before: DirectoryIdentity, now: DirectoryIdentity): boolean {
  if (before.inode !== now.inode || before.bornNs !== now.bornNs) return false
  return before.boot === now.boot && now.boot !== '' ? before.device === now.device : before.path === now.path
}

/** Another one after each start of the system; shared by all containers of a machine. Empty where there is none. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  } catch {
    return ''
  }
}
