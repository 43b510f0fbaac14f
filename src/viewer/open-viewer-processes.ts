import { DurationWindow } from '../kernel/duration-window.ts'
import { Ending, type Closable } from '../kernel/ending.ts'
import type { Readable } from '../kernel/readable.ts'
import { createCounters } from './contract/gateway-counters.ts'
import {
  openViewerProcess,
  type Measures,
  type MediaPort,
  type ViewerProcess,
  type ViewerProcessEnd,
  type ViewerProcessOptions,
} from './open-viewer-process.ts'
import type { RemoteViewer, RemoteViewerEvents, ViewerRequest } from './remote-viewer.ts'
import { Suspicion, type Standing } from './suspicion.ts'

export interface ViewerProcessesOptions extends Omit<ViewerProcessOptions, 'suspicion' | 'udp' | 'measures'> {
  /** Of the first process; each other one has the number after that of the one before. */
  readonly udp: MediaPort
  /** How many there are, 1 at least. */
  readonly count: number
}

/** Where viewers live: in processes of their own, spread so that all have about as many. */
export interface ViewerProcesses extends Closable {
  /** In the order of their ports. */
  readonly processes: readonly Pick<ViewerProcess, 'pid' | 'viewers'>[]
  /** Of the first. */
  readonly pid: Readable<number | undefined>
  /** How many are there now. */
  readonly up: number
  /** How often one had to be started again, by what it ended of. */
  readonly ends: ReadonlyMap<ViewerProcessEnd, number>
  /** What was counted and measured of viewers, in the processes and by whoever feeds them, by their wire. */
  readonly measures: Measures
  /** Members that are not served by this wire any more. */
  readonly shutOut: number
  /** Opens a viewer where there are fewest. Throws ViewerError `suspected` or `shut-out`. */
  open(request: ViewerRequest, events: RemoteViewerEvents): RemoteViewer
  /** Binds all ports anew; see {@link ViewerProcess.move}. */
  move(udp: MediaPort): Promise<void>
  /** See {@link ViewerProcess.takeChannels}. */
  takeChannels: ViewerProcess['takeChannels']
  /** See {@link ViewerProcess.openReach}. */
  openReach: ViewerProcess['openReach']
  offence(memberId: string): void
  standing(memberId: string): Standing
}

/** Pictures over which latency is told: 17 seconds of one viewer, a second of many. */
const latencyWindow = 1024

function createMeasures(): Measures[keyof Measures] {
  return { counters: createCounters(), captureToPacketMs: new DurationWindow(latencyWindow), refusals: new Map() }
}

/** Starts all of them. Rejects with ViewerError `port-in-use` or `process-failed`, and none is left then. */
export async function openViewerProcesses(options: ViewerProcessesOptions): Promise<ViewerProcesses> {
  const { clock, count, udp, moonlight, native, onShutOut, ...shared } = options
  const shutOut = new Set<string>()
  // Whoever harms one process is not tried on the next one.
  const suspicion = new Suspicion()
  const measures: Measures = { webrtc: createMeasures(), moonlight: createMeasures(), native: createMeasures() }
  const noteShutOut = (memberIds: readonly string[]) => {
    for (const memberId of memberIds) shutOut.add(memberId)
    onShutOut(memberIds)
  }
  const portOf = ({ port, bindAddress }: MediaPort, index: number) => ({ port: port + index, bindAddress })
  const started = await Promise.allSettled(
    Array.from({ length: count }, (_, index) =>
      openViewerProcess({
        ...shared,
        clock,
        suspicion,
        measures,
        udp: portOf(udp, index),
        // One port has one process.
        moonlight: index === 0 ? moonlight : undefined,
        native: index === 0 ? native : undefined,
        onShutOut: noteShutOut,
      }),
    ),
  )
  const processes = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failure = started.find((one) => one.status === 'rejected')
  if (failure) {
    await Promise.all(processes.map((one) => one.close()))
    throw failure.reason
  }
  const ending = new Ending(async () => {
    await Promise.all(processes.map((one) => one.close()))
  })
  const [first] = processes
  if (!first) throw new RangeError(`Cannot start ${count} viewer processes: wanted 1 at least`)
  return {
    processes,
    measures,
    pid: first.pid,
    get up() {
      return processes.filter(({ pid }) => pid.value !== undefined).length
    },
    get ends() {
      const sum = new Map<ViewerProcessEnd, number>()
      for (const { ends } of processes) for (const [end, times] of ends) sum.set(end, (sum.get(end) ?? 0) + times)
      return sum
    },
    get shutOut() {
      return shutOut.size
    },
    open(request, events) {
      if (request.wire.kind !== 'webrtc') return first.open(request, events)
      const up = processes.filter(({ pid }) => pid.value !== undefined)
      const [least = first, ...others] = up.length > 0 ? up : processes
      return others.reduce((fewest, one) => (one.viewers < fewest.viewers ? one : fewest), least).open(request, events)
    },
    async move(moved) {
      await Promise.all(processes.map((one, index) => one.move(portOf(moved, index))))
    },
    takeChannels: (take) => first.takeChannels(take),
    openReach: (origin, events) => first.openReach(origin, events),
    offence: (memberId) => first.offence(memberId),
    standing: (memberId) => suspicion.standing(memberId, clock.nowMs()),
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}
