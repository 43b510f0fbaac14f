import { randomBytes } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { Ending, type Closable } from '../kernel/ending.ts'
import { relayIdOf } from '../net/relay/lease-signing.ts'
import type { KeepLeaseRecording, RelayNews } from './relay-core.ts'
import { defaultRelayLimits, newRelayCounters, type RelayLimits } from './relay-limits.ts'
import type { FromRelayThread, RelayThreadData, ToRelayThread } from './relay-thread.ts'
import type { TurnBeside } from './turn-grants.ts'
import type { RelaySettings, RelayStatus, RelayWorker } from './relay-worker.ts'
import { SharedStatus } from './shared-status.ts'

export interface RelayOptions {
  readonly addresses: readonly string[]
  /** 0 for any that is free. */
  readonly port: number
  /** What leases call it. */
  readonly name: string
  readonly issuers: readonly Uint8Array[]
  /** Threads; more than one share the port. */
  readonly workers: number
  readonly limits?: Partial<RelayLimits>
  /** A TURN server whose credentials it gives to holders of leases; none when left out. */
  readonly turn?: TurnBeside | undefined
  /** Nothing is recorded when left out. */
  readonly keepRecording?: KeepLeaseRecording | undefined
}

export interface Relay extends Closable {
  readonly port: number
  /** Of all workers. */
  status(): RelayStatus
}

/** A worker in a thread of its own. */
interface RelayThread extends Pick<RelayWorker, 'port' | 'learn' | 'close'> {
  status(): RelayStatus
}

/** Opens a relay. Rejects with the system's error where a port cannot be had. */
export async function openRelay(options: RelayOptions): Promise<Relay> {
  const { addresses, port, name, issuers, workers } = options
  const settings: RelaySettings = {
    addresses,
    port,
    issuers,
    id: relayIdOf(name),
    secret: randomBytes(32),
    limits: { ...defaultRelayLimits, ...options.limits },
    turn: options.turn,
    isShared: workers > 1,
    isRecorded: options.keepRecording !== undefined,
  }
  const { keepRecording = () => {} } = options
  const all: RelayThread[] = []
  /** A worker forgets nothing of what it was told, so the order in which they open does not matter. */
  const tell = (from: () => RelayThread | undefined, news: RelayNews) => {
    for (const worker of all) if (worker !== from()) worker.learn(news)
  }
  const ending = new Ending(async () => {
    await Promise.all(all.map((worker) => worker.close()))
  })
  try {
    for (let index = 0; index < workers; index++) {
      const own: { worker?: RelayThread } = {}
      const hear = (news: RelayNews) => tell(() => own.worker, news)
      const at = all[0]?.port ?? port
      const place = { ...settings, port: at }
      own.worker = await openThread(place, { tell: hear, keepRecording, fail: (error) => void ending.fail(error) })
      all.push(own.worker)
    }
  } catch (error) {
    await ending.close()
    throw error
  }
  return {
    port: all[0]?.port ?? port,
    status: () => sumOf(all.map((worker) => worker.status())),
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}

async function openThread(
  settings: RelaySettings,
  {
    tell,
    keepRecording,
    fail,
  }: {
    readonly tell: (news: RelayNews) => void
    readonly keepRecording: KeepLeaseRecording
    readonly fail: (error: Error) => void
  },
): Promise<RelayThread> {
  const status = new SharedStatus()
  const workerData: RelayThreadData = { settings, status: status.memory }
  const thread = new Worker(new URL('./relay-thread.ts', import.meta.url), { workerData })
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- it is a thread and no window
  const say = (message: ToRelayThread) => thread.postMessage(message)
  const opened = Promise.withResolvers<number>()
  const gone = Promise.withResolvers<void>()
  thread.on('message', (message: FromRelayThread) => {
    if (message.type === 'open') opened.resolve(message.port)
    else if (message.type === 'news') tell(message.news)
    else if (message.type === 'recording') keepRecording(message.end, message.recording)
  })
  thread.on('error', (error: unknown) => {
    const cause = error instanceof Error ? error : new Error(String(error))
    opened.reject(cause)
    fail(cause)
  })
  thread.on('exit', () => gone.resolve())
  const port = await opened.promise
  return {
    port,
    learn: (news) => say({ type: 'news', news }),
    status: () => status.read(),
    close: async () => {
      say({ type: 'close' })
      await gone.promise
    },
  }
}

/** A session is known to every worker, and counted once. */
function sumOf(statuses: readonly RelayStatus[]): RelayStatus {
  const counters = newRelayCounters()
  for (const status of statuses) {
    for (const name of Object.keys(counters) as (keyof typeof counters)[]) counters[name] += status.counters[name]
  }
  return { sessions: Math.max(0, ...statuses.map(({ sessions }) => sessions)), counters }
}
