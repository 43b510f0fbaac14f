import { messageOf } from '../../../kernel/coded-error.ts'
import { monotonicUs } from '../../contract/monotonic.ts'
import type { RenditionSpec } from '../../link/messages.ts'
import { FramePacer } from '../pacing/frame-pacer.ts'
import type { PooledFrame } from '../picture/frame-pool.ts'
import type { Picture } from '../picture/picture.ts'
import type { StallDetector } from '../pacing/stall-detector.ts'
import { Backlog } from './backlog.ts'
import type { EncoderCatalogue } from './encoder-catalogue.ts'
import { FrameCadence } from './frame-cadence.ts'
import { RateFollower } from './rate-follower.ts'
import { Refinement } from './refinement.ts'
import { Reopening } from './reopening.ts'
import type { EncoderPreset, OnCoded, VideoEncoder } from './video-encoder.ts'

/** One coded picture, on its way out; `data` is valid only during the call that hands it over. */
export interface CodedPicture {
  readonly data: Uint8Array
  readonly key: boolean
  readonly captureUs: number
  readonly encodedUs: number
  readonly encodingUs: number
  readonly width: number
  readonly height: number
}

export interface RenditionEvents {
  /** An encoder was opened: for the first picture, a new size or a new bitrate. */
  onOpened(encoder: VideoEncoder): void
  /** False when it cannot be sent: then nothing more can be before the next key picture. */
  onCoded(picture: CodedPicture): boolean
  /** It takes pictures again. */
  onReady(): void
  /** No encoder can do it; `reason` is a sentence for people. */
  onFailure(reason: string): void
}

export interface RenditionOptions {
  readonly spec: RenditionSpec
  /** The most pictures a second that may ever be asked for; encoders are opened for it. */
  readonly nominalFps: number
  readonly preset: EncoderPreset
  readonly catalogue: EncoderCatalogue
  readonly stalls: StallDetector
  readonly events: RenditionEvents
}

/** A refinement begins this long before the path has nothing more to send. */
const leadUs = 20_000

/** A picture may come this much before its time, rather than one whole slot later. */
const earlyUs = 2_000

/**
 * One encoding of a source: works on one picture while the newest other waits, so that a slow encoder drops pictures
 * and never falls behind.
 */
export class Rendition {
  readonly #nominalFps: number
  readonly #preset: EncoderPreset
  readonly #catalogue: EncoderCatalogue
  readonly #stalls: StallDetector
  readonly #events: RenditionEvents
  readonly #pacer: FramePacer
  readonly #reopening = new Reopening()
  #spec: RenditionSpec
  #cadence: FrameCadence
  #follower = new RateFollower()
  #encoder: VideoEncoder | undefined
  /** What the encoder was set to last; `refinementBits` is 0 for pictures that show something new. */
  #rate = { bitrateBps: 0, boost: 1, refinementBits: 0 }
  #key: 'none' | 'wanted' | 'coming' = 'wanted'
  readonly #backlog = new Backlog()
  readonly #refinement = new Refinement()
  #waiting: Picture | undefined
  /** The picture that waits shows nothing new. */
  #refines = false
  #working: Promise<void> | undefined
  #over = false

  constructor(options: RenditionOptions) {
    this.#spec = options.spec
    this.#nominalFps = options.nominalFps
    this.#preset = options.preset
    this.#catalogue = options.catalogue
    this.#stalls = options.stalls
    this.#events = options.events
    this.#pacer = new FramePacer(options.spec.fps)
    this.#cadence = new FrameCadence(options.nominalFps)
  }

  get fps(): number {
    return this.#spec.fps
  }

  /** It needs a picture at once, to make a key picture of it. */
  get keyWanted(): boolean {
    return this.#key === 'wanted' && !this.#over
  }

  /** It has a picture in work and one that waits: one more would only take the place of that. */
  get full(): boolean {
    return this.#waiting !== undefined
  }

  /** Whether its last picture is known to look as it should. */
  get good(): boolean {
    return this.#refinement.good
  }

