import { type VideoCodec, usualCodec } from '../domain/video-codec.ts'
import type { SoundLayout } from '../domain/sound-layout.ts'
import { sameShape, type PictureShape, type ShapeOffer } from '../domain/picture-shape.ts'
import type { Clock, Timer } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { AccessUnit, AudioUnit } from './contract/access-unit.ts'
import type { EncoderBudget } from './encoder-budget.ts'
import { sameSize } from '../domain/size.ts'
import { isSamePictureSize, type PictureSize, sidesOf } from './contract/picture-size.ts'
import type { Report, RenditionSpec } from './link/messages.ts'
import type { EncodingWishes, MediaSink, WatchRequest } from './contract/producer.ts'
import { type FeedOrders, RenditionFeed } from './rendition-feed.ts'
import {
  emptyPlan,
  type PlannedGroup,
  type PlannedViewer,
  planRenditions,
  type RenditionPlan,
} from './rendition-plan.ts'
import {
  carriesAll,
  firstRung,
  fullRung,
  nextRung,
  type Rung,
  rungReviewAtMs,
  shapeOf,
  type SourceShape,
} from './rendition-shape.ts'
import { evenShape } from './shape-offer.ts'
import { ShapeDesk, type SharedEncoding, type ShapeSeeker, type ShapeVerdict } from './shape-desk.ts'
import { layoutsOf, SourceWatch } from './source-watch.ts'

export interface FeedBoardOptions {
  readonly source: SourceShape
  /** Of its own sound, undefined when it has none. */
  readonly sound: SoundLayout | undefined
  readonly wishes?: EncodingWishes | undefined
  /** What this host can encode, with all of its producers. */
  readonly budget: EncoderBudget
  readonly clock: Clock
  readonly log: Log
  readonly orders: FeedOrders
  /** Whether there is an encoder for it. */
  readonly canEncode: (codec: VideoCodec) => boolean
  /** Somebody came or went. */
  readonly onAudience: () => void
}

/** Viewers' rates change many times a second; the plan follows this often, in milliseconds. */
const planPeriodMs = 50

const noVerdicts: ReadonlyMap<number, ShapeVerdict> = new Map()

/** No review comes sooner than this after the last, whatever the clock's last digits say. */
const leastReviewMs = 10

interface GroupFeed {
  readonly feed: RenditionFeed
  readonly rung: Rung
}

/** A viewer, and the shape that it is given. */
interface Seat extends PlannedViewer {
  readonly watch: SourceWatch
  readonly given: PictureShape | undefined
}

/** A producer's viewers and the renditions they are fed from: those follow from what the viewers' paths can carry. */
export class FeedBoard {
  readonly #options: FeedBoardOptions
  readonly #watches = new Map<number, SourceWatch>()
  readonly #feeds = new Map<number, RenditionFeed>()
  readonly #refused = new Set<VideoCodec>()
  readonly #desk: ShapeDesk
  #groups = new Map<number, GroupFeed>()
  #source: SourceShape
  #moves = true
  #plan: RenditionPlan = emptyPlan
  #verdicts: ReadonlyMap<number, ShapeVerdict> = noVerdicts
  #nextWatchId = 1
  #nextFeedId = 1
  #plannedAtMs = -Infinity
  #timer: Timer | undefined
  #timerAtMs = Infinity
  #closed = false

