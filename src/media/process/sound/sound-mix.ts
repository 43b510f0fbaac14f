import { layoutFacts, type SoundLayout } from '../../../domain/sound-layout.ts'
import { type AudioUnit, opusFrameSamples } from '../../contract/access-unit.ts'
import { ChannelMix } from './samples/channel-mix.ts'
import type { PcmFrame } from './samples/pcm-inlet.ts'
import { SoundEncoder } from './sound-encoder.ts'
import { Limiter } from './voice/limiter.ts'

export interface SoundMixOptions {
  /** That of the source, and the one that is made of it. */
  readonly from: SoundLayout
  readonly to: SoundLayout
  /** A unit's data is valid only during the call. */
  readonly onUnit: (unit: AudioUnit) => void
}

/** Voices to be added to 10 ms of sound, mono; `without` is not. */
export interface MixedVoices {
  readonly all: Float32Array
  readonly without: Float32Array | undefined
}

const full = 32_768

/**
 * A source's sound in one layout, with voices, encoded. Channels are added up as they are, and the sum is turned down only where it
 * is louder than full: a downmix of quiet channels is as loud as they are.
 */
export class SoundMix {
  readonly #encoder: SoundEncoder
  readonly #limiter = new Limiter()
  readonly #channels: ChannelMix
  /** The source's frames can be encoded as they are. */
  readonly #isSame: boolean
  readonly #count: number
  readonly #sum: Float32Array
  readonly #mixed: Int16Array
  readonly #pcm: Uint8Array

  /** Throws MediaError `codec-failed`. */
  constructor({ from, to, onUnit }: SoundMixOptions) {
    this.#encoder = new SoundEncoder(to, onUnit)
    this.#channels = new ChannelMix(from, to)
    this.#isSame = from === to
    this.#count = layoutFacts[to].speakers.length
    this.#sum = new Float32Array(this.#count * opusFrameSamples)
    this.#mixed = new Int16Array(this.#sum.length)
    this.#pcm = new Uint8Array(this.#mixed.buffer)
  }

  /** Encodes 10 ms, whose samples are also in `base`, and returns what was encoded, until the next call. Throws MediaError `codec-failed`. */
  encode(frame: PcmFrame, base: Int16Array, voices?: MixedVoices): Uint8Array {
    const isAsItIs = this.#isSame && voices === undefined
    const pcm = isAsItIs ? frame.pcm : this.#mix(base, voices)
    this.#encoder.encode({ ...frame, pcm }, { always: voices !== undefined })
    return pcm
  }

  /** See {@link SoundEncoder.prime}. */
  prime(pcm: Uint8Array): void {
    this.#encoder.prime(pcm)
  }

  close(): void {
    this.#encoder.close()
  }

  #mix(base: Int16Array, voices: MixedVoices | undefined): Uint8Array {
    const [sum, mixed] = [this.#sum, this.#mixed]
    this.#channels.mix(base, sum)
    if (voices) this.#add(voices)
    this.#limiter.limit(sum)
    for (let index = 0; index < sum.length; index++) {
      mixed[index] = Math.min(full - 1, Math.round((sum[index] as number) * full))
    }
    return this.#pcm
  }

  /** To the two speakers in front, which every layout has first. */
  #add({ all, without }: MixedVoices): void {
    for (let at = 0; at < opusFrameSamples; at++) {
      const voice = (all[at] as number) - (without?.[at] ?? 0)
      for (let place = at * this.#count; place < at * this.#count + 2; place++) {
        this.#sum[place] = (this.#sum[place] as number) + voice
      }
    }
  }
}
