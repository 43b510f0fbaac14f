import { execFile } from 'node:child_process'
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/**
 * Puts a disk of a few megabytes in the place of a directory, for a program alone: a tmpfs in a mount namespace of its own,
 * which goes with it. Put before its command.
 */
export function onSmallDisk(directory: string, megabytes: number): readonly string[] {
  const script = `mount -t tmpfs -o size=${megabytes}m,mode=700 tmpfs "$0" && exec "$@"`
  return [...inMountNamespace, 'sh', '-c', script, directory]
}

const inMountNamespace = ['unshare', '--user', '--map-root-user', '--mount'] as const

/** Why there can be no such disk here; false when there can. */
export async function whyNoSmallDisk(): Promise<string | false> {
  const [program, ...words] = inMountNamespace
  return promisify(execFile)(program, [...words, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).then(
    () => false,
    (error: unknown) => `no disks of one's own here: ${String(error)}`,
  )
}

/** The disk that a process sees at a directory, from outside. */
export class SmallDisk {
  readonly directory: string
  readonly #ballast: string

  constructor(pid: number, directory: string) {
    this.directory = join(`/proc/${pid}/root`, directory)
    this.#ballast = join(this.directory, 'ballast')
  }

  /** Leaves no room for another byte. */
  fill(): void {
    const file = openSync(this.#ballast, 'a')
    const block = Buffer.alloc(64 * 1024, 1)
    try {
      for (let size = block.length; size > 0;) {
        try {
          writeSync(file, block, 0, size)
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
          size = Math.floor(size / 2)
        }
      }
    } finally {
      closeSync(file)
    }
    if (statfsSync(this.directory).bavail !== 0) throw new Error('the disk is not full')
  }

  makeRoom(): void {
    rmSync(this.#ballast, { force: true })
  }
}
