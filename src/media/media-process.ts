import { type Clock, systemClock } from '../kernel/clock.ts'
import { messageOf } from '../kernel/coded-error.ts'
import { type Closable, Ending } from '../kernel/ending.ts'
import type { Log } from '../kernel/log.ts'
import { Supervisor } from '../os/child/supervisor.ts'
import { type Readable, Writable } from '../kernel/readable.ts'
import type { VideoCodec } from '../domain/video-codec.ts'
import { EncoderBudget } from './encoder-budget.ts'
import type { UnitInlets } from './contract/unit-inlets.ts'
import { MediaError } from './contract/media-error.ts'
import { checkSource, type EncoderReport, type Report } from './link/messages.ts'
import type { VoiceFrame } from './link/protocol.ts'
import { ProcessLinks } from './process-links.ts'
import { ProcessRun, type ReportHandlers } from './process-run.ts'
import type { SourceSpec } from './contract/producer.ts'
import { type MediaProducer, SourceProducer, type TestPatternProducer } from './source-producer.ts'
import type { SourceListener, SourceOrder, SourcePort } from './source-port.ts'

export interface MediaProcessOptions {
  /** For the log. */
  readonly name: string
  readonly log: Log
  readonly clock?: Clock
  /** Uniform in [0, 1); spreads retries. */
  readonly random?: () => number
  /** What this host can encode, with all of its processes; without a limit when left out. */
  readonly budget?: EncoderBudget
  /** Where viewer processes take pictures without the server between; nowhere when left out. */
  readonly inlets?: UnitInlets | undefined
  /** Of the process, this one's by default. */
  readonly environment?: Readonly<Record<string, string | undefined>>
}

/** A process of its own for native code: it captures and encodes the sources of the producers added to it. */
export interface MediaProcess extends Closable {
  /** Undefined while there is none. */
  readonly pid: Readable<number | undefined>
  /** What was found of the encoders of this machine, best first for each codec; empty until the process has tried them. */
  readonly encoders: Readable<readonly EncoderReport[]>
  /** How often the process had to be started again. */
  readonly restarts: number
  /** Throws MediaError `producer-exists` or `bad-source`. A producer added after the end is closed. */
  addProducer(id: string, spec: Extract<SourceSpec, { kind: 'test-pattern' }>): TestPatternProducer
  addProducer(id: string, spec: SourceSpec): MediaProducer
}

const restartPolicy = { baseDelayMs: 200, maxDelayMs: 5_000, jitterFactor: 0.2, healthyAfterMs: 30_000 } as const

/**
 * Starts a media process and keeps one running: when it crashes, is killed or hangs, it is started again and told its
 * sources and renditions anew; the watches run on. Rejects with MediaError `process-failed` if the first does not start.
 */
export async function openMediaProcess(options: MediaProcessOptions): Promise<MediaProcess> {
  const supervised = new SupervisedProcess(options)
  await supervised.start()
  return supervised
}

class SupervisedProcess implements MediaProcess, SourcePort {
  readonly closed
  readonly #log: Log
  readonly #clock: Clock
  readonly #random: () => number
  readonly #environment: Readonly<Record<string, string | undefined>>
  readonly #budget: EncoderBudget
  readonly #supervisor: Supervisor<ProcessRun>
  readonly #links: ProcessLinks
  readonly #ending: Ending
  readonly #producers = new Map<string, SourceProducer>()
  readonly #listeners = new Map<number, SourceListener>()
  readonly #pid = new Writable<number | undefined>(undefined)
  readonly #encoders = new Writable<readonly EncoderReport[]>([])
  #nextSource = 1

