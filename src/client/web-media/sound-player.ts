import type { WebSound } from '../../wire/web-media/host-media-message.ts'
import { openSoundOutput, type SoundOutput } from './sound-output.ts'
import { SoundSchedule } from './sound-schedule.ts'

const sampleRate = 48_000
const gestures = ['pointerdown', 'keydown', 'touchend'] as const

/** Decodes Opus and plays it at its time; heard by whoever plays `track`. */
export class SoundPlayer {
  readonly track: MediaStreamTrack
  /** Resolves when sound is played: once the browser has a device, and somebody has touched the page if it wants that. */
  readonly running: Promise<void>
  readonly #context: AudioContext
  readonly #schedule = new SoundSchedule(sampleRate)
  readonly #end = new AbortController()
  readonly #decoder: AudioDecoder
  /** Places of what is being decoded, oldest first; a decoder keeps the order. */
  readonly #places: WebSound[] = []
  #output: SoundOutput | undefined
  /** Capture time of what is heard minus the time by this machine's clock, in milliseconds. */
  #heardMs: number | undefined

  private constructor(context: AudioContext) {
    const destination = context.createMediaStreamDestination()
    const [track] = destination.stream.getAudioTracks()
    if (!track) throw new Error('A destination without a track')
    this.track = track
    this.#context = context
    const running = Promise.withResolvers<void>()
    this.running = running.promise
    context.addEventListener('statechange', () => context.state === 'running' && running.resolve())
    this.#decoder = new AudioDecoder({ output: (data) => this.#play(data), error: () => this.close() })
    this.#decoder.configure({ codec: 'opus', sampleRate, numberOfChannels: 2 })
    void this.#begin(destination)
    // Before somebody has touched the page, browsers keep it silent.
    for (const type of gestures) {
      window.addEventListener(type, () => void this.#wake(), { capture: true, signal: this.#end.signal })
    }
  }

  static open(): SoundPlayer {
    return new SoundPlayer(new AudioContext({ sampleRate, latencyHint: 'interactive' }))
  }

  /** The time that sound waits for its turn, in milliseconds. */
  get delayMs(): number {
    return this.#schedule.delayMs
  }

  get heardMs(): number | undefined {
    return this.#heardMs
  }

  /** Sound was heard so much before the picture of the same moment was seen. */
  onAhead(aheadMs: number): void {
    this.#schedule.onAhead(aheadMs)
  }

  add(sound: WebSound): void {
    if (!this.#output || this.#decoder.state !== 'configured' || this.#context.state !== 'running') return
    this.#places.push(sound)
    this.#decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: sound.captureUs, data: sound.data }))
  }

  close(): void {
    if (this.#end.signal.aborted) return
    this.#end.abort()
    if (this.#decoder.state !== 'closed') this.#decoder.close()
    void this.#context.close()
  }

  async #begin(destination: AudioNode): Promise<void> {
    try {
      const output = await openSoundOutput(destination)
      if (this.#end.signal.aborted) return
      this.#output = output
      await this.#wake()
    } catch {
      // Closed meanwhile.
    }
  }

  async #wake(): Promise<void> {
    if (this.#context.state === 'suspended') await this.#context.resume()
  }

  #play(data: AudioData): void {
    const place = this.#places.shift()
    const { numberOfFrames } = data
    const planes = [0, data.numberOfChannels - 1].map((planeIndex) => {
      const samples = new Float32Array(numberOfFrames)
      data.copyTo(samples, { planeIndex, format: 'f32-planar' })
      return samples
    })
    data.close()
    const [left, right] = planes
    if (!place || !left || !right || !this.#output) return
    const nowFrame = Math.round(this.#context.currentTime * sampleRate)
    const atFrame = this.#schedule.place(place.positionSamples, nowFrame)
    this.#heardMs = place.captureUs / 1000 - (performance.now() + ((atFrame - nowFrame) * 1000) / sampleRate)
    this.#output.play({ atFrame, left, right })
  }
}
