import type { SoundLayout } from '../domain/sound-layout.ts'
import type { PictureShape, ShapeOffer } from '../domain/picture-shape.ts'
import { Backoff } from '../kernel/backoff.ts'
import type { Clock, Timer } from '../kernel/clock.ts'
import { Ending } from '../kernel/ending.ts'
import type { Log } from '../kernel/log.ts'
import { type Readable, Writable } from '../kernel/readable.ts'
import type { VideoCodec } from '../domain/video-codec.ts'
import { FeedBoard } from './feed-board.ts'
import { longestLine, mostLines } from './link/messages.ts'
import type { EncoderBudget } from './encoder-budget.ts'
import {
  type MediaSink,
  type Producer,
  type ProducerState,
  soundOf,
  type SourceSpec,
  type Watch,
  type WatchRequest,
} from './contract/producer.ts'
import { ProducerCounters } from './producer-counters.ts'
import type { ProducerStatistics } from './producer-statistics.ts'
import { ProducerVoices } from './producer-voices.ts'
import { StillDesk } from './still-desk.ts'
import type { Still } from './contract/still.ts'
import type { SourceListener, SourcePort } from './source-port.ts'

/** A producer whose source runs in a media process. */
export interface MediaProducer extends Producer {
  /** As of now; made anew at each reading. */
  readonly statistics: ProducerStatistics
}

/** A producer of a test pattern. */
export interface TestPatternProducer extends MediaProducer {
  /** Changes what is written on the card; of `lines` the first 6 are shown. */
  setLines(title: string, lines: readonly string[]): void
}

export interface SourceProducerOptions {
  readonly id: string
  readonly spec: SourceSpec
  readonly port: SourcePort
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly canEncode: (codec: VideoCodec) => boolean
  readonly budget: EncoderBudget
}

const retryPolicy = { baseDelayMs: 250, maxDelayMs: 3_000, jitterFactor: 0.2, healthyAfterMs: 10_000 } as const

/** How long a source may take to end, in milliseconds; then it is the process's own affair. */
const goodbyeMs = 1_000

/** The size that is guessed for a source that does not tell before it is open. */
const guessedSize = { width: 1280, height: 720 } as const

/** Keeps one source open in whatever process there is, and its viewers fed. */
export class SourceProducer implements TestPatternProducer {
  readonly id: string
  readonly voices: ProducerVoices
  readonly closed
  readonly #options: SourceProducerOptions
  readonly #state = new Writable<ProducerState>({ status: 'starting' })
  readonly #board: FeedBoard
  readonly #counters = new ProducerCounters()
  readonly #stills: StillDesk
  readonly #backoff: Backoff
  readonly #ending: Ending
  #spec: SourceSpec
  /** Number of the present opening. */
  #source: number | undefined
  /** In which it makes sound. */
  #layouts: readonly SoundLayout[] = []
  #retry: Timer | undefined
  /** Resolved when a source that was told to end has ended. */
  #gone = Promise.withResolvers<void>()

