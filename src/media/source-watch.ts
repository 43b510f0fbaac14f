import { type PictureShape, type ShapeOffer, sameShape } from '../domain/picture-shape.ts'
import { type SoundLayout, soundLayouts } from '../domain/sound-layout.ts'
import { messageOf } from '../kernel/coded-error.ts'
import type { Log } from '../kernel/log.ts'
import { type Readable, Writable } from '../kernel/readable.ts'
import { type AccessUnit, type AudioUnit, canReach } from './contract/access-unit.ts'
import {
  heardLayout,
  type MediaSink,
  type RenditionInfo,
  soundLayoutOf,
  type Watch,
  type WatchRequest,
} from './contract/producer.ts'
import type { FeedViewer, RenditionFeed } from './rendition-feed.ts'
import { evenShape } from './shape-offer.ts'

export interface SourceWatchOptions {
  readonly id: number
  readonly request: WatchRequest
  /** The layout of what it watches, undefined when that has no sound. */
  readonly sourceSound: SoundLayout | undefined
  readonly sink: MediaSink
  readonly log: Log
  /** Its path can carry more or less than before. */
  readonly onBitrate: () => void
  /** It wants another shape. */
  readonly onWish: () => void
  /** It has left a feed. */
  readonly onMoved: () => void
  readonly onClosed: (watch: SourceWatch) => void
}

/** Rates outside of this make no picture, or no difference. */
const leastBps = 50_000
const mostBps = 100_000_000

/** One viewer of a producer: on one feed, and perhaps on its way to another. */
export class SourceWatch implements Watch, FeedViewer {
  readonly id: number
  readonly request: WatchRequest
  /** In which it listens; undefined when it does not. */
  readonly soundLayout: SoundLayout | undefined
  readonly sound: Readable<SoundLayout | undefined>
  readonly #rendition = new Writable<RenditionInfo | undefined>(undefined)
  readonly #shape = new Writable<ShapeOffer | undefined>(undefined)
  readonly #options: SourceWatchOptions
  readonly #sink: MediaSink
  #bitrateBps: number
  #wish: PictureShape | undefined
  #holdsShape: boolean
  #feed: RenditionFeed | undefined
  #next: RenditionFeed | undefined
  #needsKey = false
  #heardSamples = -Infinity
  #closed = false

  constructor(options: SourceWatchOptions) {
    this.id = options.id
    this.request = options.request
    this.soundLayout = soundLayoutOf(options.request)
    this.sound = new Writable(heardLayout(options.request, options.sourceSound))
    this.#options = options
    this.#sink = options.sink
    this.#bitrateBps = clamp(options.request.bitrateBps)
    this.#wish = options.request.shape && evenShape(options.request.shape)
    this.#holdsShape = options.request.holdsShape ?? false
  }

  /** Whether sound in this layout is for it, or that for one speaker. */
  hears(layout: SoundLayout, onlyFor: string | undefined): boolean {
    return this.soundLayout === layout && (onlyFor === undefined || this.request.listener === onlyFor)
  }

  get rendition(): Readable<RenditionInfo | undefined> {
    return this.#rendition
  }

  /** What its path can carry. */
  get bitrateBps(): number {
    return this.#bitrateBps
  }

  setBitrate(bitrateBps: number): void {
    const clamped = clamp(bitrateBps)
    if (this.#closed || clamped === this.#bitrateBps) return
    this.#bitrateBps = clamped
    this.#options.onBitrate()
  }

  get shape(): Readable<ShapeOffer | undefined> {
    return this.#shape
  }

  /** What it wants, with sides that can be. */
  get wish(): PictureShape | undefined {
    return this.#wish
  }

  /** Whether it takes no other size than that of its wish. */
  get holdsShape(): boolean {
    return this.#holdsShape
  }

  setShape(shape: PictureShape | undefined): void {
    const wish = shape && evenShape(shape)
    if (this.#closed || sameShape(wish, this.#wish)) return
    this.#wish = wish
    this.#holdsShape = false
    this.#options.onWish()
  }

  /** Tells what has become of its wish. */
  showShape(offer: ShapeOffer | undefined): void {
    const { value } = this.#shape
    const isSame = sameShape(offer?.asked, value?.asked) && sameShape(offer?.given, value?.given)
    if (!isSame || (offer === undefined) !== (value === undefined)) this.#shape.set(offer)
  }

  requestKeyframe(): void {
    this.#feed?.requestKeyframe('loss')
  }

  resync(): void {
    this.awaitKey()
    this.#feed?.requestKeyframe('loss')
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    const feeds = [this.#feed, this.#next]
    this.#feed?.viewers.delete(this)
    this.#next?.arriving.delete(this)
    this.#feed = undefined
    this.#next = undefined
    for (const feed of feeds) feed?.audienceChanged()
    this.#options.onClosed(this)
  }

  /** Is to be fed by this feed, from its next key picture on; by the present one until then. */
  assign(feed: RenditionFeed | undefined): void {
    if (this.#closed || feed === this.#next) return
    const former = this.#next
    this.#next = undefined
    former?.arriving.delete(this)
    former?.audienceChanged()
    if (!feed || feed === this.#feed) return
    this.#next = feed
    feed.arriving.add(this)
    feed.audienceChanged()
    feed.requestKeyframe('join')
  }

  /** A key picture of the feed it waits for has come. */
  arrive(feed: RenditionFeed): void {
    const former = this.#feed
    former?.viewers.delete(this)
    feed.arriving.delete(this)
    feed.viewers.add(this)
    this.#feed = feed
    former?.audienceChanged()
    this.#next = undefined
    this.#needsKey = false
    this.showRendition(feed.info)
    this.#options.onMoved()
  }

  showRendition(info: RenditionInfo | undefined): void {
    this.#rendition.set(info)
  }

  get link(): number | undefined {
    return this.request.link
  }

  canHave(unit: AccessUnit): boolean {
    return canReach(unit, this.request.link)
  }

  /** Nothing more is handed on before the next key picture. */
  awaitKey(): void {
    this.#needsKey = true
  }

  video(unit: AccessUnit): void {
    if (this.#needsKey && !unit.key) return
    // Its way has just become another one.
    if (!this.canHave(unit)) return this.resync()
    this.#needsKey = false
    try {
      this.#sink.video(unit)
    } catch (error) {
      this.#endBadly(error)
    }
  }

  /** Drops what it has had already, made for it alone. */
  audio(unit: AudioUnit): void {
    if (unit.positionSamples <= this.#heardSamples) return
    this.#heardSamples = unit.positionSamples
    try {
      this.#sink.audio(unit)
    } catch (error) {
      this.#endBadly(error)
    }
  }

  /** A sink that throws breaks its contract; only its own viewer pays for it. */
  #endBadly(error: unknown): void {
    this.#options.log.error('A viewer could not take what it watches; its watch has ended', { error: messageOf(error) })
    this.close()
  }
}

/** In which somebody of these listens. */
export function layoutsOf(watches: readonly SourceWatch[]): readonly SoundLayout[] {
  return soundLayouts.filter((layout) => watches.some(({ soundLayout }) => soundLayout === layout))
}

function clamp(bitrateBps: number): number {
  return Math.min(mostBps, Math.max(leastBps, Math.round(bitrateBps) || leastBps))
}
