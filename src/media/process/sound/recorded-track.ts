import type { Timer } from '../../../kernel/clock.ts'
import { Backoff } from '../../../kernel/backoff.ts'
import { monotonicUs } from '../../contract/monotonic.ts'
import type { CapturedSound } from '../../contract/producer.ts'
import { layoutFacts } from '../../../domain/sound-layout.ts'
import { PcmInlet } from './samples/pcm-inlet.ts'
import { Recorder } from './recorder.ts'
import type { SoundTrack, SoundTrackOptions } from './sound-track.ts'

const retryPolicy = { baseDelayMs: 250, maxDelayMs: 5000, jitterFactor: 0.2, healthyAfterMs: 10_000 } as const

/** Sound that comes late for so long will go on to: the recorder is started anew. */
const hopelessUs = 1_000_000

/** What a sound server's source hears. The recorder runs while it is on, and again when it ends by itself. */
export class RecordedTrack implements SoundTrack {
  readonly #options: SoundTrackOptions & { readonly sound: CapturedSound }
  readonly #backoff: Backoff
  #on = false
  #recorder: Recorder | undefined
  #retry: Timer | undefined
  #position = 0

  constructor(options: SoundTrackOptions & { readonly sound: CapturedSound }) {
    this.#options = options
    this.#backoff = new Backoff(retryPolicy, options.clock, Math.random)
  }

  setOn(on: boolean): void {
    if (on === this.#on) return
    this.#on = on
    if (on) this.#start()
    else this.#stop()
  }

  async close(): Promise<void> {
    const recorder = this.#recorder
    this.#on = false
    this.#stop()
    await recorder?.closed
  }

  #start(): void {
    const inlet = new PcmInlet({
      position: this.#position,
      channels: layoutFacts[this.#options.sound.layout].speakers.length,
      onFrame: (frame) => this.#options.onFrame(frame),
    })
    const recorder = new Recorder(this.#options.sound, {
      onPcm: (chunk) => {
        if (this.#recorder !== recorder) return
        this.#backoff.succeeded()
        const nowUs = monotonicUs()
        inlet.push(chunk, nowUs)
        this.#position = inlet.position
        if (inlet.lateForUs(nowUs) > hopelessUs) this.#restart('its sound comes late')
      },
      onEnd: (reason) => {
        if (this.#recorder === recorder) this.#restart(reason)
      },
    })
    this.#recorder = recorder
  }

  #restart(reason: string): void {
    this.#stop()
    const waitMs = this.#backoff.failed()
    this.#options.log(`The recorder of ${this.#options.sound.source} is started again: ${reason}`)
    this.#retry = this.#options.clock.after(waitMs, () => this.#start())
  }

  #stop(): void {
    this.#retry?.cancel()
    this.#retry = undefined
    const recorder = this.#recorder
    this.#recorder = undefined
    recorder?.close()
  }
}