  /**
   * Whether the last picture should be given once more to make it better: it is not good, and the path has sent what it was given.
   * More than the path takes would only wait in a queue, and be given up there for a key picture as coarse as the first.
   */
  get refinable(): boolean {
    if (this.#over || this.#working || this.good) return false
    return this.#backlog.lastsUs(this.#spec.bitrateBps, monotonicUs()) <= leadUs
  }

  change({ size, fps, bitrateBps }: Omit<RenditionSpec, 'codec'>): void {
    this.#pacer.fps = fps
    this.#spec = { ...this.#spec, size, fps, bitrateBps }
  }

  /** Nothing happens when a key picture is on its way already. */
  requestKey(): void {
    if (this.#key === 'none') this.#key = 'wanted'
  }

  /**
   * Takes a picture to encode, unless one came less than a period ago. It is held as long as it is needed. One that `refines`
   * shows what the one before it has shown.
   */
  push(picture: Picture, refines = false): void {
    const nowUs = monotonicUs()
    if (!refines) this.#refinement.restart()
    if (this.#over || (!this.keyWanted && nowUs < this.#pacer.dueUs - earlyUs)) return
    if (this.#key === 'wanted') this.#key = 'coming'
    this.#pacer.take(nowUs)
    this.#waiting?.letGo()
    this.#waiting = picture.hold()
    this.#refines = refines
    this.#working ??= this.#work()
  }

  /** Waits for the picture in work. */
  async close(): Promise<void> {
    this.#over = true
    await this.#working
    this.#waiting?.letGo()
    this.#waiting = undefined
    await this.#encoder?.close()
  }

  async #work(): Promise<void> {
    try {
      for (let picture = this.#next(); picture && !this.#over; picture = this.#next()) {
        await this.#stalls.guard(this.#take(picture, this.#refines))
        this.#events.onReady()
      }
    } catch (error) {
      this.#over = true
      this.#events.onFailure(messageOf(error))
    } finally {
      this.#working = undefined
    }
  }

  #next(): Picture | undefined {
    if (this.#over) return undefined
    const picture = this.#waiting
    this.#waiting = undefined
    return picture
  }

  /** Encodes a picture, which is let go as soon as it has been made as large as it is wanted. */
  async #take(picture: Picture, refines: boolean): Promise<void> {
    let sized: PooledFrame | undefined
    try {
      sized = await picture.in(this.#spec.size)
    } finally {
      picture.letGo()
    }
    if (!sized) {
      // No buffer is free: the next picture has to do what this one should have.
      if (this.#key === 'coming') this.#key = 'wanted'
      return
    }
    try {
      await this.#encode(sized, picture.captureUs, refines)
    } finally {
      sized.letGo()
    }
  }

  async #encode({ frame }: PooledFrame, captureUs: number, refines: boolean): Promise<void> {
    const { width, height } = frame
    const encoder = await this.#encoderFor(width, height)
    const startedUs = monotonicUs()
    const key = this.#key !== 'none'
    const refinementBits = refines && !key ? this.#refinement.bitsAt(this.#spec.bitrateBps) : 0
    this.#adjust(encoder, captureUs, refinementBits)
    const onCoded: OnCoded = (data, isKey, quantizer) => {
      const encodedUs = monotonicUs()
      const bits = data.length * 8
      if (refinementBits > 0) {
        this.#refinement.coded(bits, refinementBits, quantizer)
      } else {
        this.#refinement.restart()
        this.#follower.coded(bits, this.#spec.bitrateBps, captureUs, quantizer)
      }
      this.#backlog.add(bits, this.#spec.bitrateBps, encodedUs)
      const encodingUs = encodedUs - startedUs
      const coded = { data, key: isKey, captureUs, encodedUs, encodingUs, width, height }
      const sent = this.#events.onCoded(coded)
      if (!sent) this.#key = 'wanted'
      else if (key) this.#key = 'none'
    }
    await encoder.encode(frame, captureUs, key, onCoded)
  }

  /** The encoder for pictures of this size, opened anew when size or bitrate demand it. */
  async #encoderFor(width: number, height: number): Promise<VideoEncoder> {
    const { codec, bitrateBps } = this.#spec
    const fps = this.#nominalFps
    const open = this.#encoder
    if (open && open.settings.width === width && open.settings.height === height) {
      if (open.kind.adjustable || !this.#reopening.due(bitrateBps, monotonicUs())) return open
    }
    this.#encoder = undefined
    await open?.close()
    const encoder = await this.#catalogue.open(codec, { width, height, fps, bitrateBps, preset: this.#preset })
    this.#encoder = encoder
    this.#reopening.opened(bitrateBps)
    this.#rate = { bitrateBps, boost: 1, refinementBits: 0 }
    this.#cadence = new FrameCadence(fps)
    this.#follower = new RateFollower()
    this.#key = 'coming'
    this.#events.onOpened(encoder)
    return encoder
  }

  /** Sets what the next picture may take; `refinementBits` is 0 for one that shows something new. */
  #adjust(encoder: VideoEncoder, timeUs: number, refinementBits: number): void {
    if (!encoder.kind.adjustable) return
    const { bitrateBps } = this.#spec
    const boost = this.#cadence.next(timeUs) * this.#follower.factor
    const before = this.#rate
    if (bitrateBps === before.bitrateBps && boost === before.boost && refinementBits === before.refinementBits) return
    this.#rate = { bitrateBps, boost, refinementBits }
    if (refinementBits > 0) encoder.setPictureBits(refinementBits)
    else encoder.setBitrate(bitrateBps, boost)
  }
}
