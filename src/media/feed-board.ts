import type { Clock, Timer } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { AccessUnit, AudioUnit } from './access-unit.ts'
import type { VideoCodec } from '../domain/video-codec.ts'
import type { Report, RenditionSpec } from './process/messages.ts'
import type { EncodingWishes, MediaSink, WatchRequest } from './producer.ts'
import { RenditionFeed } from './rendition-feed.ts'
import { emptyPlan, type PlannedGroup, planRenditions, type RenditionPlan } from './rendition-plan.ts'
import { firstRung, nextRung, type Rung, rungReviewAtMs, shapeOf, type SourceShape } from './rendition-shape.ts'
import { ViewerWatch } from './viewer-watch.ts'

/** What a board wants of the process that encodes. */
export interface FeedOrders {
  add(rendition: number, spec: RenditionSpec): void
  change(rendition: number, spec: RenditionSpec): void
  remove(rendition: number): void
  requestKeyframe(rendition: number): void
}

export interface FeedBoardOptions {
  readonly source: SourceShape
  readonly wishes?: EncodingWishes | undefined
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

/** No review comes sooner than this after the last, whatever the clock's last digits say. */
const leastReviewMs = 10

interface GroupFeed {
  readonly feed: RenditionFeed
  readonly rung: Rung
}

/** A producer's viewers and the renditions they are fed from: those follow from what the viewers' paths can carry. */
export class FeedBoard {
  readonly #options: FeedBoardOptions
  readonly #watches = new Map<number, ViewerWatch>()
  readonly #feeds = new Map<number, RenditionFeed>()
  readonly #refused = new Set<VideoCodec>()
  #groups = new Map<number, GroupFeed>()
  #source: SourceShape
  #moves = true
  #plan: RenditionPlan = emptyPlan
  #nextWatchId = 1
  #nextFeedId = 1
  #plannedAtMs = -Infinity
  #timer: Timer | undefined
  #timerAtMs = Infinity
  #closed = false

  constructor(options: FeedBoardOptions) {
    this.#options = options
    this.#source = options.source
  }

  get watchers(): number {
    return this.#watches.size
  }

  get renditions(): number {
    return this.#feeds.size
  }

  /** Whether somebody listens. */
  get audible(): boolean {
    return this.#watches.values().some(({ request }) => request.audio)
  }

  watch(request: WatchRequest, sink: MediaSink): ViewerWatch {
    const watch = new ViewerWatch({
      id: this.#nextWatchId++,
      request,
      sink,
      log: this.#options.log,
      onBitrate: () => this.#replanSoon(this.#plannedAtMs + planPeriodMs),
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
    }
    this.replan()
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
  audio(unit: AudioUnit, onlyFor?: string): void {
    for (const watch of this.#watches.values()) {
      if (watch.request.audio && (onlyFor === undefined || watch.request.listener === onlyFor)) watch.audio(unit)
    }
  }

  /** Plans anew, now. */
  replan(): void {
    if (this.#closed) return
    this.#timer?.cancel()
    this.#timer = undefined
    const nowMs = this.#options.clock.nowMs()
    this.#plannedAtMs = nowMs
    const codecs = new Map([...this.#watches.values()].map((watch) => [watch, this.#codecFor(watch)]))
    const most = this.#options.wishes?.maxBitrateBps ?? Infinity
    const viewers = [...codecs].flatMap(([{ id, bitrateBps }, codec]) => {
      return codec ? [{ id, bitrateBps: Math.min(bitrateBps, most), codec }] : []
    })
    this.#plan = planRenditions(this.#plan, viewers, nowMs)
    this.#groups = new Map(this.#plan.groups.map((group) => [group.id, this.#feedFor(group, nowMs)]))
    for (const { id, viewers: members } of this.#plan.groups) {
      for (const member of members) this.#watches.get(member.id)?.assign(this.#groups.get(id)?.feed)
    }
    for (const [watch, codec] of codecs) if (!codec) watch.assign(undefined)
    this.#removeIdleFeeds()
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
  }

  #leave(watch: ViewerWatch): void {
    this.#watches.delete(watch.id)
    this.#options.onAudience()
    this.replan()
  }

  /** The codec of the viewer's list that is liked best and can be encoded here. */
  #codecFor({ request }: ViewerWatch): VideoCodec | undefined {
    const liked = (this.#options.wishes?.codecs ?? []).filter((codec) => request.codecs.includes(codec))
    return [...liked, ...request.codecs].find((codec) => this.#options.canEncode(codec) && !this.#refused.has(codec))
  }

  /** A group's feed, adjusted to its rate; another one when its pictures are to have another size. */
  #feedFor(group: PlannedGroup, nowMs: number): GroupFeed {
    const { bitrateBps, codec } = group
    const before = this.#groups.get(group.id)
    const conditions = { bitrateBps, nowMs, moves: this.#moves, bytes: before?.feed.bytes ?? 0 }
    const rung = nextRung(before?.rung ?? firstRung(this.#source, bitrateBps), this.#source, conditions)
    const { shrink, fpsDivisor } = shapeOf(rung, this.#source)
    const spec: RenditionSpec = { codec, shrink, fps: this.#source.fps / fpsDivisor, bitrateBps }
    const feed = before?.feed
    if (!feed || feed.spec.shrink !== shrink) return { feed: this.#addFeed(spec), rung }
    if (feed.spec.fps !== spec.fps || feed.spec.bitrateBps !== bitrateBps) {
      feed.change(spec)
      this.#options.orders.change(feed.id, spec)
    }
    return { feed, rung }
  }

  #addFeed(spec: RenditionSpec): RenditionFeed {
    const { clock, orders } = this.#options
    const id = this.#nextFeedId++
    const feed = new RenditionFeed({ id, spec, clock, requestKeyframe: () => orders.requestKeyframe(id) })
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
