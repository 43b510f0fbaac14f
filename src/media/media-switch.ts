import { type Closable, Ending } from '../kernel/ending.ts'
import { type Readable, Writable } from '../kernel/readable.ts'
import { videoCodecs } from '../domain/video-codec.ts'
import type { HeardSound } from '../domain/sound-layout.ts'
import type { PictureShape, ShapeOffer } from '../domain/picture-shape.ts'
import type { MediaSink, PictureChoice, Producer, RenditionInfo, Watch, WatchRequest } from './contract/producer.ts'
import { SwitchedWatch } from './switched-watch.ts'

/** Shows one viewer one producer after another, without a gap between them. */
export interface MediaSwitch extends Closable, PictureChoice {
  /** What is to be seen; the viewer sees the former target until this one's first key picture. */
  readonly target: Readable<Producer>
  /**
   * Begins to feed a viewer. Two can be fed at once, so that a viewer can move from one path to another without a gap; a
   * third takes the place of the oldest, whose watch ends.
   */
  attach(request: WatchRequest, sink: MediaSink): Watch
  /** Moves to another producer; nothing happens when it is the target already. */
  to(producer: Producer): void
}

export function openMediaSwitch(initial: Producer): MediaSwitch {
  return new SessionSwitch(initial)
}

/** What is taken for granted of a viewer that has yet to come. */
const nobody: WatchRequest = { codecs: videoCodecs, bitrateBps: 4_000_000, audio: false }

class SessionSwitch implements MediaSwitch {
  readonly closed
  readonly #target: Writable<Producer>
  readonly #ending = new Ending(() => {
    for (const watch of this.#watches) watch.close()
  })
  readonly #shape = new Writable<ShapeOffer | undefined>(undefined)
  #wish: PictureShape | undefined
  #watches: readonly SwitchedWatch[] = []

  constructor(initial: Producer) {
    this.#target = new Writable(initial)
    this.closed = this.#ending.closed
  }

  get target(): Readable<Producer> {
    return this.#target
  }

  get shape(): Readable<ShapeOffer | undefined> {
    return this.#shape
  }

  get rendition(): RenditionInfo | undefined {
    return this.#newest?.rendition.value
  }

  get heard(): HeardSound | undefined {
    return this.#newest?.heard
  }

  setShape(shape: PictureShape | undefined): void {
    this.#wish = shape
    const open = this.#watches.filter(({ closed }) => !closed)
    for (const watch of open) watch.setShape(shape)
    if (!shape) this.#shape.set(undefined)
    else if (open.length === 0) this.#shape.set(this.#target.value.offer({ ...nobody, shape }))
  }

  offer(request: WatchRequest & { readonly shape: PictureShape }): ShapeOffer {
    return this.#target.value.offer(request)
  }

  /** Of those that are open: a viewer that has moved to another path has closed the former one's. */
  get #newest(): SwitchedWatch | undefined {
    return this.#watches.findLast(({ closed }) => !closed)
  }

  attach(request: WatchRequest, sink: MediaSink): Watch {
    const watch = new SwitchedWatch({ ...request, shape: request.shape ?? this.#wish }, sink)
    if (this.#ending.begun) {
      watch.close()
      return watch
    }
    const open = this.#watches.filter(({ closed }) => !closed)
    for (const oldest of open.slice(0, -1)) oldest.close()
    this.#watches = [...open.slice(-1), watch]
    watch.shape.subscribe((offer) => {
      if (this.#newest === watch) this.#shape.set(offer)
    })
    watch.show(this.#target.value)
    return watch
  }

  to(producer: Producer): void {
    if (this.#ending.begun || producer === this.#target.value) return
    this.#target.set(producer)
    for (const watch of this.#watches) watch.show(producer)
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
