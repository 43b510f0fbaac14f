import { randomBytes } from 'node:crypto'
import * as v from 'valibot'
import type { Settings } from '../../store/settings.ts'
import { isSameDirectory, place, type DirectoryIdentity } from './directory-identity.ts'

/** The setting in which a host keeps what it is known by, as JSON. */
const setting = 'host'

const kept = v.object({ id: v.pipe(v.string(), v.regex(/^[\da-f]{12}$/)), place })

export interface HostIdentity {
  /** 12 hexadecimal digits, good for the names of files, control groups and containers. */
  readonly id: string
  /** Whether the data came from another host, which may still run. */
  readonly isCopy: boolean
}

/**
 * What the host of a data directory is known by among all of a machine: everything that it starts carries it, and what it
 * has left is found by it. It stays with the directory; a copy of the directory gets another one, so that it never takes
 * the original's apps for its own. To be called by who has the directory for itself. May throw a StoreError.
 */
export function hostIdentity(settings: Settings, now: DirectoryIdentity): HostIdentity {
  const before = read(settings.get(setting))
  const isSame = before !== undefined && isSameDirectory(before.place, now)
  const id = isSame ? before.id : newHostId()
  settings.set(setting, JSON.stringify({ id, place: now }))
  return { id, isCopy: before !== undefined && !isSame }
}

/** What nobody else has. */
export function newHostId(): string {
  return randomBytes(6).toString('hex')
}

/** Whether the data in a directory has been used there, and not in the one that it was copied from. May throw a StoreError. */
export function isAtHome(settings: Settings, now: DirectoryIdentity): boolean {
  const before = read(settings.get(setting))
  return before === undefined || isSameDirectory(before.place, now)
}

function read(text: string | undefined) {
  try {
    const found = v.safeParse(kept, JSON.parse(text ?? 'null'))
    return found.success ? found.output : undefined
  } catch {
    return undefined
  }
}
