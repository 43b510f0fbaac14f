import type { Clock, Timer } from '../../../../kernel/clock.ts'
import { opusFrameSamples } from '../../../contract/access-unit.ts'
import type { VoiceUnit } from '../../../contract/voice.ts'
import { positionAt } from '../samples/pcm.ts'
import { Limiter } from './limiter.ts'
import { SpeakerVoice } from './speaker-voice.ts'

export interface VoiceDeskOptions {
  readonly clock: Clock
  /** The monotonic clock of captures. */
  readonly nowUs: () => number
  /** Where the app hears voices; 10 ms of mono sound at a time. Undefined for an app without a microphone. */
  readonly microphone: { play(samples: Float32Array): void; rest(): void } | undefined
  /** Others than before are heard to say something. */
  readonly onSpeaking: (speakers: readonly number[]) => void
  /** 10 ms more of all voices are there. */
  readonly onMade: () => void
}

/** Who is heard by whom, by their numbers. */
export interface RoutedSpeaker {
  readonly speaker: number
  readonly app: boolean
  readonly members: boolean
}

const periodMs = 10
/** After a pause longer than this the voices go on at the present, instead of catching up. */
const longestBacklog = 10 * opusFrameSamples
/** Between two notices of who speaks. */
const noticePeriodMs = 250

/** All voices of a source, made 10 ms at a time by the clock. It rests, and costs nothing, while there are none. */
export class VoiceDesk {
  readonly #options: VoiceDeskOptions
  readonly #voices = new Map<number, SpeakerVoice>()
  readonly #limiter = new Limiter()
  readonly #sum = new Float32Array(opusFrameSamples)
  #timer: Timer | undefined
  #position = 0
  #told = ''
  #toldMs = -Infinity

  constructor(options: VoiceDeskOptions) {
    this.#options = options
  }

  /** By speaker, those that are fading away among them. */
  get voices(): ReadonlyMap<number, SpeakerVoice> {
    return this.#voices
  }

  /** The place up to which all voices have been made. */
  get position(): number {
    return this.#position
  }

  /** Throws MediaError `codec-failed`. */
  setSpeakers(speakers: readonly RoutedSpeaker[]): void {
    const wanted = new Map(speakers.map((routed) => [routed.speaker, routed]))
    for (const [speaker, voice] of this.#voices) if (!wanted.has(speaker)) voice.end()
    for (const { speaker, app, members } of speakers) {
      const voice = this.#open(speaker)
      voice.app = app
      voice.members = members
    }
    if (this.#voices.size > 0) this.#timer ??= this.#options.clock.every(periodMs, () => this.advance())
  }

  /** What comes of somebody who is not among the speakers is dropped. The data is kept. */
  push(speaker: number, unit: VoiceUnit): void {
    this.#voices.get(speaker)?.push(unit)
  }

  /** Makes what is due. */
  advance(): void {
    if (!this.#timer) return
    const now = positionAt(this.#options.nowUs())
    if (now - this.#position > longestBacklog) this.#position = now - opusFrameSamples
    while (this.#position + opusFrameSamples <= now) this.#make()
    this.#tellSpeaking()
    this.#options.onMade()
  }

  close(): void {
    this.#rest()
    for (const voice of this.#voices.values()) voice.close()
    this.#voices.clear()
  }

  #open(speaker: number): SpeakerVoice {
    const before = this.#voices.get(speaker)
    if (before && !before.ended) return before
    before?.close()
    const voice = new SpeakerVoice()
    this.#voices.set(speaker, voice)
    return voice
  }

  #make(): void {
    this.#sum.fill(0)
    let isHeard = false
    for (const [speaker, voice] of this.#voices) {
      voice.make(this.#position)
      isHeard ||= voice.app || !voice.forApp.shut
      this.#addForApp(voice)
      if (!voice.gone) continue
      voice.close()
      this.#voices.delete(speaker)
    }
    this.#position += opusFrameSamples
    if (isHeard) {
      this.#limiter.limit(this.#sum)
      this.#options.microphone?.play(this.#sum)
    }
    if (this.#voices.size === 0) this.#rest()
  }

  /** The voice as it is has been kept for the others: what is left of it is the app's. */
  #addForApp(voice: SpeakerVoice): void {
    const { latest, forApp } = voice
    if (!voice.app && forApp.shut) return
    forApp.pass(latest, voice.app)
    for (let index = 0; index < latest.length; index++) {
      this.#sum[index] = (this.#sum[index] as number) + (latest[index] as number)
    }
  }

  #rest(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#options.microphone?.rest()
    this.#tellSpeaking()
  }

  #tellSpeaking(): void {
    const nowMs = this.#options.clock.nowMs()
    if (nowMs - this.#toldMs < noticePeriodMs && this.#voices.size > 0) return
    const speaking = [...this.#voices].flatMap(([speaker, voice]) => (voice.speaks ? [speaker] : []))
    const text = speaking.join()
    if (text === this.#told) return
    this.#told = text
    this.#toldMs = nowMs
    this.#options.onSpeaking(speaking)
  }
}
