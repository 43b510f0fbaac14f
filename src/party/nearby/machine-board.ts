import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import { toldParty } from '../../wire/party/records.ts'
import type { Announcement, NearbyBoard, SharedParty } from '../contract/nearby.ts'
import { announcementSchema } from './announcement-schema.ts'

const lookMs = 5000
/** An announcement is written again before it is too old to count. */
const againMs = 20_000
const freshMs = 60_000
/** The discovery file is rewritten whole: changes of a party that come so soon after each other are written once. */
const togetherMs = 1000
const mostNearby = 64
const maxBytes = 4096
const maxSharedBytes = 1024 * 1024
const mostShared = 256

/** Members on the same machine, whoever's they are. */
export interface MachineBoard extends NearbyBoard, Disposable {
  /** Puts the party into the discovery file that all users of the machine share, `{party_id: party}`; undefined takes it out. */
  share(party: SharedParty | undefined): void
}

/**
 * A directory that all users of a machine may write in, as they may in that of temporary files. Each member has a file of its own there;
 * beside them is the discovery file, rewritten whole at each announcement. What is not a plain, small file is passed over.
 */
export function machineBoard(directory: string, { clock, log }: { clock: Clock; log: Log }): MachineBoard {
  const listeners = new Set<() => void>()
  let own: Announcement | undefined
  let shared: SharedParty | undefined
  let found: readonly Announcement[] = []
  let writingSoon: Timer | undefined
  const fileOf = (peerId: string) => join(directory, `${peerId.replaceAll(':', '_')}.json`)

  const attempt = (what: string, deed: () => void) => {
    try {
      deed()
    } catch (error) {
      log.debug(what, { error: messageOf(error) })
    }
  }
  const write = () =>
    attempt('Others on this machine are not told of the party', () => {
      openDirectory(directory)
      if (own) writeWhole(fileOf(own.peerId), JSON.stringify({ ...own, atMs: clock.epochMs() }))
      if (shared)
        rewriteShared(join(directory, discoveryFile), (all) => ({ ...all, [partyIdOf(shared)]: shared?.tell() }))
    })
  const writeSoon = () => {
    writingSoon ??= clock.after(togetherMs, () => {
      writingSoon = undefined
      write()
    })
  }
  const look = () => {
    const before = JSON.stringify(found)
    found = []
    attempt('Nobody is found on this machine', () => {
      found = readAll(directory, clock.epochMs()).filter(({ peerId }) => peerId !== own?.peerId)
    })
    if (JSON.stringify(found) !== before) for (const listener of listeners) listener()
  }
  const looking = clock.every(lookMs, look)
  const writing = clock.every(againMs, () => {
    if (own || shared) write()
  })
  look()
  return {
    announce(announcement) {
      if (own && !announcement)
        attempt('An announcement stays', () => rmSync(fileOf(own?.peerId ?? ''), { force: true }))
      own = announcement
      if (own) write()
      look()
    },
    share(party) {
      const gone = shared
      shared = party
      if (gone && gone.id !== party?.id) {
        attempt('A party stays in the discovery file', () =>
          rewriteShared(join(directory, discoveryFile), (all) =>
            Object.fromEntries(Object.entries(all).filter(([id]) => id !== gone.id)),
          ),
        )
      }
      if (party && party.id !== gone?.id) write()
      else if (party) writeSoon()
    },
    nearby() {
      look()
      return found
    },
    onChange(listener) {
      const entry = () => listener()
      listeners.add(entry)
      return () => void listeners.delete(entry)
    },
    [Symbol.dispose]() {
      looking.cancel()
      writing.cancel()
      writingSoon?.cancel()
      this.announce(undefined)
      this.share(undefined)
    },
  }
}

const discoveryFile = 'discovery.json'
const kept = v.looseObject({ atMs: v.number() })

/** As the directory of temporary files is: everybody writes, and takes away what is their own. */
function openDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true })
  const { mode, uid } = lstatSync(directory)
  if (uid === process.getuid?.() && (mode & 0o7777) !== 0o1777) chmodSync(directory, 0o1777)
}

function writeWhole(file: string, text: string): void {
  const fresh = `${file}.${process.pid}`
  rmSync(fresh, { force: true })
  writeFileSync(fresh, text, { flag: 'wx', mode: 0o644 })
  renameSync(fresh, file)
}

function readAll(directory: string, nowMs: number): readonly Announcement[] {
  const names = readdirSync(directory).filter((name) => name.endsWith('.json') && name !== discoveryFile)
  return names.slice(0, mostNearby).flatMap((name) => {
    try {
      const json: unknown = JSON.parse(readPlain(join(directory, name), maxBytes))
      if (Math.abs(nowMs - v.parse(kept, json).atMs) > freshMs) return []
      return [v.parse(announcementSchema, json)]
    } catch {
      return []
    }
  })
}

/** Nothing that leads elsewhere, waits or is large is read. */
function readPlain(file: string, maximum: number): string {
  const opened = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    return readOpened(opened, maximum)
  } finally {
    closeSync(opened)
  }
}

function readOpened(file: number, maximum: number): string {
  const found = fstatSync(file)
  if (!found.isFile() || found.size > maximum) throw new RangeError('it is not a small plain file')
  const bytes = Buffer.alloc(found.size)
  return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, 0))
}

type Shared = Readonly<Record<string, unknown>>

/** In place, since in such a directory nobody may put another file where somebody else's is. */
function rewriteShared(file: string, change: (all: Shared) => Shared): void {
  const flags = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const opened = openOrMake(file, flags)
  try {
    const all = change(readShared(opened))
    const text = JSON.stringify(Object.fromEntries(Object.entries(all).slice(-mostShared)))
    ftruncateSync(opened)
    writeSync(opened, text, 0)
  } finally {
    closeSync(opened)
  }
}

function openOrMake(file: string, flags: number): number {
  try {
    return openSync(file, flags)
  } catch {
    const made = openSync(file, flags | constants.O_CREAT | constants.O_EXCL, 0o666)
    chmodSync(file, 0o666)
    return made
  }
}

function readShared(file: number): Shared {
  try {
    const read = v.parse(v.record(v.string(), v.unknown()), JSON.parse(readOpened(file, maxSharedBytes)))
    return Object.fromEntries(Object.entries(read).filter(([, party]) => v.is(toldParty, party)))
  } catch {
    return {}
  }
}

function partyIdOf(party: SharedParty | undefined): string {
  return party?.id ?? ''
}
