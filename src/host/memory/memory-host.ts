import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { silentLog, type Log } from '../../kernel/log.ts'
import { Writable, type Readable } from '../../kernel/readable.ts'
import type { App } from '../apps/definition/app.ts'
import { testPattern } from '../apps/test-pattern.ts'
import type { Ledger } from '../contract/ledger.ts'
import type { OpenHost } from '../host-counters.ts'
import type { HostEvent } from '../contract/host-event.ts'
import type { HostLimits } from '../host-options.ts'
import type { LobbyArchive } from '../contract/lobby-archive.ts'
import type { HostParts } from '../contract/host-parts.ts'
import { openHost } from '../open-host.ts'
import { memoryApp, MemoryParts } from './memory-parts.ts'

/** A host on memory parts, with what it is made of. Disposing of it closes it and removes its directory. */
export interface MemoryHost extends AsyncDisposable {
  readonly host: OpenHost
  readonly parts: MemoryParts
  readonly clock: ManualClock
  /** Every event so far. */
  readonly events: readonly HostEvent[]
}

/** Opens a host in virtual time, whose apps are `memory` (on a display) and `test-pattern` unless others are given. */
export async function openMemoryHost(
  options: {
    readonly limits?: Partial<HostLimits>
    readonly lobbies?: LobbyArchive
    readonly ledger?: Ledger
    readonly log?: Log
    readonly apps?: Readable<readonly App[]>
    readonly clock?: ManualClock
    /** Other parts in the place of some. */
    readonly parts?: Partial<HostParts>
  } = {},
): Promise<MemoryHost> {
  const directory = await mkdtemp(join(tmpdir(), 'porchlight-memory-'))
  const parts = new MemoryParts()
  const { clock = new ManualClock() } = options
  const host = await openHost({
    parts: options.parts ? { ...partsOf(parts), ...options.parts } : parts,
    apps: options.apps ?? new Writable([memoryApp, testPattern]),
    runDirectory: join(directory, 'run'),
    dataDirectory: join(directory, 'data'),
    environment: {},
    clock,
    log: options.log ?? silentLog,
    // In the middle of the jitter's range, so that delays are those of the policy.
    random: () => 0.5,
    ...(options.limits && { limits: options.limits }),
    ...(options.lobbies && { lobbies: options.lobbies }),
    ...(options.ledger && { ledger: options.ledger }),
  })
  const events: HostEvent[] = []
  host.events.subscribe((event) => events.push(event))
  return {
    host,
    parts,
    clock,
    events,
    async [Symbol.asyncDispose]() {
      await host.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Parts as an object that can be spread. */
function partsOf(parts: MemoryParts): HostParts {
  return {
    openDisplay: (request) => parts.openDisplay(request),
    openScope: () => parts.openScope(),
    openSound: (request) => parts.openSound(request),
    openProducer: (id, spec) => parts.openProducer(id, spec),
    openWaitingRoom: (id, text) => parts.openWaitingRoom(id, text),
    gamepads: parts.gamepads,
    layouts: parts.layouts,
  }
}
