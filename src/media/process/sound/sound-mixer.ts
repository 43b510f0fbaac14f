import { type AudioUnit, opusFrameSamples } from '../../contract/access-unit.ts'
import { frameBytes, positionAt, samplesToUs } from './samples/pcm.ts'
import type { PcmFrame } from './samples/pcm-inlet.ts'
import { SoundEncoder } from './sound-encoder.ts'
import { Limiter } from './voice/limiter.ts'
import type { SpeakerVoice } from './voice/speaker-voice.ts'
import type { VoiceDesk } from './voice/voice-desk.ts'

export interface SoundMixerOptions {
  readonly desk: VoiceDesk
  /** The monotonic clock of captures. */
  readonly nowUs: () => number
  /**
   * Takes what everybody gets, and before it, for each speaker, what only that one gets: all of it without the own voice.
   * The data is valid only during the call.
   */
  readonly onUnit: (unit: AudioUnit, onlyFor: number | undefined) => void
}

/** Everybody's sound, or one speaker's. */
interface Mix {
  readonly encoder: SoundEncoder
  readonly limiter: Limiter
}

/** One speaker's sound, and the own voice, which is not in it. */
interface OwnMix extends Mix {
  readonly voice: Float32Array
  /** Frames that are still made of it once the voice has gone. */
  left: number
}

/** The source's own sound is not waited for any longer: voices go on without it. */
const patienceUs = 100_000
/** Sound of voices alone is so old when it goes out, so that they have been made by then. */
const fillDelay = 2 * opusFrameSamples
/** Voices may be this far from their place before they are put right: the source's clock and ours are the same. */
const mostDrift = 2 * opusFrameSamples
/** After a pause longer than this, sound of voices alone goes on at the present. */
const longestBacklog = 10 * opusFrameSamples
/** An encoder that begins has so many of the last frames first: a speaker changes over to it without a seam. */
const primedFrames = 6
/** A speaker changes back so much later than the voice has gone: by then both encoders know the same. */
const lingeringFrames = 20
const silence = new Uint8Array(frameBytes)
const full = 32_768

/**
 * Mixes voices into the sound of a source, and encodes it: once for all, and once more for each speaker, without the own
 * voice. Without voices it hands the source's sound to the one encoder as it is.
 */
export class SoundMixer {
  readonly #options: SoundMixerOptions
  /** Opened with the first sound: most sources of test patterns never have any. */
  #shared: Mix | undefined
  readonly #own = new Map<number, OwnMix>()
  /** The source's own sound. Samples are little-endian, as they are on every machine that this runs on. */
  readonly #base = new Int16Array(2 * opusFrameSamples)
  readonly #voices = new Float32Array(opusFrameSamples)
  readonly #sum = new Float32Array(2 * opusFrameSamples)
  readonly #mixed = new Int16Array(2 * opusFrameSamples)
  readonly #pcm = new Uint8Array(this.#mixed.buffer)
  /** What everybody got last, the oldest at `#sent` modulo their number. */
  readonly #recent = Array.from({ length: primedFrames }, () => new Uint8Array(frameBytes))
  #sent = 0
  #on = false
  /** Nothing before this place goes out any more. */
  #position = 0
  /** From the source's time line to the voices', while there are any. */
  #shift: number | undefined
  #heardUs = -Infinity

  constructor(options: SoundMixerOptions) {
    this.#options = options
  }

