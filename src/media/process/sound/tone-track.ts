import type { Clock, Timer } from '../../../kernel/clock.ts'
import type { SoundLayout } from '../../../domain/sound-layout.ts'
import { opusFrameSamples } from '../../contract/access-unit.ts'
import { monotonicUs } from '../../contract/monotonic.ts'
import { positionAt, samplesToUs } from './samples/pcm.ts'
import type { PcmFrame } from './samples/pcm-inlet.ts'
import type { SoundTrack, SoundTrackOptions } from './sound-track.ts'
import { toneFrame } from './samples/tone.ts'

const periodMs = 10

/** After a pause longer than this the tone goes on at the present, instead of catching up. */
const longestBacklogSamples = 5 * opusFrameSamples

/** The test pattern's tone, made by the clock. It beeps from another speaker each second. */
export class ToneTrack implements SoundTrack {
  readonly #clock: Clock
  readonly #onFrame: (frame: PcmFrame) => void
  readonly #layout: SoundLayout
  #timer: Timer | undefined
  #position = 0

  constructor({ clock, layout, onFrame }: SoundTrackOptions & { readonly layout: SoundLayout }) {
    this.#layout = layout
    this.#clock = clock
    this.#onFrame = onFrame
  }

  setOn(on: boolean): void {
    if (on === (this.#timer !== undefined)) return
    this.#timer?.cancel()
    this.#timer = on ? this.#clock.every(periodMs, () => this.#fill()) : undefined
  }

  async close(): Promise<void> {
    this.setOn(false)
  }

  #fill(): void {
    const nowUs = monotonicUs()
    const now = positionAt(nowUs)
    if (now - this.#position > longestBacklogSamples) this.#position = now - opusFrameSamples
    while (this.#position + opusFrameSamples <= now) {
      const positionSamples = this.#position
      const captureUs = samplesToUs(positionSamples)
      const epochMs = this.#clock.epochMs() - (nowUs - captureUs) / 1000
      this.#onFrame({ pcm: toneFrame(epochMs / 1000, this.#layout), captureUs, positionSamples })
      this.#position += opusFrameSamples
    }
  }
}