  constructor(options: FeedBoardOptions) {
    this.#options = options
    this.#source = options.source
    const { budget, wishes } = options
    this.#desk = new ShapeDesk({
      preset: wishes?.preset ?? 'latency',
      budget: budget.open(() => {
        if (this.#isWaitingForRoom)
          this.#replanSoon(Math.max(this.#plannedAtMs, this.#options.clock.nowMs()) + planPeriodMs)
      }),
    })
  }

  get watchers(): number {
    return this.#watches.size
  }

  get renditions(): number {
    return this.#feeds.size
  }

  /** In which layouts somebody listens. */
  get layouts(): readonly SoundLayout[] {
    return layoutsOf([...this.#watches.values()])
  }

  watch(request: WatchRequest, sink: MediaSink): SourceWatch {
    const watch = new SourceWatch({
      id: this.#nextWatchId++,
      request,
      sourceSound: this.#options.sound,
      sink,
      log: this.#options.log,
      onBitrate: () => this.#replanSoon(this.#plannedAtMs + planPeriodMs),
      onWish: () => {
        // Who wishes anew comes after those who have waited.
        this.#watches.delete(watch.id)
        this.#watches.set(watch.id, watch)
        this.replan()
      },
      onMoved: () => this.#removeIdleFeeds(),
      onClosed: () => this.#leave(watch),
    })
    if (this.#closed) {
      watch.close()
      return watch
    }
    this.#watches.set(watch.id, watch)
    this.#options.onAudience()
    this.replan()
    return watch
  }

  /** What somebody who asks for this would be given now. */
  offer(request: WatchRequest & { readonly shape: PictureShape }): ShapeOffer {
    const wish = evenShape(request.shape)
    const codec = this.#codecFor(request)
    const { bitrateBps, holdsShape = false } = request
    const nobody = 0
    const seeker = { id: nobody, codec: codec ?? usualCodec, bitrateBps, wish, holdsShape, before: undefined } as const
    const verdict = this.#desk.answer([seeker], this.#encodings, this.#source.fps).get(nobody)
    return verdict?.offer ?? { asked: wish, given: wish, reason: undefined }
  }

  /** The source has, or will have, pictures of this size and rate. */
  setSource(source: SourceShape): void {
    const { width, height, fps } = this.#source
    if (source.width === width && source.height === height && source.fps === fps) return
    this.#source = source
    this.#groups = new Map(
      this.#plan.groups.flatMap((group) => {
        const feed = this.#groups.get(group.id)?.feed
        return feed ? [[group.id, { feed, rung: firstRung(source, group.bitrateBps) }]] : []
      }),
    )
    for (const feed of this.#feeds.values()) feed.sourceChanged()
    this.replan()
  }

  /** Whether what the source shows is in motion; it is taken for that until told otherwise. */
  setMoving(moves: boolean): void {
    if (moves === this.#moves) return
    this.#moves = moves
    this.replan()
  }

  /** Tells a process that knows nothing yet which renditions there are to be; each begins with a key picture. */
  declare(): void {
    this.#refused.clear()
    this.#moves = true
    for (const feed of this.#feeds.values()) {
      feed.interrupt()
      this.#options.orders.add(feed.id, feed.spec)
      feed.declare()
    }
    this.replan()
  }

  /** Some inlet is reached, or not any more: what was on its way to `lost` never came there. */
  linksChanged(lost?: number): void {
    for (const feed of this.#feeds.values()) feed.audienceChanged()
    if (lost === undefined) return
    for (const watch of this.#watches.values()) if (watch.link === lost) watch.resync()
  }

  hear(report: Extract<Report, { rendition: number }>): void {
    const feed = this.#feeds.get(report.rendition)
    if (!feed) return
    if (report.type === 'rendition-open') {
      feed.opened(report)
      return
    }
    const { codec } = feed.spec
    this.#options.log.warn(`A rendition cannot be encoded as ${codec}`, { reason: report.reason })
    this.#refused.add(codec)
    this.replan()
  }

  video(rendition: number, unit: AccessUnit): void {
    this.#feeds.get(rendition)?.deliver(unit)
  }

  /** `onlyFor`: the speaker who gets this instead of what everybody gets, which comes after it. */
  audio(unit: AudioUnit, layout: SoundLayout, onlyFor?: string): void {
    for (const watch of this.#watches.values()) if (watch.hears(layout, onlyFor)) watch.audio(unit)
  }

  /** Plans anew, now. */
  replan(): void {
    if (this.#closed) return
    this.#timer?.cancel()
    this.#timer = undefined
    const nowMs = this.#options.clock.nowMs()
    this.#plannedAtMs = nowMs
    const seats = this.#seats()
    this.#plan = planRenditions(this.#plan, seats, nowMs)
    const shapes = new Map(seats.map(({ id, given }) => [id, given]))
    this.#groups = new Map(this.#plan.groups.map((group) => [group.id, this.#feedFor(group, shapes, nowMs)]))
    for (const { id, viewers: members } of this.#plan.groups) {
      for (const member of members) this.#watches.get(member.id)?.assign(this.#groups.get(id)?.feed)
    }
    this.#removeIdleFeeds()
    this.#desk.spend(this.#encodings)
    const reviews = [...this.#groups.values()].map(({ rung }) => rungReviewAtMs(rung) ?? Infinity)
    this.#replanSoon(Math.max(nowMs + leastReviewMs, Math.min(this.#plan.reviewAtMs ?? Infinity, ...reviews)))
  }

  /** Ends all watches. */
  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    for (const watch of this.#watches.values()) watch.close()
    for (const feed of this.#feeds.values()) feed.close()
    this.#feeds.clear()
    this.#desk.close()
  }

  get #isWaitingForRoom(): boolean {
    return this.#watches.values().some(({ shape }) => shape.value?.reason !== undefined)
  }

  /** Who watches in which codec and which shape. Who can be shown nothing is told so. */
  #seats(): readonly Seat[] {
    const most = this.#options.wishes?.maxBitrateBps ?? Infinity
    const viewers = [...this.#watches.values()].flatMap((watch) => {
      const codec = this.#codecFor(watch.request)
      if (!codec) watch.assign(undefined)
      return codec ? [{ id: watch.id, watch, codec, bitrateBps: Math.min(watch.bitrateBps, most) }] : []
    })
    const seekers = viewers.flatMap(({ watch, ...viewer }): readonly ShapeSeeker[] => {
      const { wish, holdsShape } = watch
      const before = this.#verdicts.get(viewer.id)
      return wish
        ? [{ ...viewer, wish, holdsShape, before: sameShape(before?.offer.asked, wish) ? before : undefined }]
        : []
    })
    this.#verdicts = seekers.length > 0 ? this.#desk.answer(seekers, this.#encodings, this.#source.fps) : noVerdicts
    return viewers.map((viewer) => {
      const verdict = this.#verdicts.get(viewer.id)
      viewer.watch.showShape(verdict?.offer)
      const given = verdict?.shape
      const bitrateBps = Math.min(viewer.bitrateBps, verdict?.mostBps ?? Infinity)
      return { ...viewer, bitrateBps, given, family: this.#familyOf({ ...viewer, bitrateBps, given }) }
    })
  }

  /**
   * A shape has its own encodings, unless it is all that there is of the source: those who follow their path and can carry all of it
   * get the same.
   */
  #familyOf({ codec, bitrateBps, given }: Omit<Seat, 'family'>): string {
    if (!given) return codec
    const { width, height, fps } = this.#source
    const givenFps = Math.min(given.maxFps, fps)
    const isWhole = sameSize(given, sidesOf(1, { width, height })) && givenFps === fps
    return isWhole && carriesAll(this.#source, bitrateBps)
      ? codec
      : `${codec} ${given.width}x${given.height}@${givenFps}`
  }

  /** What is encoded now. */
  get #encodings(): readonly SharedEncoding[] {
    return this.#plan.groups.flatMap(({ id, codec, bitrateBps, viewers }): readonly SharedEncoding[] => {
      const group = this.#groups.get(id)
      const paths = this.#pathsOf(viewers)
      if (!group || paths.size === 0) return []
      const { size, fps } = group.feed.spec
      const sides = sidesOf(size, this.#source)
      const shape = typeof size === 'number' ? undefined : { ...size, maxFps: fps }
      const joinable = shape !== undefined || (sameSize(sides, sidesOf(1, this.#source)) && fps === this.#source.fps)
      const least = Math.min(bitrateBps, ...paths.values())
      return [{ codec, bitrateBps: least, shape, joinable, ...sides, fps, viewers: paths }]
    })
  }

  #leave(watch: SourceWatch): void {
    this.#watches.delete(watch.id)
    this.#options.onAudience()
    this.replan()
  }

  /** What the paths of those can carry who watch still. */
  #pathsOf(viewers: readonly PlannedViewer[]): ReadonlyMap<number, number> {
    return new Map(
      viewers.flatMap(({ id }) => {
        const watch = this.#watches.get(id)
        return watch ? [[id, watch.bitrateBps]] : []
      }),
    )
  }

  /** The codec of the viewer's list that is liked best and can be encoded here. */
  #codecFor(request: WatchRequest): VideoCodec | undefined {
    const liked = (this.#options.wishes?.codecs ?? []).filter((codec) => request.codecs.includes(codec))
    return [...liked, ...request.codecs].find((codec) => this.#options.canEncode(codec) && !this.#refused.has(codec))
  }

  /** A group's feed, adjusted to its rate; another one when its pictures are to have another size. */
  #feedFor(group: PlannedGroup, shapes: ReadonlyMap<number, PictureShape | undefined>, nowMs: number): GroupFeed {
    const { bitrateBps, codec } = group
    const before = this.#groups.get(group.id)
    const shape = group.viewers.map(({ id }) => shapes.get(id)).find((given) => given !== undefined)
    const rung = shape ? fullRung : this.#nextRung(before, bitrateBps, nowMs)
    const spec: RenditionSpec = { codec, bitrateBps, ...this.#sizeAndRate(rung, shape) }
    const feed = before?.feed
    const staysAsLarge = feed && sameSize(sidesOf(feed.spec.size, this.#source), sidesOf(spec.size, this.#source))
    if (!feed || !staysAsLarge) return { feed: this.#addFeed(spec), rung }
    if (
      feed.spec.fps !== spec.fps ||
      feed.spec.bitrateBps !== bitrateBps ||
      !isSamePictureSize(feed.spec.size, spec.size)
    ) {
      feed.change(spec)
      this.#options.orders.change(feed.id, spec)
    }
    return { feed, rung }
  }

  #nextRung(before: GroupFeed | undefined, bitrateBps: number, nowMs: number): Rung {
    const conditions = { bitrateBps, nowMs, moves: this.#moves, bytes: before?.feed.bytes ?? 0 }
    return nextRung(before?.rung ?? firstRung(this.#source, bitrateBps), this.#source, conditions)
  }

  #sizeAndRate(rung: Rung, shape: PictureShape | undefined): { readonly size: PictureSize; readonly fps: number } {
    const { fps } = this.#source
    if (shape) return { size: { width: shape.width, height: shape.height }, fps: Math.min(shape.maxFps, fps) }
    const { shrink, fpsDivisor } = shapeOf(rung, this.#source)
    return { size: shrink, fps: fps / fpsDivisor }
  }

  #addFeed(spec: RenditionSpec): RenditionFeed {
    const { clock, orders } = this.#options
    const id = this.#nextFeedId++
    const feed = new RenditionFeed({
      id,
      spec,
      clock,
      orders,
      source: () => this.#source,
    })
    this.#feeds.set(id, feed)
    orders.add(id, spec)
    return feed
  }

  #removeIdleFeeds(): void {
    for (const feed of this.#feeds.values()) {
      if (!feed.idle) continue
      this.#feeds.delete(feed.id)
      feed.close()
      this.#options.orders.remove(feed.id)
    }
  }

  /** Plans anew at this time, or before if that is planned already. */
  #replanSoon(atMs: number): void {
    if (this.#closed || atMs === Infinity) return
    const { clock } = this.#options
    const nowMs = clock.nowMs()
    if (atMs <= nowMs && !this.#timer) {
      this.replan()
      return
    }
    if (this.#timer && this.#timerAtMs <= atMs) return
    this.#timer?.cancel()
    this.#timerAtMs = atMs
    this.#timer = clock.after(Math.max(0, atMs - nowMs), () => {
      this.#timer = undefined
      this.replan()
    })
  }
}
