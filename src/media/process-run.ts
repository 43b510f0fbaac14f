import type { Clock } from '../kernel/clock.ts'
import { type Closable, type End } from '../kernel/ending.ts'
import type { Log } from '../kernel/log.ts'
import { ConversationMonitor } from '../kernel/monitor/conversation.ts'
import { receiver, typedReceiver } from '../kernel/monitor/conversation-peer.ts'
import type { Handlers, TypedMonitor } from '../kernel/monitor/typed-conversation.ts'
import { ChildRun } from '../os/child/child-run.ts'
import { controlType, decodeControl, encodeControl } from '../os/child/frame.ts'
import { mediaProcess, serverPlan } from './link/conversation.ts'
import { type Order, parseReport, type Report } from './link/messages.ts'
import {
  audioType,
  decodeAudio,
  decodeStill,
  decodeVideo,
  encodeVoice,
  stillType,
  videoType,
  violation,
  type VoiceFrame,
} from './link/protocol.ts'
import { vital } from './link/vital.ts'

export interface ProcessRunOptions {
  readonly clock: Clock
  readonly log: Log
  readonly environment: Readonly<Record<string, string | undefined>>
  /** What is done with each report, and with units. */
  readonly handlers: ReportHandlers
}

export type ReportHandlers = Handlers<typeof mediaProcess, 'server'>
type ServerMonitor = TypedMonitor<typeof mediaProcess, 'server'>

/** With so much in wait, voices are dropped: what comes late is not heard. */
const congestedBytes = 64 * 1024

const processEnvironment = {
  // Reads, grabs and encodings each block a thread of the pool for a while.
  UV_THREADPOOL_SIZE: '8',
  // glibc would keep the large buffers that each of these threads has freed: 400 MB instead of 150 after a while.
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: String(256 * 1024),
} as const

/** One life of a media process, from its start to its end. */
export class ProcessRun implements Closable {
  readonly closed: Promise<End>
  readonly #run: ChildRun
  readonly #watch: ServerMonitor

  private constructor(run: ChildRun, watch: ServerMonitor) {
    this.#run = run
    this.#watch = watch
    this.closed = run.closed
  }

  /** Resolves with its hello. Rejects with ChildError `process-failed` when it does not come to that. */
  static async start(options: ProcessRunOptions): Promise<ProcessRun> {
    const { clock, log, environment, handlers } = options
    const monitor = new ConversationMonitor(serverPlan)
    const receive = receiver(mediaProcess, 'server', monitor, handlers)
    const report = typedReceiver(mediaProcess, 'server', monitor, handlers) as (message: Report) => void
    const run = await ChildRun.start({
      name: 'media process',
      main: new URL('process/main.ts', import.meta.url),
      environment: { ...environment, ...processEnvironment },
      vital,
      clock,
      log,
      onFrame: (type, body) => {
        if (type === videoType) receive('video', decodeVideo(body))
        else if (type === audioType) receive('audio', decodeAudio(body))
        else if (type === stillType) receive('still', decodeStill(body))
        else if (type === controlType) report(parseReport(decodeControl(body)))
        else throw violation(`a frame of type ${type} came from the media process`)
      },
    })
    return new ProcessRun(run, monitor)
  }

  get pid(): number | undefined {
    return this.#run.pid
  }

  /** Throws a ProtocolViolation for an order that no process could make sense of. */
  send(order: Order): void {
    this.#watch.sent(order.type)
    this.#run.send(encodeControl(order))
  }

  speak(frame: VoiceFrame): void {
    if (this.#run.waitingBytes > congestedBytes) return
    this.#watch.sent('voice')
    this.#run.send(encodeVoice(frame))
  }

  close(reason?: string): Promise<void> {
    return this.#run.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