  /** Whether somebody listens. */
  setOn(on: boolean): void {
    if (on && !this.#on) this.#heardUs = this.#options.nowUs()
    this.#on = on
    if (!on) this.#forgetVoices()
  }

  /** Takes 10 ms of the source's own sound. Throws MediaError `codec-failed`. */
  add(frame: PcmFrame): void {
    this.#heardUs = this.#options.nowUs()
    if (frame.positionSamples < this.#position) return
    this.#options.desk.advance()
    this.#send(frame)
  }

  /** More of the voices is there: should there be no sound of the source, they go on without it. Throws MediaError `codec-failed`. */
  fill(): void {
    const nowUs = this.#options.nowUs()
    if (!this.#on || nowUs - this.#heardUs < patienceUs) return
    if (this.#audible().length === 0 && this.#own.size === 0) return this.#forgetVoices()
    const due = positionAt(nowUs) - fillDelay
    const isClose = due - this.#position <= longestBacklog
    for (let position = isClose ? this.#position : due - opusFrameSamples; position + opusFrameSamples <= due;) {
      this.#send({ pcm: silence, captureUs: samplesToUs(position), positionSamples: position })
      position = this.#position
    }
  }

  close(): void {
    this.#forgetVoices()
    this.#shared?.encoder.close()
  }

  #send(frame: PcmFrame): void {
    this.#position = frame.positionSamples + opusFrameSamples
    const audible = this.#audible()
    if (audible.length === 0 && this.#own.size === 0) {
      this.#shift = undefined
      this.#sharedMix().encoder.encode(frame)
      this.#remember(frame.pcm)
      return
    }
    new Uint8Array(this.#base.buffer).set(frame.pcm)
    this.#readVoices(audible, frame)
    for (const [speaker, mix] of this.#own) {
      this.#encode(mix, frame, mix.voice)
      if (--mix.left === 0) this.#forget(speaker)
    }
    this.#encode(this.#sharedMix(), frame, undefined)
    this.#remember(this.#pcm)
  }

  #remember(pcm: Uint8Array): void {
    this.#recent[this.#sent++ % primedFrames]?.set(pcm)
  }

  /** The voices that others hear, and those that are just fading away. */
  #audible(): readonly (readonly [number, SpeakerVoice])[] {
    return [...this.#options.desk.voices].filter(([, { members, forMembers }]) => members || !forMembers.shut)
  }

  #readVoices(audible: readonly (readonly [number, SpeakerVoice])[], frame: PcmFrame): void {
    const place = this.#placeOf(frame)
    this.#voices.fill(0)
    for (const { voice } of this.#own.values()) voice.fill(0)
    for (const [speaker, voice] of audible) {
      const own = this.#ownMixOf(speaker)
      own.left = lingeringFrames
      const one = own.voice
      voice.read(place, one)
      voice.forMembers.pass(one, voice.members)
      for (let index = 0; index < one.length; index++) {
        this.#voices[index] = (this.#voices[index] as number) + (one[index] as number)
      }
    }
  }

  /** Where on the voices' time line that is. */
  #placeOf({ captureUs, positionSamples }: PcmFrame): number {
    const captured = positionAt(captureUs)
    const place = positionSamples + (this.#shift ?? NaN)
    const isMade = place + opusFrameSamples <= this.#options.desk.position
    if (isMade && Math.abs(place - captured) <= mostDrift) return place
    const right = Math.min(captured, this.#options.desk.position - opusFrameSamples)
    this.#shift = right - positionSamples
    return right
  }

  #encode(
    { encoder, limiter }: Mix,
    { captureUs, positionSamples }: PcmFrame,
    without: Float32Array | undefined,
  ): void {
    const sum = this.#sum
    const [base, voices, mixed] = [this.#base, this.#voices, this.#mixed]
    for (let index = 0; index < opusFrameSamples; index++) {
      const voice = (voices[index] as number) - (without?.[index] ?? 0)
      sum[2 * index] = (base[2 * index] as number) / full + voice
      sum[2 * index + 1] = (base[2 * index + 1] as number) / full + voice
    }
    limiter.limit(sum)
    for (let index = 0; index < sum.length; index++) {
      mixed[index] = Math.min(full - 1, Math.round((sum[index] as number) * full))
    }
    encoder.encode({ pcm: this.#pcm, captureUs, positionSamples }, { always: true })
  }

  #sharedMix(): Mix {
    this.#shared ??= this.#openMix(undefined)
    return this.#shared
  }

  #ownMixOf(speaker: number): OwnMix {
    const before = this.#own.get(speaker)
    if (before) return before
    const mix = { ...this.#openMix(speaker), voice: new Float32Array(opusFrameSamples), left: lingeringFrames }
    for (let back = primedFrames; back > 0; back--) {
      const pcm = this.#recent[(this.#sent - back + primedFrames) % primedFrames]
      if (pcm) mix.encoder.prime(pcm)
    }
    this.#own.set(speaker, mix)
    return mix
  }

  #openMix(onlyFor: number | undefined): Mix {
    return { encoder: new SoundEncoder((unit) => this.#options.onUnit(unit, onlyFor)), limiter: new Limiter() }
  }

  #forget(speaker: number): void {
    this.#own.get(speaker)?.encoder.close()
    this.#own.delete(speaker)
  }

  #forgetVoices(): void {
    this.#shift = undefined
    for (const speaker of this.#own.keys()) this.#forget(speaker)
  }
}
