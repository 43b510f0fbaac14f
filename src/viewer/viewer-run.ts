import type { Clock } from '../kernel/clock.ts'
import type { Closable, End } from '../kernel/ending.ts'
import type { Log } from '../kernel/log.ts'
import { violation } from '../os/child/child-error.ts'
import { ChildRun, type ChildFate } from '../os/child/child-run.ts'
import { controlType, decodeControl, encodeControl } from '../os/child/frame.ts'
import { parseReport, type NativeIceServer, type Order, type Report } from './link/messages.ts'
import { decodeInput, decodeVoice, inputType, voiceType, type InputFrame, type VoiceFrame } from './link/protocol.ts'
import { vital } from './link/vital.ts'
import { UnitLane } from './unit-lane.ts'
import { ViewerError } from './viewer-error.ts'

export interface ViewerRunOptions {
  readonly udp: { readonly port: number; readonly bindAddress: string | undefined }
  readonly iceServers: readonly NativeIceServer[]
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly log: Log
  readonly onReport: (report: Report) => void
  readonly onVoice: (frame: VoiceFrame) => void
  readonly onInput: (frame: InputFrame) => void
}

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
  readonly #run: ChildRun

  private constructor(run: ChildRun) {
    this.#run = run
    this.closed = run.closed
    this.units = new UnitLane({ write: (frame) => run.send(frame) })
  }

  /**
   * Resolves when it has its port. Rejects with ViewerError `port-in-use` when that cannot be had, with ChildError
   * `process-failed` when it does not come to that.
   */
  static async start(options: ViewerRunOptions): Promise<ViewerRun> {
    const { udp, iceServers, environment, clock, log, onReport, onVoice, onInput } = options
    const begun = Promise.withResolvers<ViewerError | undefined>()
    const child = await ChildRun.start({
      name: 'viewer process',
      main: new URL('process/main.ts', import.meta.url),
      environment: { ...environment, ...processEnvironment },
      vital,
      clock,
      log,
      onFrame: (type, body) => {
        if (type === voiceType) return onVoice(decodeVoice(body))
        if (type === inputType) return onInput(decodeInput(body))
        if (type !== controlType) throw violation(`a frame of type ${type} came from the viewer process`)
        const report = parseReport(decodeControl(body))
        if (report.type === 'begun') begun.resolve(undefined)
        else if (report.type === 'port-refused') begun.resolve(new ViewerError('port-in-use', report.reason))
        else onReport(report)
      },
    })
    const run = new ViewerRun(child)
    run.send({ type: 'begin', udp: { ...udp }, iceServers: [...iceServers] })
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

  send(order: Order): void {
    this.#run.send(encodeControl(order))
  }

  close(reason?: string): Promise<void> {
    return this.#run.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
