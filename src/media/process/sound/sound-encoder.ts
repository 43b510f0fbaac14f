import { layoutFacts, type SoundLayout } from '../../../domain/sound-layout.ts'
import type { AudioUnit } from '../../contract/access-unit.ts'
import { OpusEncoder } from './opus-encoder.ts'
import { frameBytesOf } from './samples/pcm.ts'
import type { PcmFrame } from './samples/pcm-inlet.ts'
import { SilenceGate } from './silence-gate.ts'

/** Frames of sound to units, without those that hold nothing but silence for long. */
export class SoundEncoder {
  readonly #opus: OpusEncoder
  readonly #gate = new SilenceGate()
  readonly #silence: Buffer
  readonly #onUnit: (unit: AudioUnit) => void

  /** A unit's data is valid only during the call that hands it over. Throws MediaError `codec-failed`. */
  constructor(layout: SoundLayout, onUnit: (unit: AudioUnit) => void) {
    this.#opus = new OpusEncoder(layout)
    this.#silence = Buffer.alloc(frameBytesOf(layoutFacts[layout].speakers.length))
    this.#onUnit = onUnit
  }

  /** `always`: also when it is silence. Throws MediaError `codec-failed`. */
  encode({ pcm, captureUs, positionSamples }: PcmFrame, { always = false } = {}): void {
    if (!this.#gate.admits(!always && this.#silence.equals(pcm))) return
    this.#opus.encode(pcm, (data) => this.#onUnit({ captureUs, positionSamples, data }))
  }

  /** Takes what another encoder has had last, and makes nothing of it: what comes next follows it. Throws MediaError `codec-failed`. */
  prime(pcm: Uint8Array): void {
    this.#opus.encode(pcm, () => {})
  }

  close(): void {
    this.#opus.close()
  }
}
