import { usualCodec } from '../../domain/video-codec.ts'
import type { PictureShape, ShapeOffer } from '../../domain/picture-shape.ts'
import { Ending } from '../../kernel/ending.ts'
import { Writable } from '../../kernel/readable.ts'
import type { AccessUnit } from '../../media/contract/access-unit.ts'
import type { Still } from '../../media/contract/still.ts'
import { letterbox } from '../../domain/letterbox.ts'
import {
  heardLayout,
  type MediaSink,
  type Producer,
  type ProducerState,
  type RenditionInfo,
  soundOf,
  type SourceSpec,
  type Watch,
  type WatchRequest,
} from '../../media/contract/producer.ts'
import { MemoryVoices } from './memory-voices.ts'

interface MemoryWatch {
  readonly sink: MediaSink
  readonly rendition: Writable<RenditionInfo | undefined>
  readonly shape: Writable<ShapeOffer | undefined>
  bitrateBps: number
  needsKey: boolean
}

const firstBitrateBps = 1_000_000

/**
 * A producer in memory. It has no encoder: a picture is the text `<id> <number>`, sent when somebody calls
 * {@link sendPicture}. In all else it keeps the contract of a producer.
 */
export class MemoryProducer implements Producer {
  readonly id: string
  readonly spec: SourceSpec | undefined
  readonly state = new Writable<ProducerState>({ status: 'starting' })
  readonly voices = new MemoryVoices()
  readonly closed
  readonly #watches = new Set<MemoryWatch>()
  readonly #ending = new Ending(() => this.#watches.clear())
  #pictures = 0

  constructor(id: string, spec?: SourceSpec) {
    this.id = id
    this.spec = spec
    this.closed = this.#ending.closed
  }

  get viewers(): number {
    return this.#watches.size
  }

  goLive(width = 1280, height = 720): void {
    this.state.set({ status: 'live', width, height, fps: 60 })
  }

  /** Its source broke; whoever is in charge of it makes it live again. */
  goDown(reason: string): void {
    this.state.set({ status: 'down', reason })
  }

  /** Sends one picture to everybody who watches; to those who cannot begin with it, not before the next key picture. */
  sendPicture({ key = false } = {}): void {
    const state = this.state.value
    if (this.#ending.begun || state.status !== 'live') return
    const number = ++this.#pictures
    for (const watch of this.#watches) {
      if (watch.needsKey && !key) continue
      watch.needsKey = false
      const { width, height } = watch.shape.value?.given ?? state
      const unit: AccessUnit = {
        codec: usualCodec,
        key,
        captureUs: number * 1000,
        encodedUs: number * 1000 + 1,
        width,
        height,
        data: new TextEncoder().encode(`${this.id} ${number}`),
      }
      const { codec } = unit
      const { bitrateBps } = watch
      const content = letterbox(state, { width, height })
      watch.rendition.set({ codec, encoder: 'memory', width, height, fps: state.fps, bitrateBps, content })
      watch.sink.video(unit)
    }
  }

  watch(request: WatchRequest, sink: MediaSink): Watch {
    const watch: MemoryWatch = {
      sink,
      rendition: new Writable<RenditionInfo | undefined>(undefined),
      shape: new Writable(request.shape && granted(request.shape)),
      bitrateBps: Math.min(request.bitrateBps, firstBitrateBps),
      needsKey: true,
    }
    if (!this.#ending.begun) this.#watches.add(watch)
    return {
      rendition: watch.rendition,
      shape: watch.shape,
      sound: new Writable(heardLayout(request, this.spec && soundOf(this.spec))),
      setShape: (shape) => {
        watch.shape.set(shape && granted(shape))
        watch.needsKey = true
      },
      setBitrate: (bitrateBps) => void (watch.bitrateBps = bitrateBps),
      requestKeyframe: () => {},
      resync: () => void (watch.needsKey = true),
      close: () => void this.#watches.delete(watch),
    }
  }

  /** Whatever is asked for: it encodes nothing. */
  offer({ shape }: WatchRequest & { readonly shape: PictureShape }): ShapeOffer {
    return granted(shape)
  }

  /** As its pictures are text, this is no JPEG either. */
  async still(): Promise<Still | undefined> {
    const state = this.state.value
    if (this.#ending.begun || state.status !== 'live') return undefined
    const jpeg = new TextEncoder().encode(`${this.id} ${this.#pictures}`)
    return { jpeg, width: state.width, height: state.height, captureUs: this.#pictures * 1000 }
  }

  /** The end that comes from inside: its media process is lost for good. */
  fail(error: Error): Promise<void> {
    return this.#ending.fail(error)
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function granted(shape: PictureShape): ShapeOffer {
  return { asked: shape, given: shape, reason: undefined }
}
