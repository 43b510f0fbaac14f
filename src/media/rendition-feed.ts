import type { Clock } from '../kernel/clock.ts'
import type { AccessUnit } from './contract/access-unit.ts'
import { letterbox } from '../domain/letterbox.ts'
import { sameSize, type Size } from '../domain/size.ts'
import { type KeyframeCause, KeyframeRequests } from './keyframe-requests.ts'
import type { RenditionSpec } from './link/messages.ts'
import type { RenditionInfo } from './contract/producer.ts'

/** What a feed sees of a viewer. */
export interface FeedViewer {
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
  readonly requestKeyframe: () => void
  /** What the source measures now. */
  readonly source: () => Size
}

/** The units of one rendition on their way to all who watch it. */
export class RenditionFeed {
  readonly id: number
  /** Those who get its units. */
  readonly viewers = new Set<FeedViewer>()
  /** Those who change over to it at its next key picture, and get another feed's units until then. */
  readonly arriving = new Set<FeedViewer>()
  readonly #keyframes: KeyframeRequests
  readonly #source: () => Size
  #spec: RenditionSpec
  #bytes = 0
  #opened: Pick<RenditionInfo, 'encoder' | 'width' | 'height'> | undefined
  #info: RenditionInfo | undefined

  constructor(options: RenditionFeedOptions) {
    this.id = options.id
    this.#spec = options.spec
    this.#source = options.source
    this.#keyframes = new KeyframeRequests(options.clock, options.requestKeyframe)
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
    this.#bytes += unit.data.length
    const { size } = this.#spec
    // Made before the encoder heard that this size is fixed: a decoder that was opened for it never sees another.
    if (typeof size !== 'number' && !sameSize(size, unit)) return this.interrupt()
    if (unit.key) {
      this.#keyframes.came()
      for (const viewer of this.arriving) viewer.arrive(this)
    }
    for (const viewer of this.viewers) viewer.video(unit)
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
