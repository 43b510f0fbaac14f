import { rm } from 'node:fs/promises'
import type { Clock } from '../kernel/clock.ts'
import { messageOf } from '../kernel/coded-error.ts'
import type { DurationWindow } from '../kernel/duration-window.ts'
import { Ending, type Closable } from '../kernel/ending.ts'
import type { Log } from '../kernel/log.ts'
import { Writable, type Readable } from '../kernel/readable.ts'
import type { ChildFate } from '../os/child/child-run.ts'
import type { UnitInlet, UnitInlets } from '../media/contract/unit-inlets.ts'
import { Supervisor } from '../os/child/supervisor.ts'
import type { GatewayCounters } from './contract/gateway-counters.ts'
import type { NativeIceServer, NativePort, Report } from './link/messages.ts'
import { addCounts } from './process/tally.ts'
import { codeOf, RemoteChannel } from './remote-channel.ts'
import { RemoteReach, type RemoteReachEvents } from './remote-reach.ts'
import { RemoteViewer, type RemoteViewerEvents, type ViewerRequest } from './remote-viewer.ts'
import type { Standing, Suspicion } from './suspicion.ts'
import { ViewerError } from './contract/viewer-error.ts'
import { ViewerRun, type ReportHandlers } from './viewer-run.ts'

/** The one port for all media; `bindAddress` undefined means all interfaces but loopback. */
export interface MediaPort {
  readonly port: number
  readonly bindAddress: string | undefined
}

export interface ViewerProcessOptions {
  readonly udp: MediaPort
  readonly iceServers: readonly NativeIceServer[]
  /** Where Moonlight's clients are served; nowhere when left out. */
  readonly moonlight?: MediaPort | undefined
  /** Where clients of the native transport are served; nowhere when left out. */
  readonly native?: NativePort | undefined
  readonly clock: Clock
  readonly log: Log
  /** Uniform in [0, 1); spreads retries. */
  readonly random: () => number
  /** Of the process, this one's by default. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Takes what the process counts and measures. */
  readonly measures: Measures
  /** Where the process takes pictures from media processes; all come from here when left out. */
  readonly inlets?: UnitInlets | undefined
  /** Whose packets may have harmed a process; one for all processes of a host. */
  readonly suspicion: Suspicion
  /** Members whose packets were seen to harm the process, for the second time. */
  readonly onShutOut: (memberIds: readonly string[]) => void
}

/** What is counted of viewers, by the wire that they are on. */
export type Measures = Readonly<
  Record<
    ViewerRequest['wire']['kind'],
    {
      readonly counters: GatewayCounters
      /** From the capture of a picture to its last packet, in milliseconds. */
      readonly captureToPacketMs: DurationWindow
      /** What came to nothing of what strangers sent to a port of this wire, by why. */
      readonly refusals: Map<string, number>
    }
  >
>

/** What a viewer process ended of. */
export type ViewerProcessEnd = 'killed' | 'crashed' | 'hung' | 'stuck' | 'stopped' | 'broken'

/** Where viewers live: a process of their own, of which there is always one on each port. */
export interface ViewerProcess extends Closable {
  /** Undefined while there is none. */
  readonly pid: Readable<number | undefined>
  /** How often it had to be started again, by what it ended of. */
  readonly ends: ReadonlyMap<ViewerProcessEnd, number>
  /** How many live there now. */
  readonly viewers: number
  /**
   * Opens a viewer; when there is no process at the moment, as soon as there is one. Throws ViewerError
   * `suspected` or `shut-out`.
   */
  open(request: ViewerRequest, events: RemoteViewerEvents): RemoteViewer
  /**
   * Binds the port anew, in another process: the library knows one socket for each port. Viewers are told that theirs is
   * lost, and may come again. Resolves when it is bound, or could not be yet.
   */
  move(udp: MediaPort): Promise<void>
  /** Takes the channels of the native transport that open from now on; without anybody they are turned away. */
  takeChannels(take: (channel: RemoteChannel) => void): void
  /** Begins a reach for somebody at the web port; undefined where nobody can be reached now. */
  openReach(origin: string, events: RemoteReachEvents): RemoteReach | undefined
  /** A member's client sent what no client sends. */
  offence(memberId: string): void
}

type ChannelReport = Extract<Report, { type: 'channel' }>

/** RFC 6455, section 7.4.1 and the registry. */
const tryAgainLater = 1013

/** Whoever watches waits for it. */
const restartPolicy = { baseDelayMs: 20, maxDelayMs: 1000, jitterFactor: 0.2, healthyAfterMs: 30_000 } as const