  constructor(options: MediaProcessOptions) {
    this.#log = options.log.with({ mediaProcess: options.name })
    this.#clock = options.clock ?? systemClock
    this.#random = options.random ?? Math.random
    this.#environment = options.environment ?? process.env
    this.#budget = options.budget ?? new EncoderBudget()
    this.#links = new ProcessLinks(options.inlets, {
      send: (order) => this.#supervisor.run?.send(order),
      changed: (lost) => {
        for (const producer of this.#producers.values()) producer.linksChanged(lost)
      },
    })
    this.#supervisor = new Supervisor({
      name: 'media process',
      policy: restartPolicy,
      clock: this.#clock,
      random: this.#random,
      log: this.#log,
      start: () => this.#start(),
      onUp: ({ pid }) => {
        this.#pid.set(pid)
        this.#links.processUp()
        for (const producer of this.#producers.values()) producer.processUp()
      },
      onDown: (_run, reason) => {
        this.#pid.set(undefined)
        this.#links.processDown()
        for (const producer of this.#producers.values()) producer.processDown(reason)
      },
    })
    this.#ending = new Ending(() => this.#release())
    this.closed = this.#ending.closed
  }

  get pid(): Readable<number | undefined> {
    return this.#pid
  }

  get encoders(): Readable<readonly EncoderReport[]> {
    return this.#encoders
  }

  get restarts(): number {
    return this.#supervisor.restarts
  }

  async start(): Promise<void> {
    try {
      await this.#supervisor.begin()
    } catch (error) {
      throw new MediaError('process-failed', messageOf(error), { cause: error })
    }
  }

  addProducer(id: string, spec: SourceSpec): TestPatternProducer {
    checkSource(spec)
    if (this.#producers.has(id)) {
      throw new MediaError('producer-exists', `Cannot add a producer: there is a "${id}" already`)
    }
    const producer = new SourceProducer({
      id,
      spec,
      port: this,
      clock: this.#clock,
      random: this.#random,
      log: this.#log.with({ producer: id }),
      canEncode: (codec) => this.#canEncode(codec),
      budget: this.#budget,
    })
    this.#producers.set(id, producer)
    void producer.closed.then(() => this.#producers.delete(id))
    if (this.#ending.begun) void producer.close('its media process has ended')
    else if (this.#supervisor.run) producer.processUp()
    return producer
  }

  claim(listener: SourceListener): number {
    const source = this.#nextSource++
    this.#listeners.set(source, listener)
    return source
  }

  release(source: number): void {
    this.#listeners.delete(source)
  }

  reaches(link: number): boolean {
    return this.#links.has(link)
  }

  send(order: SourceOrder): void {
    this.#supervisor.run?.send(order)
  }

  speak(frame: VoiceFrame): void {
    this.#supervisor.run?.speak(frame)
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #start(): Promise<ProcessRun> {
    return ProcessRun.start({
      clock: this.#clock,
      log: this.#log,
      environment: this.#environment,
      handlers: this.#handlers(),
    })
  }

  #handlers(): ReportHandlers {
    const listenerOf = (source: number) => this.#listeners.get(source)
    const pass = (report: Extract<Report, { source: number }>) => listenerOf(report.source)?.report(report)
    return {
      encoders: ({ encoders }) => {
        this.#encoders.set(encoders)
        for (const producer of this.#producers.values()) producer.encodersChanged()
      },
      log: ({ level, message }) => this.#log[level](message),
      'link-lost': ({ link, reason }) => {
        if (!this.#links.lost(link)) return
        this.#log.warn('A viewer process is not reached: its pictures go through the server', { link, reason })
      },
      'source-live': pass,
      'source-failed': pass,
      'source-closed': pass,
      speaking: pass,
      motion: pass,
      'no-still': pass,
      'rendition-open': pass,
      'rendition-failed': pass,
      video: ({ source, rendition, unit, encodingUs }) => listenerOf(source)?.video(rendition, unit, encodingUs),
      audio: ({ source, unit, ...audience }) => listenerOf(source)?.audio(unit, audience),
      still: ({ source, still }) => listenerOf(source)?.still(still),
    }
  }

  /** Until the encoders have been tried, the best is hoped for. */
  #canEncode(codec: VideoCodec): boolean {
    const { value } = this.#encoders
    return value.length === 0 || value.some((encoder) => encoder.codec === codec && encoder.available)
  }

  async #release(): Promise<void> {
    await Promise.all(this.#producers.values().map((producer) => producer.close('its media process ends')))
    this.#links.close()
    await this.#supervisor.close()
    this.#pid.set(undefined)
  }
}
