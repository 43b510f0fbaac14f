import { RecordedTrack } from './recorded-track.ts'
import { ToneTrack } from './tone-track.ts'
import type { Clock } from '../../../kernel/clock.ts'
import type { SoundLayout } from '../../../domain/sound-layout.ts'
import type { AudioUnit, SoundAudience } from '../../contract/access-unit.ts'
import { monotonicUs } from '../../contract/monotonic.ts'
import { soundOf, type SourceSpec } from '../../contract/producer.ts'
import type { VoiceUnit } from '../../contract/voice.ts'
import { AppMicrophone } from './app-microphone.ts'
import { SoundMixer } from './sound-mixer.ts'
import type { SoundTrack, SoundTrackOptions } from './sound-track.ts'
import { type RoutedSpeaker, VoiceDesk } from './voice/voice-desk.ts'

export interface SourceSoundOptions {
  readonly spec: SourceSpec
  readonly clock: Clock
  readonly log: (message: string) => void
  /** A unit's data is valid only during the call. See {@link SoundMixer}. */
  readonly onUnit: (unit: AudioUnit, audience: SoundAudience) => void
  readonly onSpeaking: (speakers: readonly number[]) => void
}

/** What is heard of a source: its own sound, if it has any, and the voices of people; and what its app hears of them. */
export class SourceSound {
  readonly #track: SoundTrack | undefined
  readonly #microphone: AppMicrophone | undefined
  readonly #desk: VoiceDesk
  readonly #mixer: SoundMixer

  constructor({ spec, clock, log, onUnit, onSpeaking }: SourceSoundOptions) {
    this.#microphone = openMicrophone(spec, { clock, log })
    const nowUs = monotonicUs
    this.#desk = new VoiceDesk({
      clock,
      nowUs,
      microphone: this.#microphone,
      onSpeaking,
      onMade: () => this.#mixer.fill(),
    })
    this.#mixer = new SoundMixer({ desk: this.#desk, layout: soundOf(spec) ?? 'stereo', nowUs, onUnit })
    this.#track = openSoundTrack({ spec, clock, log, onFrame: (frame) => this.#mixer.add(frame) })
  }

  /** In which layouts somebody listens. */
  setLayouts(layouts: readonly SoundLayout[]): void {
    this.#mixer.setLayouts(layouts)
    this.#track?.setOn(layouts.length > 0)
  }

  /** Throws MediaError `codec-failed`. */
  setSpeakers(speakers: readonly RoutedSpeaker[]): void {
    this.#desk.setSpeakers(speakers)
  }

  /** The data is kept. */
  speak(speaker: number, unit: VoiceUnit): void {
    this.#desk.push(speaker, unit)
  }

  async close(): Promise<void> {
    await this.#track?.close()
    this.#desk.close()
    this.#mixer.close()
    await this.#microphone?.close()
  }
}

function openMicrophone(spec: SourceSpec, options: Pick<SourceSoundOptions, 'clock' | 'log'>) {
  if (spec.kind !== 'x11' || spec.sound?.microphone === undefined) return undefined
  const { server, cookieFile, microphone } = spec.sound
  return new AppMicrophone({ server, cookieFile, sink: microphone, ...options })
}

/** The sound of a source, undefined when it has none. */
function openSoundTrack({ spec, ...options }: SoundTrackOptions & { spec: SourceSpec }): SoundTrack | undefined {
  if (spec.kind === 'test-pattern') return spec.tone ? new ToneTrack({ ...options, layout: spec.tone }) : undefined
  return spec.sound ? new RecordedTrack({ ...options, sound: spec.sound }) : undefined
}
