import { type PictureShape, type ShapeOffer, sameShape } from '../domain/picture-shape.ts'
import type { HeardSound, SoundLayout } from '../domain/sound-layout.ts'
import { type Readable, type Unsubscribe, Writable } from '../kernel/readable.ts'
import { type AudioUnit, opusFrameSamples } from './contract/access-unit.ts'
import {
  type MediaSink,
  type Producer,
  type RenditionInfo,
  soundLayoutOf,
  type Watch,
  type WatchRequest,
} from './contract/producer.ts'
import { sameSize } from '../domain/size.ts'
import { evenShape } from './shape-offer.ts'

/** One producer's share in a switched watch. */
interface Feed {
  readonly producer: Producer
  /** Undefined only while it is being opened. */
  watch: Watch | undefined
  unsubscribe: Unsubscribe | undefined
}

/**
 * One viewer's watch that outlives its producers. It is fed by one of them; the next one's key picture, or first sound where
 * there are no pictures, makes the change, for picture and sound at once. Until then the next one's units are dropped.
 */
export class SwitchedWatch implements Watch {
  readonly #rendition = new Writable<RenditionInfo | undefined>(undefined)
  readonly #shape = new Writable<ShapeOffer | undefined>(undefined)
  readonly #sound = new Writable<SoundLayout | undefined>(undefined)
  readonly #sink: MediaSink
  #request: WatchRequest
  #current: Feed | undefined
  #next: Feed | undefined
  #positionSamples = -Infinity
  #closed = false

  constructor(request: WatchRequest, sink: MediaSink) {
    this.#request = request
    this.#sink = sink
  }

  get rendition(): Readable<RenditionInfo | undefined> {
    return this.#rendition
  }

  get sound(): Readable<SoundLayout | undefined> {
    return this.#sound
  }

  /** What its viewer hears; undefined for one who does not listen. */
  get heard(): HeardSound | undefined {
    const asked = soundLayoutOf(this.#request)
    return asked && { asked, given: this.#sound.value }
  }

  /** Moves to a producer, or stays with the one that is shown and forgets the move in progress. */
  show(producer: Producer): void {
    if (this.#closed || producer === this.#next?.producer) return
    const former = this.#next
    this.#next = undefined
    if (former) end(former)
    if (producer !== this.#current?.producer) this.#open(producer)
  }

  get closed(): boolean {
    return this.#closed
  }

  setBitrate(bitrateBps: number): void {
    this.#request = { ...this.#request, bitrateBps }
    this.#current?.watch?.setBitrate(bitrateBps)
    this.#next?.watch?.setBitrate(bitrateBps)
  }

  get shape(): Readable<ShapeOffer | undefined> {
    return this.#shape
  }

  setShape(shape: PictureShape | undefined): void {
    this.#request = { ...this.#request, shape }
    this.#current?.watch?.setShape(shape)
    this.#next?.watch?.setShape(shape)
  }

  requestKeyframe(): void {
    this.#current?.watch?.requestKeyframe()
  }

  resync(): void {
    this.#current?.watch?.resync()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#next) end(this.#next)
    if (this.#current) end(this.#current)
    this.#next = undefined
    this.#current = undefined
  }

  /** Who has been given a size is given it by every producer, so that a decoder that was opened for it goes on. */
  get #holdsShape(): boolean {
    const { holdsShape = false, shape } = this.#request
    const { value: offer } = this.#shape
    if (holdsShape || !shape || !offer?.given) return holdsShape
    return sameShape(offer.asked, evenShape(shape)) && sameSize(offer.asked, offer.given)
  }

  #open(producer: Producer): void {
    const feed: Feed = { producer, watch: undefined, unsubscribe: undefined }
    this.#next = feed
    const watch = producer.watch(
      { ...this.#request, holdsShape: this.#holdsShape },
      {
        video: (unit) => {
          if (feed === this.#next && unit.key) this.#change(feed)
          if (feed === this.#current) this.#sink.video(unit)
        },
        audio: (unit) => {
          // Who only listens has no key picture to wait for.
          if (feed === this.#next && this.#request.codecs.length === 0) this.#change(feed)
          if (feed === this.#current) this.#hand(unit)
        },
      },
    )
    feed.watch = watch
    if (!this.#current) this.#shape.set(watch.shape.value)
    if (feed === this.#current) this.#follow(feed)
    else if (feed !== this.#next) watch.close()
  }

  /** The key picture of the next producer is here. */
  #change(feed: Feed): void {
    const former = this.#current
    this.#current = feed
    this.#next = undefined
    if (former) end(former)
    this.#follow(feed)
  }

  #follow(feed: Feed): void {
    if (!feed.watch) return
    const { rendition, shape, sound } = feed.watch
    // What was wished is known before what comes of it.
    this.#shape.set(shape.value)
    this.#rendition.set(rendition.value)
    this.#sound.set(sound.value)
    const unsubscribes = [
      shape.subscribe((offer) => this.#shape.set(offer)),
      rendition.subscribe((info) => this.#rendition.set(info)),
      sound.subscribe((layout) => this.#sound.set(layout)),
    ]
    feed.unsubscribe = () => {
      for (const unsubscribe of unsubscribes) unsubscribe()
    }
  }

  /** All producers' sound is on one time line; what would go back on it was heard from the former one. */
  #hand(unit: AudioUnit): void {
    if (unit.positionSamples < this.#positionSamples) return
    this.#positionSamples = unit.positionSamples + opusFrameSamples
    this.#sink.audio(unit)
  }
}

function end(feed: Feed): void {
  feed.unsubscribe?.()
  feed.watch?.close()
}
