import type { PictureShape, ShapeOffer } from '../../domain/picture-shape.ts'
import { MemoryVoices } from './memory-voices.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { Ending, type Closable, type End } from '../../kernel/ending.ts'
import { Writable } from '../../kernel/readable.ts'
import { opusFrameSamples, type AccessUnit, type AudioUnit } from '../../media/contract/access-unit.ts'
import { sameSize, type Size } from '../../domain/size.ts'
import type { VideoCodec } from '../../domain/video-codec.ts'
import { firstRung, shapeOf } from '../../media/rendition-shape.ts'
import {
  heardLayout,
  type MediaSink,
  type Producer,
  type ProducerState,
  type RenditionInfo,
  type Watch,
  type WatchRequest,
} from '../../media/contract/producer.ts'

export interface ScriptOptions {
  readonly clock: Clock
  /** The clock of `AccessUnit.captureUs`, in microseconds. */
  readonly nowUs: () => number
  /** Pictures a second; 60 unless given. */
  readonly fps?: number
  /** One encoding of this rate for all who watch; unless given, each watch gets its own encoding at its own rate. */
  readonly sharedBps?: number
  /** Smaller and fewer pictures where the rate is not enough for all there is, as a real one does; false unless given. */
  readonly shrinks?: boolean
  /** Sound too; true unless given. */
  readonly sound?: boolean
}

interface ScriptedWatch {
  readonly request: WatchRequest
  readonly sink: MediaSink
  readonly rendition: Writable<RenditionInfo | undefined>
  readonly shape: Writable<ShapeOffer | undefined>
  bitrateBps: number
  needsKey: boolean
}

const usualSize: Size = { width: 1280, height: 720 }
const keyFactor = 4
const soundPeriodMs = 10

/**
 * A live producer whose pictures have the shape of encoded ones, NAL units or VP8 frames of the right sizes, and noise
 * for contents, in whatever shape is asked for, for whatever carries them. Runs by its clock while somebody watches.
 */
