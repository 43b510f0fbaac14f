import { powerOf } from './power.ts'
import { opusFrameSamples } from '../../../contract/access-unit.ts'
import type { VoiceUnit } from '../../../contract/voice.ts'
import { JitterBuffer } from './jitter-buffer.ts'
import { VoiceDecoder } from './voice-decoder.ts'

/** What of it can still be read: 170 ms, a power of two. */
const keptSamples = 8192
/** Pieces of 10 ms for which a voice that has ended is kept, so that whoever hears it can let it fade and go on. */
const fadingPieces = 30

/** One speaker's voice on the time line of the monotonic clock: made 10 ms at a time, and readable for a while. */
export class SpeakerVoice {
  readonly forApp = new Fader()
  readonly forMembers = new Fader()
  /** The last 10 ms that were made. */
  readonly latest = new Float32Array(opusFrameSamples)
  app = false
  members = false
  readonly #kept = new Float32Array(keptSamples)
  readonly #decoder = new VoiceDecoder()
  readonly #buffer = new JitterBuffer((data) => this.#decoder.decode(data))
  readonly #level = new VoiceLevel()
  #piecesLeft = Infinity

  /** Says something now. */
  get speaks(): boolean {
    return this.#level.speaks && !this.ended
  }

  get ended(): boolean {
    return this.#piecesLeft < Infinity
  }

  /** It has ended, and is not needed any more. */
  get gone(): boolean {
    return this.#piecesLeft <= 0
  }

  /** The data is kept. */
  push(unit: VoiceUnit): void {
    if (!this.ended) this.#buffer.push(unit)
  }

  /** Nobody is to hear it any more. */
  end(): void {
    if (!this.ended) this.#piecesLeft = fadingPieces
    this.app = false
    this.members = false
  }

  /** Makes the 10 ms from this place on. */
  make(position: number): void {
    const { latest } = this
    this.#buffer.read(latest)
    this.#level.add(latest)
    this.#piecesLeft--
    for (let index = 0; index < latest.length; index++) {
      this.#kept[(position + index) & (keptSamples - 1)] = latest[index] as number
    }
  }

  /** Reads what belongs to this place; it has to have been made, and not for too long. */
  read(position: number, into: Float32Array): void {
    for (let index = 0; index < into.length; index++) {
      into[index] = this.#kept[(position + index) & (keptSamples - 1)] as number
    }
  }

  close(): void {
    this.#decoder.close()
  }
}

/** Lets a voice in, or shuts it out, over 10 ms, so that neither clicks. */
class Fader {
  #gain = 0

  /** Nothing passes. */
  get shut(): boolean {
    return this.#gain === 0
  }

  /** Changes 10 ms of sound in place to what passes of it. */
  pass(samples: Float32Array, open: boolean): void {
    const before = this.#gain
    const after = open ? 1 : 0
    this.#gain = after
    if (before === 1 && after === 1) return
    const step = (after - before) / samples.length
    for (let index = 0; index < samples.length; index++) {
      samples[index] = (samples[index] as number) * (before + step * (index + 1))
    }
  }
}

/** Louder than this somebody says something: -48 dB. What a room hums is quieter, with noise suppression. */
const threshold = 10 ** (-48 / 20)
/** So much longer somebody is said to speak: a pause between two words is no pause. In pieces of 10 ms. */
const lingering = 40
/** A click is no word. */
const least = 3

/** Tells whether somebody speaks, by how loud each 10 ms are. */
class VoiceLevel {
  #loud = 0
  #since = Infinity

  get speaks(): boolean {
    return this.#since <= lingering
  }

  add(samples: Float32Array): void {
    const isLoud = powerOf(samples) > threshold * threshold
    this.#loud = isLoud ? this.#loud + 1 : 0
    this.#since = this.#loud >= least ? 0 : this.#since + 1
  }
}
