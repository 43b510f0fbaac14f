import type { Clock } from '../kernel/clock.ts'
import { type AccessUnit, bytesOf } from './contract/access-unit.ts'
import { letterbox } from '../domain/letterbox.ts'
import { sameSize, type Size } from '../domain/size.ts'
import { type KeyframeCause, KeyframeRequests } from './keyframe-requests.ts'
import type { RenditionSpec } from './link/messages.ts'
import type { RenditionInfo } from './contract/producer.ts'

/** Where the pictures of a rendition go. */
export interface Delivery {
  /** To the server, with their data. */
  readonly here: boolean
  /** To these inlets. */
  readonly links: readonly number[]
}

/** What a board wants of the process that encodes. */
export interface FeedOrders {
  add(rendition: number, spec: RenditionSpec): void
  change(rendition: number, spec: RenditionSpec): void
  remove(rendition: number): void
  requestKeyframe(rendition: number): void
  deliver(rendition: number, delivery: Delivery): void
  /** Whether what is sent to that inlet gets there. */
  reaches(link: number): boolean
}

/** What a feed sees of a viewer. */
export interface FeedViewer {
  /** The inlet where it takes its pictures; here when undefined. */
  readonly link: number | undefined
  /** Whether it can have this unit. */
  canHave(unit: AccessUnit): boolean
  video(unit: AccessUnit): void
  /** A key picture of the feed that it waits for has come: it moves there. */
  arrive(feed: RenditionFeed): void
  /** Nothing more is to be handed on before the next key picture. */
  awaitKey(): void
  showRendition(info: RenditionInfo | undefined): void
}

export interface RenditionFeedOptions {
  readonly id: number
  readonly spec: RenditionSpec
  readonly clock: Clock
  readonly orders: FeedOrders
  /** What the source measures now. */
  readonly source: () => Size
}

const toServer: Delivery = { here: true, links: [] }

/** The units of one rendition on their way to all who watch it. */
export class RenditionFeed {
  readonly id: number
  /** Those who get its units. */
  readonly viewers = new Set<FeedViewer>()
  /** Those who change over to it at its next key picture, and get another feed's units until then. */
  readonly arriving = new Set<FeedViewer>()
  readonly #keyframes: KeyframeRequests
  readonly #source: () => Size
  readonly #orders: FeedOrders
  #delivery = toServer
  #spec: RenditionSpec
  #bytes = 0
  #opened: Pick<RenditionInfo, 'encoder' | 'width' | 'height'> | undefined
  #info: RenditionInfo | undefined

  constructor(options: RenditionFeedOptions) {
    this.id = options.id
    this.#spec = options.spec
    this.#source = options.source
    this.#orders = options.orders
    this.#keyframes = new KeyframeRequests(options.clock, () => options.orders.requestKeyframe(options.id))
  }

  get spec(): RenditionSpec {
    return this.#spec
  }

  /** Undefined until its encoder is open. */
  get info(): RenditionInfo | undefined {
    return this.#info
  }

  /** Of all its units so far. */
  get bytes(): number {
    return this.#bytes
  }

  get idle(): boolean {
    return this.viewers.size === 0 && this.arriving.size === 0
  }

  change(spec: RenditionSpec): void {
    this.#spec = spec
    this.#publish()
  }

  opened({ encoder, width, height }: Pick<RenditionInfo, 'encoder' | 'width' | 'height'>): void {
    this.#opened = { encoder, width, height }
    this.#publish()
  }

  /** The source has another size. */
  sourceChanged(): void {
    this.#publish()
  }

  requestKeyframe(cause: KeyframeCause): void {
    this.#keyframes.request(cause)
  }

  /** Hands a unit to all; allocates nothing. Viewers may come and go meanwhile. */
  deliver(unit: AccessUnit): void {
    this.#bytes += bytesOf(unit)
    const { size } = this.#spec
    // Made before the encoder heard that this size is fixed: a decoder that was opened for it never sees another.
    if (typeof size !== 'number' && !sameSize(size, unit)) return this.interrupt()
    if (unit.key) {
      this.#keyframes.came()
      for (const viewer of this.arriving) if (viewer.canHave(unit)) viewer.arrive(this)
      // Those have come while this one was on its way already.
      if (this.arriving.size > 0) this.requestKeyframe('join')
    }
    for (const viewer of this.viewers) viewer.video(unit)
  }

  /** Viewers have come or gone: its pictures go where those are. Allocates, and may: this is no matter of each picture. */
  audienceChanged(): void {
    if (this.idle) return
    const links = new Set<number>()
    let here = false
    for (const { link } of [...this.viewers, ...this.arriving]) {
      if (link !== undefined && this.#orders.reaches(link)) links.add(link)
      else here = true
    }
    const before = this.#delivery
    const same =
      here === before.here && links.size === before.links.length && before.links.every((one) => links.has(one))
    if (same) return
    this.#delivery = { here, links: [...links] }
    this.#orders.deliver(this.id, this.#delivery)
  }

  /** A process that knows nothing yet has been told of it: of that, units go to the server alone. */
  declare(): void {
    this.#delivery = toServer
    this.audienceChanged()
  }

  /** Its encoder has gone: what comes next begins with a key picture. */
  interrupt(): void {
    for (const viewer of this.viewers) viewer.awaitKey()
  }

  close(): void {
    this.#keyframes.close()
  }

  #publish(): void {
    if (!this.#opened) return
    const { codec, size, fps, bitrateBps } = this.#spec
    const { width, height } = this.#opened
    const content = typeof size === 'number' ? { x: 0, y: 0, width, height } : letterbox(this.#source(), this.#opened)
    this.#info = { codec, ...this.#opened, fps, bitrateBps, content }
    for (const viewer of this.viewers) viewer.showRendition(this.#info)
  }
}