export class ScriptedProducer implements Producer, Closable {
  readonly id: string
  readonly state = new Writable<ProducerState>({ status: 'live', width: 1280, height: 720, fps: 60 })
  readonly voices = new MemoryVoices()
  readonly closed: Promise<End>
  /** What each watch asked for last, in bits a second, oldest first. */
  readonly asked: number[] = []
  keyframesAsked = 0
  resyncs = 0
  readonly #options: {
    readonly fps: number
    readonly sound: boolean
    readonly sharedBps: number | undefined
    readonly shrinks: boolean
  }
  readonly #clock: Clock
  readonly #nowUs: () => number
  readonly #watches = new Set<ScriptedWatch>()
  readonly #ending: Ending
  #timers: Timer[] = []
  #frame = 0
  #soundPackets = 0

  constructor(id: string, { clock, nowUs, fps = 60, sharedBps, shrinks = false, sound = true }: ScriptOptions) {
    this.id = id
    this.#clock = clock
    this.#nowUs = nowUs
    this.#options = { fps, sharedBps, shrinks, sound }
    this.#ending = new Ending(() => {
      this.#watches.clear()
      this.#rest()
    })
    this.closed = this.#ending.closed
  }

  get viewers(): number {
    return this.#watches.size
  }

  watch(request: WatchRequest, sink: MediaSink): Watch {
    const watch: ScriptedWatch = {
      request,
      sink,
      rendition: new Writable<RenditionInfo | undefined>(undefined),
      shape: new Writable(request.shape && granted(request.shape)),
      bitrateBps: request.bitrateBps,
      needsKey: true,
    }
    if (!this.#ending.begun) this.#watches.add(watch)
    this.#run()
    return {
      rendition: watch.rendition,
      shape: watch.shape,
      sound: new Writable(heardLayout(request, this.#options.sound ? 'stereo' : undefined)),
      setShape: (shape) => watch.shape.set(shape && granted(shape)),
      setBitrate: (bitrateBps) => {
        watch.bitrateBps = bitrateBps
        this.asked.push(bitrateBps)
      },
      requestKeyframe: () => {
        this.keyframesAsked++
        watch.needsKey = true
      },
      resync: () => {
        this.resyncs++
        watch.needsKey = true
      },
      close: () => {
        this.#watches.delete(watch)
        if (this.#watches.size === 0) this.#rest()
      },
    }
  }

  /** Whatever is asked for: nothing is encoded. */
  offer({ shape }: WatchRequest & { readonly shape: PictureShape }): ShapeOffer {
    return granted(shape)
  }

  /** It has none. */
  async still(): Promise<undefined> {}

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #run(): void {
    if (this.#timers.length > 0 || this.#watches.size === 0) return
    const startMs = this.#clock.nowMs()
    const firstFrame = this.#frame
    const firstPacket = this.#soundPackets
    const catchUp = () => {
      const passedMs = this.#clock.nowMs() - startMs
      while (this.#frame - firstFrame < (passedMs * this.#options.fps) / 1000) this.#picture()
      while (this.#options.sound && this.#soundPackets - firstPacket < passedMs / soundPeriodMs) this.#sound()
    }
    this.#timers = [this.#clock.every(2, catchUp)]
  }

  #rest(): void {
    for (const timer of this.#timers) timer.cancel()
    this.#timers = []
  }

  #picture(): void {
    this.#frame++
    const shared = new Map<string, AccessUnit>()
    const { sharedBps, fps } = this.#options
    // A shared encoding has a key picture for all when one needs it.
    const sharedKey = [...this.#watches].some(({ needsKey }) => needsKey)
    for (const watch of this.#watches) {
      const [codec] = watch.request.codecs
      if (!codec) continue
      const { width, height, maxFps } = this.#shapeFor(watch)
      const watchFps = Math.min(fps, maxFps)
      const before = watch.rendition.value
      if (before && !(sameSize(before, { width, height }) && before.fps === watchFps)) watch.needsKey = true
      // Of all pictures, evenly, those that a slower one takes.
      const isDue = Math.floor((this.#frame * watchFps) / fps) > Math.floor(((this.#frame - 1) * watchFps) / fps)
      if (!isDue && !watch.needsKey) continue
      const bitrateBps = sharedBps ?? watch.bitrateBps
      const key = sharedBps === undefined ? watch.needsKey : sharedKey
      const bytes = Math.ceil((bitrateBps / watchFps / 8) * (key ? keyFactor : 1))
      const make = () => pictureOf({ codec, key, bytes, width, height, nowUs: this.#nowUs() })
      const encoding = `${codec} ${width}x${height}@${watchFps}`
      const unit = (sharedBps === undefined ? undefined : shared.get(encoding)) ?? make()
      shared.set(encoding, unit)
      watch.needsKey = false
      watch.rendition.set({
        codec,
        encoder: 'scripted',
        width,
        height,
        fps: watchFps,
        bitrateBps,
        content: { x: 0, y: 0, width, height },
      })
      watch.sink.video(unit)
    }
  }

  #shapeFor({ bitrateBps, shape }: ScriptedWatch): PictureShape {
    const { fps, shrinks } = this.#options
    if (shape.value?.given) return shape.value.given
    if (!shrinks) return { ...usualSize, maxFps: fps }
    const source = { ...usualSize, fps }
    const { shrink, fpsDivisor } = shapeOf(firstRung(source, bitrateBps), source)
    return { width: usualSize.width / shrink, height: usualSize.height / shrink, maxFps: fps / fpsDivisor }
  }

  #sound(): void {
    const unit: AudioUnit = {
      captureUs: this.#nowUs(),
      positionSamples: this.#soundPackets++ * opusFrameSamples,
      data: new Uint8Array(120).fill(this.#soundPackets),
    }
    for (const { request, sink } of this.#watches) if (request.audio) sink.audio(unit)
  }
}

function pictureOf(options: { codec: VideoCodec; key: boolean; bytes: number; nowUs: number } & Size): AccessUnit {
  const { codec, key, bytes, nowUs, width, height } = options
  const data = codec === 'h264' ? annexB(key, Math.max(bytes, 40)) : vp8(key, Math.max(bytes, 10))
  return { codec, key, captureUs: nowUs, encodedUs: nowUs, width, height, data }
}

/** Parameter sets and an IDR slice, or a slice; no zeros inside, so no start codes. */
function annexB(key: boolean, bytes: number): Uint8Array {
  const startCode = [0, 0, 0, 1]
  const heads = key
    ? [...startCode, 0x67, 0x42, 0xe0, 0x1f, 0x8c, ...startCode, 0x68, 0xce, 0x3c, 0x80, ...startCode, 0x65]
    : [...startCode, 0x41]
  const data = new Uint8Array(Math.max(bytes, heads.length + 1)).fill(0x5a)
  data.set(heads)
  return data
}

/** The lowest bit of the first byte is clear in a key frame (RFC 6386, section 9.1). */
function vp8(key: boolean, bytes: number): Uint8Array {
  const data = new Uint8Array(bytes).fill(0x5a)
  data[0] = key ? 0x10 : 0x11
  return data
}

function granted(shape: PictureShape): ShapeOffer {
  return { asked: shape, given: shape, reason: undefined }
}
