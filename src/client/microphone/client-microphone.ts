import type { Clock, Timer } from '../../kernel/clock.ts'
import { type Unsubscribe, Writable } from '../../kernel/readable.ts'
import type { VoicesMessage } from '../../wire/signal/voices.ts'
import { reportUncaught } from '../contract/report-uncaught.ts'
import type { Microphone, MicrophoneState } from './microphone.ts'
import type { MicrophoneFailure, MicrophonePlatform } from './microphone-platform.ts'

/** A way that a voice can take. */
export interface VoicePath {
  /** Whether it takes a voice at all; why not, for people. */
  readonly whyMute: string | undefined
  /** Sends what this track hears from now on, or nothing. `tell` is told what becomes of it, whenever that changes. */
  speak(track: MediaStreamTrack | undefined, tell: (sending: VoiceSending) => void): void
}

/** Whether a voice goes out; `reason` is a sentence for people. */
export type VoiceSending = { readonly heard: true } | { readonly heard: false; readonly reason: string }

/** So long without a connection, and the device is let go until there is one. */
const releaseAfterMs = 30_000

/** Refusals of the host after which nobody hears what is said. */
const refusals: ReadonlySet<string> = new Set(['voice-forbidden', 'too-many-speakers'])

/** Keeps the device and the way that its sound takes in line with what is wanted, allowed and connected. */
export class ClientMicrophone implements Microphone {
  readonly #platform: MicrophonePlatform
  readonly #clock: Clock
  readonly #state: Writable<MicrophoneState>
  #isWanted = false
  #track: MediaStreamTrack | undefined
  #opening: Promise<void> | undefined
  #path: VoicePath | undefined
  /** Of the track by the path; undefined while that is not known. */
  #sending: VoiceSending | undefined
  #failure: MicrophoneFailure | undefined
  #isUseless = false
  #release: Timer | undefined
  #isClosed = false

  constructor(platform: MicrophonePlatform, clock: Clock) {
    this.#platform = platform
    this.#clock = clock
    this.#state = new Writable<MicrophoneState>(this.#look(), reportUncaught)
  }

  get value(): MicrophoneState {
    return this.#state.value
  }

  subscribe(listener: (state: MicrophoneState) => void): Unsubscribe {
    return this.#state.subscribe(listener)
  }

  async turnOn(): Promise<void> {
    if (this.#isClosed || this.#isUseless || this.#platform.whyNot() !== undefined) return
    this.#isWanted = true
    this.#failure = undefined
    await this.#settle()
  }

  turnOff(): void {
    this.#end(undefined)
  }

  /** What carries from now on; undefined when nothing does. */
  use(path: VoicePath | undefined): void {
    if (path === this.#path) return
    this.#speak(undefined)
    this.#path = path
    void this.#settle()
  }

  /** Who would hear this client has changed; undefined where that is not known. */
  hear(voices: Pick<VoicesMessage, 'audience'> | undefined): void {
    this.#isUseless = voices !== undefined && !voices.audience.app && !voices.audience.members
    if (this.#isUseless && this.#isWanted) this.#end(this.#failure)
    this.#tell()
  }

  /** The host has refused something: whoever is not heard is not to think so. */
  refused(hostCode: string | undefined, message: string): void {
    if (!this.#isWanted || !refusals.has(hostCode ?? '')) return
    this.#end({ status: 'unavailable', reason: message })
  }

  close(): void {
    this.#isClosed = true
    this.#end(undefined)
    this.#path = undefined
  }

  /** Opens and lets go, sends and keeps silent, as it ought to be now. */
  async #settle(): Promise<void> {
    const path = this.#path?.whyMute === undefined ? this.#path : undefined
    if (path && this.#isWanted) {
      this.#release?.cancel()
      this.#release = undefined
      if (!this.#track) return this.#open()
      this.#track.enabled = true
      this.#speak(this.#track)
    } else if (this.#track) {
      // Browsers show that the microphone hears nothing.
      this.#track.enabled = false
      this.#release ??= this.#clock.after(releaseAfterMs, () => this.#letGo())
    }
    this.#tell()
  }

  async #open(): Promise<void> {
    this.#opening ??= this.#ask().finally(() => {
      this.#opening = undefined
    })
    this.#tell()
    await this.#opening
    this.#tell()
  }

  async #ask(): Promise<void> {
    try {
      const track = await this.#platform.open()
      if (!this.#isWanted || this.#track) return track.stop()
      this.#track = track
      track.addEventListener('ended', () => {
        if (this.#track !== track) return
        const reason = 'The microphone is gone: it was unplugged, or this page may not have it any more'
        this.#end({ status: 'unavailable', reason })
      })
      await this.#settle()
    } catch (error) {
      if (this.#isWanted) this.#end(this.#platform.explain(error))
    }
  }

  #end(failure: MicrophoneFailure | undefined): void {
    this.#isWanted = false
    this.#failure = failure
    this.#letGo()
    this.#tell()
  }

  #letGo(): void {
    this.#release?.cancel()
    this.#release = undefined
    this.#speak(undefined)
    const track = this.#track
    this.#track = undefined
    track?.stop()
  }

  #speak(track: MediaStreamTrack | undefined): void {
    this.#sending = undefined
    const path = this.#path
    path?.speak(track, (sending) => {
      if (path !== this.#path || track === undefined || track !== this.#track) return
      this.#sending = sending
      this.#tell()
    })
  }

  #tell(): void {
    const state = this.#look()
    if (!isSame(state, this.#state.value)) this.#state.set(state)
  }

  #look(): MicrophoneState {
    const whyNot = this.#platform.whyNot()
    if (whyNot !== undefined) return { status: 'unavailable', reason: whyNot }
    if (this.#isUseless && !this.#isWanted) return { status: 'unavailable', reason: 'Nobody here would hear you' }
    if (this.#failure) return this.#failure
    if (!this.#isWanted) return { status: 'off' }
    if (!this.#path) return { status: 'paused', reason: 'There is no connection' }
    if (this.#path.whyMute !== undefined) return { status: 'paused', reason: this.#path.whyMute }
    if (!this.#track || !this.#sending) return { status: 'starting' }
    return this.#sending.heard ? { status: 'on' } : { status: 'paused', reason: this.#sending.reason }
  }
}

function isSame(a: MicrophoneState, b: MicrophoneState): boolean {
  const reasonOf = (state: MicrophoneState) => ('reason' in state ? state.reason : undefined)
  return a.status === b.status && reasonOf(a) === reasonOf(b)
}
