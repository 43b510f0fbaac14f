import type { Clock } from '../../../kernel/clock.ts'
import type { AudioUnit } from '../../access-unit.ts'
import type { SourceSpec } from '../../producer.ts'
import { RecordedTrack } from './recorded-track.ts'
import { ToneTrack } from './tone-track.ts'

/** A source's sound: made only while it is on. */
export interface SoundTrack {
  setOn(on: boolean): void
  close(): Promise<void>
}

export interface SoundTrackOptions {
  readonly clock: Clock
  readonly log: (message: string) => void
  /** A unit's data is valid only during the call. */
  readonly onUnit: (unit: AudioUnit) => void
}

/** The sound of a source, undefined when it has none. */
export function openSoundTrack({ spec, ...options }: SoundTrackOptions & { spec: SourceSpec }): SoundTrack | undefined {
  if (spec.kind === 'test-pattern') return spec.tone ? new ToneTrack(options) : undefined
  return spec.sound ? new RecordedTrack({ ...options, sound: spec.sound }) : undefined
}
