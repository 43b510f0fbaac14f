import type { SourceSpec } from '../../contract/producer.ts'
import { RecordedTrack } from './recorded-track.ts'
import type { SoundTrack, SoundTrackOptions } from './sound-track.ts'
import { ToneTrack } from './tone-track.ts'

/** The sound of a source, undefined when it has none. */
export function openSoundTrack({ spec, ...options }: SoundTrackOptions & { spec: SourceSpec }): SoundTrack | undefined {
  if (spec.kind === 'test-pattern') return spec.tone ? new ToneTrack(options) : undefined
  return spec.sound ? new RecordedTrack({ ...options, sound: spec.sound }) : undefined
}
