import type { Clock } from '../kernel/clock.ts'
import type { Closable, End } from '../kernel/ending.ts'
import type { Log } from '../kernel/log.ts'
import { ConversationMonitor } from '../kernel/monitor/conversation.ts'
import { receiver, typedReceiver } from '../kernel/monitor/conversation-peer.ts'
import type { Handlers, TypedMonitor } from '../kernel/monitor/typed-conversation.ts'
import { violation } from '../os/child/child-error.ts'
import { ChildRun, type ChildFate } from '../os/child/child-run.ts'
import { controlType, decodeControl, encodeControl } from '../os/child/frame.ts'
import { serverPlan, viewerProcess } from './link/conversation.ts'
import { parseReport, type NativeIceServer, type NativePort, type Order, type Report } from './link/messages.ts'
import {
  decodeInput,
  decodeMessage,
  decodePacket,
  decodeStream,
  decodeText,
  decodeVoice,
  encodeMessage,
  encodePacket,
  encodeStream,
  inputType,
  type MessageFrame,
  messageType,
  type PacketFrame,
  packetType,
  type StreamFrame,
  streamType,
  textType,
  voiceType,
} from './link/protocol.ts'
import type { UnitInlet } from '../media/contract/unit-inlets.ts'
import { vital } from './link/vital.ts'
import { UnitLane } from './unit-lane.ts'
import { ViewerError } from './contract/viewer-error.ts'

export interface ViewerRunOptions {
  readonly udp: { readonly port: number; readonly bindAddress: string | undefined }
  readonly iceServers: readonly NativeIceServer[]
  /** Where Moonlight's clients are served; undefined where they are not. */
  readonly moonlight: { readonly port: number; readonly bindAddress: string | undefined } | undefined
  /** Where the native transport is served; undefined where it is not. */
  readonly native: NativePort | undefined
  /** Where it takes pictures from media processes; undefined where they all come from here. */
  readonly inlet: UnitInlet | undefined
  /** It is closed in order from now: nobody is to send there any more. */
  readonly onClosing: () => void
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly log: Log
  /** What is done with each report, and with what viewers send. */
  readonly handlers: ReportHandlers
}

/** Whether the process has its port is asked here. */
export type ReportHandlers = Omit<Handlers<typeof viewerProcess, 'server'>, 'begun' | 'port-refused'>

type ServerMonitor = TypedMonitor<typeof viewerProcess, 'server'>

const processEnvironment = {
  // The library takes and frees packets on threads of its own; a heap for each would only grow.
  MALLOC_ARENA_MAX: '2',
} as const

/** Taking the port takes a few milliseconds, and as long again where a former process still lets go of it. */
const beginLimitMs = 5000

/** With so much in wait, pictures are dropped: the process does not keep up. */
const congestedBytes = 1024 * 1024

/** One life of a viewer process, from its start to its end. */
export class ViewerRun implements Closable {
  readonly closed: Promise<End>
  /** The way of units to it. */
  readonly units: UnitLane
  /** The number of its inlet. */
  readonly link: number | undefined
  readonly #run: ChildRun
  readonly #watch: ServerMonitor
  readonly #onClosing: () => void

  private constructor(
    run: ChildRun,
    watch: ServerMonitor,
    { inlet, onClosing }: Pick<ViewerRunOptions, 'inlet' | 'onClosing'>,
  ) {
    this.#run = run
    this.link = inlet?.link
    this.#watch = watch
    this.#onClosing = onClosing
    this.closed = run.closed
    this.units = new UnitLane({
      write: (label, frame) => {
        watch.sent(label)
        run.send(frame)
      },
    })
  }

  /**
   * Resolves when it has its port. Rejects with ViewerError `port-in-use` when that cannot be had, with ChildError
   * `process-failed` when it does not come to that.
   */
  static async start(options: ViewerRunOptions): Promise<ViewerRun> {
    const { udp, iceServers, moonlight, native, inlet, environment, clock, log } = options
    const begun = Promise.withResolvers<ViewerError | undefined>()
    const monitor = new ConversationMonitor(serverPlan)
    const handlers = {
      ...options.handlers,
      begun: (begin: Pick<Extract<Report, { type: 'begun' }>, 'moonlight' | 'native'>) => {
        if (begin.moonlight !== undefined) log.warn("Moonlight's clients cannot be served", { reason: begin.moonlight })
        if (begin.native !== undefined) log.warn('The native transport cannot be served', { reason: begin.native })
        begun.resolve(undefined)
      },
      'port-refused': ({ reason }: { readonly reason: string }) =>
        begun.resolve(new ViewerError('port-in-use', reason)),
    }
    const receive = receiver(viewerProcess, 'server', monitor, handlers)
    const report = typedReceiver(viewerProcess, 'server', monitor, handlers) as (message: Report) => void
    const child = await ChildRun.start({
      name: 'viewer process',
      main: new URL('process/main.ts', import.meta.url),
      environment: { ...environment, ...processEnvironment },
      vital,
      clock,
      log,
      onFrame: (type, body) => {
        if (type === voiceType) receive('voice', decodeVoice(body))
        else if (type === inputType) receive('input', decodeInput(body))
        else if (type === textType) receive('text', decodeText(body))
        else if (type === messageType) receive('message', decodeMessage(body))
        else if (type === packetType) receive('packet', decodePacket(body))
        else if (type === streamType) receive('stream', decodeStream(body))
        else if (type === controlType) report(parseReport(decodeControl(body)))
        else throw violation(`a frame of type ${type} came from the viewer process`)
      },
    })
    const run = new ViewerRun(child, monitor, options)
    run.send({
      type: 'begin',
      udp: { ...udp },
      iceServers: [...iceServers],
      moonlight: moonlight && { ...moonlight },
      native: native && { ...native, stunServers: native.stunServers.map((each) => ({ ...each })) },
      inlet: inlet && { path: inlet.path, key: inlet.key },
    })
    const failed = (found: string) => begun.resolve(new ViewerError('process-failed', `Cannot serve viewers: ${found}`))
    const timer = clock.after(beginLimitMs, () => failed('the viewer process did not take its port'))
    void child.closed.then((end) => failed(end.kind === 'error' ? end.error.message : end.reason))
    const error = await begun.promise
    timer.cancel()
    if (!error) return run
    await run.close()
    throw error
  }

  get pid(): number | undefined {
    return this.#run.pid
  }

  get fate(): ChildFate | undefined {
    return this.#run.fate
  }

  /** It does not keep up with what it is given. */
  get congested(): boolean {
    return this.#run.waitingBytes > congestedBytes
  }

  /** Throws a ProtocolViolation for an order that no process could make sense of. */
  send(order: Order): void {
    this.#watch.sent(order.type)
    this.#run.send(encodeControl(order))
  }

  /** Says something on a channel. */
  message(frame: MessageFrame): void {
    this.#watch.sent('message')
    this.#run.send(encodeMessage(frame))
  }

  /** Hands on what came through the web port; one that does not keep up gets no more for now, as on any path. */
  packet(frame: PacketFrame): void {
    if (this.congested) return
    this.#watch.sent('packet')
    this.#run.send(encodePacket(frame))
  }

  /** Says something on a stream of a channel. */
  stream(frame: StreamFrame): void {
    this.#watch.sent('stream')
    this.#run.send(encodeStream(frame))
  }

  close(reason?: string): Promise<void> {
    this.#onClosing()
    return this.#run.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
