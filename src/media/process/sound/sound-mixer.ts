import { layoutFacts, type SoundLayout } from '../../../domain/sound-layout.ts'
import { type AudioUnit, opusFrameSamples, type SoundAudience } from '../../contract/access-unit.ts'
import { frameBytesOf, positionAt, samplesToUs } from './samples/pcm.ts'
import type { PcmFrame } from './samples/pcm-inlet.ts'
import { type MixedVoices, SoundMix } from './sound-mix.ts'
import type { SpeakerVoice } from './voice/speaker-voice.ts'
import type { VoiceDesk } from './voice/voice-desk.ts'

export interface SoundMixerOptions {
  readonly desk: VoiceDesk
  /** Of the source's own sound. */
  readonly layout: SoundLayout
  /** The monotonic clock of captures. */
  readonly nowUs: () => number
  /**
   * Takes what everybody gets, and before it, for each speaker, what only that one gets: all of it without the own voice.
   * The data is valid only during the call.
   */
  readonly onUnit: (unit: AudioUnit, audience: SoundAudience) => void
}

/** One speaker's sound, and the own voice, which is not in it. */
interface OwnMix {
  readonly mix: SoundMix
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
/** The layout of all who can speak. */
const spokenLayout = 'stereo'

/**
 * Mixes voices into the sound of a source, and encodes it: once for all who listen in the same layout, and once more for each speaker,
 * without the own voice. Without voices, the source's sound goes to the encoder of its own layout as it is.
 */
export class SoundMixer {
  readonly #options: SoundMixerOptions
  /** Opened with the first sound: most sources of test patterns never have any. */
  readonly #shared = new Map<SoundLayout, SoundMix>()
  readonly #own = new Map<number, OwnMix>()
  /** The source's own sound. */
  readonly #base: Int16Array
  readonly #silence: Uint8Array
  readonly #voices = new Float32Array(opusFrameSamples)
  readonly #oneVoice = new Float32Array(opusFrameSamples)
  /** What everybody got last who may speak, the oldest at `#sent` modulo their number. */
  readonly #recent = Array.from(
    { length: primedFrames },
    () => new Uint8Array(frameBytesOf(layoutFacts[spokenLayout].speakers.length)),
  )
  #sent = 0
  /** In which somebody listens. */
  #layouts: readonly SoundLayout[] = []
  /** Nothing before this place goes out any more. */
  #position = 0
  /** From the source's time line to the voices', while there are any. */
  #shift: number | undefined
  #heardUs = -Infinity

  constructor(options: SoundMixerOptions) {
    this.#options = options
    this.#silence = new Uint8Array(frameBytesOf(layoutFacts[options.layout].speakers.length))
    this.#base = new Int16Array(layoutFacts[options.layout].speakers.length * opusFrameSamples)
  }

  /** In which layouts somebody listens: nothing is made for nobody. */
  setLayouts(layouts: readonly SoundLayout[]): void {
    if (this.#layouts.length === 0) this.#heardUs = this.#options.nowUs()
    this.#layouts = layouts
    for (const [layout, mix] of this.#shared) {
      if (layouts.includes(layout)) continue
      mix.close()
      this.#shared.delete(layout)
    }
    if (!layouts.includes(spokenLayout)) this.#forgetVoices()
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
    if (this.#layouts.length === 0 || nowUs - this.#heardUs < patienceUs) return
    if (this.#audible().length === 0 && this.#own.size === 0) return this.#forgetVoices()
    const due = positionAt(nowUs) - fillDelay
    const isClose = due - this.#position <= longestBacklog
    for (let position = isClose ? this.#position : due - opusFrameSamples; position + opusFrameSamples <= due;) {
      this.#send({ pcm: this.#silence, captureUs: samplesToUs(position), positionSamples: position })
      position = this.#position
    }
  }

  close(): void {
    this.#forgetVoices()
    for (const mix of this.#shared.values()) mix.close()
  }

  #send(frame: PcmFrame): void {
    this.#position = frame.positionSamples + opusFrameSamples
    const audible = this.#audible()
    new Uint8Array(this.#base.buffer).set(frame.pcm)
    if (audible.length === 0 && this.#own.size === 0) {
      this.#shift = undefined
      this.#encodeShared(frame, undefined)
      return
    }
    this.#readVoices(audible, frame)
    for (const [speaker, own] of this.#own) {
      own.mix.encode(frame, this.#base, { all: this.#voices, without: own.voice })
      if (--own.left === 0) this.#forget(speaker)
    }
    this.#encodeShared(frame, { all: this.#voices, without: undefined })
  }

  #encodeShared(frame: PcmFrame, voices: MixedVoices | undefined): void {
    for (const layout of this.#layouts) {
      const pcm = this.#sharedMix(layout).encode(frame, this.#base, voices)
      if (layout === spokenLayout) this.#remember(pcm)
    }
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
      const own = this.#layouts.includes(spokenLayout) ? this.#ownMixOf(speaker) : undefined
      if (own) own.left = lingeringFrames
      const one = own?.voice ?? this.#oneVoice
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

  #sharedMix(layout: SoundLayout): SoundMix {
    const before = this.#shared.get(layout)
    if (before) return before
    const mix = this.#openMix({ layout, onlyFor: undefined })
    this.#shared.set(layout, mix)
    return mix
  }

  #ownMixOf(speaker: number): OwnMix {
    const before = this.#own.get(speaker)
    if (before) return before
    const mix = this.#openMix({ layout: spokenLayout, onlyFor: speaker })
    for (let back = primedFrames; back > 0; back--) {
      const pcm = this.#recent[(this.#sent - back + primedFrames) % primedFrames]
      if (pcm) mix.prime(pcm)
    }
    const own = { mix, voice: new Float32Array(opusFrameSamples), left: lingeringFrames }
    this.#own.set(speaker, own)
    return own
  }

  #openMix(audience: SoundAudience): SoundMix {
    const { layout, onUnit } = this.#options
    return new SoundMix({ from: layout, to: audience.layout, onUnit: (unit) => onUnit(unit, audience) })
  }

  #forget(speaker: number): void {
    this.#own.get(speaker)?.mix.close()
    this.#own.delete(speaker)
  }

  #forgetVoices(): void {
    this.#shift = undefined
    for (const speaker of this.#own.keys()) this.#forget(speaker)
  }
}