/** What native code dies of by itself; any other signal came from outside. */
const fatalSignals: ReadonlySet<string> = new Set([
  'SIGSEGV',
  'SIGABRT',
  'SIGBUS',
  'SIGILL',
  'SIGFPE',
  'SIGTRAP',
  'SIGSYS',
])

/** Starts the process and keeps one running. Rejects with ViewerError `port-in-use` or `process-failed`. */
export async function openViewerProcess(options: ViewerProcessOptions): Promise<ViewerProcess> {
  const { iceServers, moonlight, native, inlets, clock, log, random, measures, suspicion } = options
  const { environment = process.env } = options
  const viewers = new Map<number, RemoteViewer>()
  const ends = new Map<ViewerProcessEnd, number>()
  const pid = new Writable<number | undefined>(undefined)
  let { udp } = options
  let nextId = 1
  /** Those of whom the process said that they make it spin. */
  let stuck: readonly number[] = []

  const shut = (memberIds: readonly string[]) => {
    if (memberIds.length === 0) return
    log.warn('Members are shut out for what their packets did', { memberIds })
    options.onShutOut(memberIds)
  }
  const channels = new Map<number, RemoteChannel>()
  const reaches = new Map<number, RemoteReach>()
  let nextReach = 1
  const endReaches = () => {
    for (const reach of reaches.values()) reach.over('the viewer process has ended')
    reaches.clear()
  }
  let takeChannel = (channel: RemoteChannel) => channel.close(tryAgainLater, 'This host is not ready')
  /** Those that opened before the process was known to be up. */
  const early: ChannelReport[] = []
  const openChannel = ({ channel: id, publicKey, origin, path }: ChannelReport, run: ViewerRun) => {
    const facts = { id, publicKey: Uint8Array.from(Buffer.from(publicKey, 'hex')), origin, path }
    const channel = new RemoteChannel(facts, run)
    channels.set(id, channel)
    takeChannel(channel)
  }
  const endChannels = () => {
    early.length = 0
    for (const channel of channels.values()) channel.over({ code: undefined })
    channels.clear()
  }
  const tell = (report: Extract<Report, { viewer: number }>) => viewers.get(report.viewer)?.hear(report)
  const handlers: ReportHandlers = {
    described: tell,
    recognised: tell,
    'local-candidate': tell,
    gathered: tell,
    opened: tell,
    bitrate: tell,
    keyframe: tell,
    resync: tell,
    observed: tell,
    statistics: tell,
    fault: tell,
    recording: tell,
    ended: tell,
    tally: ({ wire, counts, latenciesMs, refusals: more }) => {
      const { counters, captureToPacketMs, refusals } = measures[wire]
      for (const [cause, count] of Object.entries(more)) refusals.set(cause, (refusals.get(cause) ?? 0) + count)
      addCounts(counters, counts)
      for (const latencyMs of latenciesMs) captureToPacketMs.add(latencyMs)
    },
    stuck: (report) => {
      stuck = report.viewers
    },
    log: ({ level, message }) => log[level](message),
    channel: (report) => {
      if (supervisor.run) openChannel(report, supervisor.run)
      else early.push(report)
    },
    'channel-over': ({ channel, cause, by, reason }) => {
      channels.get(channel)?.over(by === 'peer' ? { code: codeOf(cause), reason } : { code: undefined })
      channels.delete(channel)
    },
    message: ({ channel, message }) => channels.get(channel)?.hear(message),
    'reach-signal': ({ reach, signal }) => reaches.get(reach)?.events.signal(signal),
    packet: ({ reach, packet }) => reaches.get(reach)?.events.packet(packet),
    'reach-over': ({ reach, reason }) => {
      reaches.get(reach)?.over(reason)
      reaches.delete(reach)
    },
    stream: (frame) => channels.get(frame.channel)?.hearStream(frame),
    voice: ({ viewer, unit }) => viewers.get(viewer)?.voice(unit),
    text: ({ viewer, text }) => viewers.get(viewer)?.text(text),
    input: ({ viewer, channel, isText, message }) =>
      viewers.get(viewer)?.input(channel, isText ? new TextDecoder().decode(message) : message),
  }
  const suspect = (end: ViewerProcessEnd) => {
    const membersOf = (ids: Iterable<number>) => [...new Set([...ids].flatMap((id) => viewers.get(id)?.memberId ?? []))]
    if (end === 'stuck') {
      const suspects = membersOf(stuck)
      return suspicion.incident({ suspects, proved: suspects.length === 1 }, clock.nowMs())
    }
    if (end !== 'crashed' && end !== 'hung') return []
    return suspicion.incident({ suspects: membersOf(viewers.keys()), proved: false }, clock.nowMs())
  }
  /** Media processes know of it before any viewer does. */
  const offer = (inlet: UnitInlet, run: ViewerRun) => {
    inlets?.add(inlet)
    void run.closed.then(() => {
      inlets?.remove(inlet)
      // One that was killed leaves its socket.
      return rm(inlet.path, { force: true }).catch(() => {})
    })
  }
  const supervisor = new Supervisor<ViewerRun>({
    name: 'viewer process',
    policy: restartPolicy,
    clock,
    random,
    log,
    async start() {
      for (;;) {
        const bound = udp
        const inlet = inlets?.next()
        const run = await ViewerRun.start({
          udp: bound,
          inlet,
          onClosing: () => inlet && inlets?.remove(inlet),
          iceServers,
          moonlight,
          native,
          environment,
          clock,
          log,
          handlers,
        })
        if (bound === udp) {
          if (inlet) offer(inlet, run)
          return run
        }
        await run.close('its port is another one')
      }
    },
    onUp: (run) => {
      pid.set(run.pid)
      for (const viewer of viewers.values()) viewer.processUp(run)
      for (const report of early.splice(0)) openChannel(report, run)
    },
    onDown: ({ fate }, reason, isReplaced) => {
      pid.set(undefined)
      endChannels()
      endReaches()
      if (isReplaced) {
        for (const viewer of viewers.values()) viewer.processDown(reason)
        return
      }
      const end = stuck.length > 0 ? 'stuck' : endOf(fate)
      ends.set(end, (ends.get(end) ?? 0) + 1)
      const guilty = suspect(end)
      stuck = []
      for (const viewer of viewers.values()) viewer.processDown(describe[end])
      shut(guilty)
    },
  })
  try {
    await supervisor.begin()
  } catch (error) {
    if (error instanceof ViewerError) throw error
    throw new ViewerError('process-failed', messageOf(error), { cause: error })
  }
  const ending = new Ending(async () => {
    await Promise.all([...viewers.values()].map((viewer) => viewer.close('the viewer process ends')))
    await supervisor.close()
    pid.set(undefined)
  })
  const standing = (memberId: string) => suspicion.standing(memberId, clock.nowMs())
  return {
    pid,
    ends,
    get viewers() {
      return viewers.size
    },
    open(request, events) {
      const found = standing(request.memberId)
      if (found !== 'good') throw new ViewerError(found === 'shut-out' ? found : 'suspected', refusals[found])
      const viewer = new RemoteViewer({ id: nextId++, request, events, clock })
      viewers.set(viewer.id, viewer)
      void viewer.closed.then(() => viewers.delete(viewer.id))
      if (ending.begun) viewer.processDown('the host is closing')
      else if (supervisor.run) viewer.processUp(supervisor.run)
      return viewer
    },
    async move(moved) {
      if (moved.port === udp.port && moved.bindAddress === udp.bindAddress) return
      udp = moved
      await supervisor.replace('its port is bound anew')
    },
    takeChannels(take) {
      takeChannel = take
    },
    openReach(origin, events) {
      const { run } = supervisor
      if (!native || !run || ending.begun) return undefined
      const reach = new RemoteReach({ id: nextReach, origin, events, run })
      reaches.set(nextReach++, reach)
      return reach
    },
    offence(memberId) {
      if (suspicion.offence(memberId)) shut([memberId])
    },
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}

const refusals: Readonly<Record<Exclude<Standing, 'good'>, string>> = {
  waiting: 'What carries WebRTC has failed: others are tried first',
  barred: 'What carries WebRTC has failed whenever you were there',
  'shut-out': 'What your client sent has harmed this host, twice',
}

/** For people. */
const describe: Readonly<Record<ViewerProcessEnd, string>> = {
  killed: 'it was killed',
  crashed: 'it crashed',
  hung: 'it hung',
  stuck: 'it was stuck on a packet',
  stopped: 'it was stopped',
  broken: 'it failed',
}

function endOf(fate: ChildFate | undefined): ViewerProcessEnd {
  if (fate?.kind !== 'exit') return fate?.kind ?? 'broken'
  if (fate.signal !== null) return fatalSignals.has(fate.signal) ? 'crashed' : 'killed'
  return fate.code === 0 ? 'broken' : 'crashed'
}