  constructor(options: SourceProducerOptions) {
    const { id, spec, clock, log, canEncode } = options
    this.id = id
    this.#options = options
    this.#spec = spec
    this.#backoff = new Backoff(retryPolicy, clock, options.random)
    this.#stills = new StillDesk({
      clock,
      ask: () => this.#order((source) => ({ type: 'still', source })),
    })
    this.voices = new ProducerVoices({
      onSpeakers: (speakers) => this.#order((source) => ({ type: 'speakers', source, speakers: [...speakers] })),
      onVoice: (speaker, unit) => {
        if (this.#source !== undefined) options.port.speak({ source: this.#source, speaker, unit })
      },
    })
    this.#board = new FeedBoard({
      source: spec.kind === 'test-pattern' ? spec : { ...guessedSize, fps: spec.fps },
      sound: soundOf(spec),
      wishes: spec.encoding,
      budget: options.budget,
      clock,
      log,
      canEncode,
      onAudience: () => this.#followAudience(),
      orders: {
        add: (rendition, renditionSpec) =>
          this.#order((source) => ({ type: 'add-rendition', source, rendition, spec: renditionSpec })),
        change: (rendition, { size, fps, bitrateBps }) =>
          this.#order((source) => ({ type: 'change-rendition', source, rendition, size, fps, bitrateBps })),
        remove: (rendition) => this.#order((source) => ({ type: 'remove-rendition', source, rendition })),
        deliver: (rendition, { here, links }) =>
          this.#order((source) => ({ type: 'deliver', source, rendition, here, links: [...links] })),
        reaches: (link) => options.port.reaches(link),
        requestKeyframe: (rendition) => this.#order((source) => ({ type: 'keyframe', source, rendition })),
      },
    })
    this.#ending = new Ending(() => this.#release())
    this.closed = this.#ending.closed
  }

  get state(): Readable<ProducerState> {
    return this.#state
  }

  get statistics(): ProducerStatistics {
    return this.#counters.statistics({ watchers: this.#board.watchers, renditions: this.#board.renditions })
  }

  watch(request: WatchRequest, sink: MediaSink): Watch {
    return this.#board.watch(request, sink)
  }

  offer(request: WatchRequest & { readonly shape: PictureShape }): ShapeOffer {
    return this.#board.offer(request)
  }

  still(): Promise<Still | undefined> {
    return this.#stills.want()
  }

  setLines(title: string, lines: readonly string[]): void {
    if (this.#spec.kind !== 'test-pattern' || this.#ending.begun) return
    const text = {
      title: title.slice(0, longestLine),
      lines: lines.slice(0, mostLines).map((line) => line.slice(0, longestLine)),
    }
    this.#spec = { ...this.#spec, ...text }
    this.#order((source) => ({ type: 'lines', source, ...text }))
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** There is a process, which knows nothing of this source. */
  processUp(): void {
    if (this.#ending.begun) return
    this.#gone = Promise.withResolvers()
    this.#open()
  }

  /** There is no process; another will come. */
  processDown(reason: string): void {
    this.#gone.resolve()
    if (this.#ending.begun) return
    this.#forgetSource()
    this.#retry?.cancel()
    this.#goDown(reason)
  }

  /** It is known anew which encoders there are. */
  encodersChanged(): void {
    this.#board.replan()
  }

  /** Some inlet is written to, or not any more: what was on its way to `lost` never came there. */
  linksChanged(lost?: number): void {
    this.#board.linksChanged(lost)
  }

  #open(): void {
    const source = this.#options.port.claim(this.#listener())
    this.#source = source
    this.#layouts = []
    this.#options.port.send({ type: 'open-source', source, spec: this.#spec })
    this.#board.declare()
    this.voices.declare()
    this.#followAudience()
  }

  #listener(): SourceListener {
    return {
      report: (report) => {
        if (report.type === 'source-live') this.#goLive(report)
        else if (report.type === 'motion') this.#board.setMoving(report.moves)
        else if (report.type === 'source-failed') this.#fail(report.reason)
        else if (report.type === 'source-closed') this.#gone.resolve()
        else if (report.type === 'speaking') this.voices.heard(report.speakers)
        else if (report.type === 'no-still') this.#stills.refused(report.reason)
        else if ('rendition' in report) this.#board.hear(report)
      },
      video: (rendition, unit, encodingUs) => {
        this.#counters.video(unit, encodingUs)
        this.#board.video(rendition, unit)
      },
      still: (still) => this.#stills.arrived(still),
      audio: (unit, { layout, onlyFor }) => {
        this.#counters.audioUnits++
        if (onlyFor === undefined) this.#board.audio(unit, layout)
        else this.#board.audio(unit, layout, this.voices.idOf(onlyFor) ?? '')
      },
    }
  }

  #goLive({ width, height, fps }: { width: number; height: number; fps: number }): void {
    this.#backoff.succeeded()
    this.#state.set({ status: 'live', width, height, fps })
    this.#board.setSource({ width, height, fps })
  }

  #fail(reason: string): void {
    if (this.#ending.begun) return
    const { port, clock, log } = this.#options
    if (this.#source !== undefined) port.send({ type: 'close-source', source: this.#source })
    this.#forgetSource()
    const waitMs = this.#backoff.failed()
    log.warn('A source has failed and is opened again', { reason, waitMs: Math.round(waitMs) })
    this.#retry = clock.after(waitMs, () => this.#open())
    this.#goDown(reason)
  }

  #goDown(reason: string): void {
    this.#counters.restarts++
    this.#state.set({ status: 'down', reason })
  }

  #forgetSource(): void {
    if (this.#source !== undefined) this.#options.port.release(this.#source)
    this.#source = undefined
    this.#stills.lost()
    this.voices.heard([])
  }

  /** Sound is made only in layouts in which somebody listens. */
  #followAudience(): void {
    const { layouts } = this.#board
    if (layouts.join() === this.#layouts.join() || this.#source === undefined) return
    this.#layouts = layouts
    this.#order((source) => ({ type: 'sound', source, layouts: [...layouts] }))
  }

  /** False when there is no source to be ordered about. */
  #order(make: (source: number) => Parameters<SourcePort['send']>[0]): boolean {
    if (this.#source === undefined) return false
    this.#options.port.send(make(this.#source))
    return true
  }

  async #release(): Promise<void> {
    this.#retry?.cancel()
    this.#board.close()
    const source = this.#source
    if (source === undefined) return
    const { port, clock } = this.#options
    const timer = clock.after(goodbyeMs, this.#gone.resolve)
    port.send({ type: 'close-source', source })
    await this.#gone.promise
    timer.cancel()
    this.#forgetSource()
  }
}
