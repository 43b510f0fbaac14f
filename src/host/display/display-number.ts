import { constants } from 'node:fs'
import { link, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { once } from 'node:events'
import { holdAbstractName } from './abstract-name.ts'
import { socketPathOf } from './server-socket.ts'

/** A display number that no other X server takes until it is released. */
export interface DisplayNumber {
  readonly number: number
  /** Idempotent. */
  release(): Promise<void>
}

/** X servers keep their locks here, whatever TMPDIR says. */
const directory = '/tmp'
const lockName = /^\.X(\d{1,5})-lock$/
const mostNumbers = 50_000

/**
 * Takes the first number from `from` on that is free. A server that is left to pick one by itself asks its own network
 * namespace alone: it would put its socket in the place of one that a server in another namespace has in the same /tmp.
 * The lock is that of X itself (`/tmp/.X0-lock`): its pid on the first line, of which X reads nothing more. The next one
 * says whose it is. The abstract name of the number is held with it.
 */
export async function reserveDisplayNumber(hostId: string | undefined, from = 0): Promise<DisplayNumber> {
  const own = await mkdtemp(join(directory, '.porchlight-lock-'))
  try {
    const text = join(own, 'lock')
    const mark = hostId === undefined ? '' : `${markOf(hostId)}\n`
    await writeFile(text, `${String(process.pid).padStart(10)}\n${mark}`, { mode: 0o444 })
    for (let number = from; number < mostNumbers; number++) {
      const lock = lockOf(number)
      // Linked, so that it is there with all of its text or not at all.
      if (!(await isMade(link(text, lock)))) continue
      const name = await holdAbstractName(socketPathOf(number))
      let isReleased = false
      const release = async () => {
        if (name !== undefined && name !== 'taken' && !isReleased) name.release()
        isReleased = true
        await rm(lock, { force: true })
      }
      if (name !== 'taken' && !(await isListening(number))) return { number, release }
      await release()
    }
  } finally {
    await rm(own, { recursive: true, force: true })
  }
  throw new Error(`Cannot find a free display number from ${from} on`)
}

/** Removes the locks, and the sockets beside them, that a host has left when it was killed. Never rejects. */
export async function removeLeftNumbers(hostId: string): Promise<void> {
  const names = await readdir(directory).catch(() => [])
  for (const name of names) {
    const number = Number(lockName.exec(name)?.[1])
    if (Number.isNaN(number) || !(await isLockOf(join(directory, name), hostId))) continue
    if (await isListening(number)) continue
    await rm(socketPathOf(number), { force: true }).catch(() => {})
    await rm(join(directory, name), { force: true }).catch(() => {})
  }
}

function lockOf(number: number): string {
  return join(directory, `.X${number}-lock`)
}

function markOf(hostId: string): string {
  return `porchlight ${hostId}`
}

/** Anybody may put anything there: a link, a pipe, a device. */
async function isLockOf(path: string, hostId: string): Promise<boolean> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const found = await file.stat()
    if (!found.isFile() || found.uid !== process.getuid?.()) return false
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(200), position: 0 })
    return buffer.toString('latin1', 0, bytesRead).split('\n')[1] === markOf(hostId)
  } catch {
    return false
  }
}

/** Whether a server listens on the socket of a number. A file that nobody listens on any more refuses, in every namespace. */
async function isListening(number: number): Promise<boolean> {
  const socket = connect(socketPathOf(number))
  try {
    await once(socket, 'connect')
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code !== 'ECONNREFUSED' && code !== 'ENOENT'
  } finally {
    socket.destroy()
  }
}

async function isMade(making: Promise<void>): Promise<boolean> {
  try {
    await making
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}
