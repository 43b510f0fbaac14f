import { join } from 'node:path'
import type { Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { openLock } from '../../store/open-lock.ts'
import { makeDataDirectory } from '../files/data-directory.ts'
import { ServerError } from '../contract/server-error.ts'
import { describeHolder, howToStop, readHolder, removeHolder, thisServer, writeHolder, type Holder } from './holder.ts'

/** A data directory that this server has for itself until it is disposed of. */
export interface Occupancy extends Disposable {
  /** The server before this one, if it did not end in order. */
  readonly former: Holder | undefined
  /** Tells others where this server can be reached. Throws the system's error. */
  tell(url: string): void
}

/** One that is just ending, or a look of `doctor`, is waited for so long. */
const patienceMs = 300

/**
 * Takes a data directory, which is made when it does not exist, for this server alone, before anything in it is touched.
 * Throws ServerError `data-directory-in-use`, which names the server that has it, or `data-directory-unusable`.
 */
export function occupy(dataDirectory: string, clock: Clock): Occupancy {
  makeDataDirectory(dataDirectory)
  const lock = lockOf(dataDirectory, patienceMs)
  if (!lock) {
    const holder = readHolder(dataDirectory)
    const remedy = `${howToStop(holder)}, or give this one a directory of its own with --data.`
    throw new ServerError(
      'data-directory-in-use',
      `Cannot start on the data in ${dataDirectory}: ${describeHolder(holder)} runs on it. ${remedy}`,
    )
  }
  try {
    const former = readHolder(dataDirectory)
    const self = thisServer(clock.epochMs())
    writeHolder(dataDirectory, self)
    return {
      former,
      tell: (url) => writeHolder(dataDirectory, { ...self, url }),
      [Symbol.dispose]() {
        removeHolder(dataDirectory)
        lock[Symbol.dispose]()
      },
    }
  } catch (error) {
    lock[Symbol.dispose]()
    throw unusable(dataDirectory, error)
  }
}

/** Runs `work`, which is told whether a server runs on a data directory; none can start meanwhile. Throws what it throws. */
export function besideServers<T>(dataDirectory: string, work: (isOccupied: boolean) => T): T {
  using lock = lockOf(dataDirectory, 0)
  return work(lock === undefined)
}

/** The server that runs on a data directory, which has to exist; undefined when none does. */
export function occupantOf(dataDirectory: string): { readonly holder: Holder | undefined } | undefined {
  return besideServers(dataDirectory, (isOccupied) => {
    return isOccupied ? { holder: readHolder(dataDirectory) } : undefined
  })
}

function lockOf(dataDirectory: string, waitMs: number) {
  try {
    return openLock(join(dataDirectory, 'server.lock'), waitMs)
  } catch (error) {
    throw unusable(dataDirectory, error)
  }
}

function unusable(dataDirectory: string, error: unknown): ServerError {
  return new ServerError(
    'data-directory-unusable',
    `Cannot keep data in ${dataDirectory}: ${messageOf(error)}. Choose another directory with --data.`,
    { cause: error },
  )
}
