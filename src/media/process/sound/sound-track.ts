import type { Clock } from '../../../kernel/clock.ts'
import type { PcmFrame } from './samples/pcm-inlet.ts'

/** A source's sound: made only while it is on. */
export interface SoundTrack {
  setOn(on: boolean): void
  close(): Promise<void>
}

export interface SoundTrackOptions {
  readonly clock: Clock
  readonly log: (message: string) => void
  readonly onFrame: (frame: PcmFrame) => void
}
