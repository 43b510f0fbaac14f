import type { Clock } from '../../../kernel/clock.ts'
import type { AudioUnit } from '../../access-unit.ts'

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
