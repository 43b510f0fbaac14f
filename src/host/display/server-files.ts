import { readdir, readFile, rm } from 'node:fs/promises'

const directory = '/tmp'

/** The socket that a display listens on. */
export function socketOf(displayNumber: number): string {
  return `${directory}/.X11-unix/X${displayNumber}`
}

/**
 * Removes what a dead X server left behind: the lock files that hold its process id, and the sockets that belong to
 * them. A number that another server has taken meanwhile carries that server's process id, and is left alone.
 */
export async function removeServerFiles(pid: number): Promise<void> {
  for (const name of await readdir(directory)) {
    const match = /^\.X(\d+)-lock$/.exec(name)
    if (!match) continue
    const lock = `${directory}/${name}`
    const owner = await readFile(lock, 'latin1').catch(() => '')
    if (Number.parseInt(owner, 10) !== pid) continue
    // The lock goes last: as long as it is there, nobody else opens a socket of this number.
    await rm(socketOf(Number(match[1])), { force: true })
    await rm(lock, { force: true })
  }
}
