import type { AccessUnit, AudioUnit, SoundAudience } from './contract/access-unit.ts'
import type { Still } from './contract/still.ts'
import type { Order, Report } from './link/messages.ts'
import type { VoiceFrame } from './link/protocol.ts'

/** What one opening of a source hears of it. */
export interface SourceListener {
  report(report: Extract<Report, { source: number }>): void
  /** `encodingUs`: how long the encoder worked on it. */
  video(rendition: number, unit: AccessUnit, encodingUs: number): void
  audio(unit: AudioUnit, audience: SoundAudience): void
  still(still: Still): void
}

/** An order about one source. */
export type SourceOrder = Extract<Order, { source: number }>

/** The way from a producer to the process that runs its source. */
export interface SourcePort {
  /** A number for one opening of a source, never used before; what is said of it goes to the listener until `release`. */
  claim(listener: SourceListener): number
  release(source: number): void
  /** Dropped while the process is down: what it has to know is told again when it is up. */
  send(order: SourceOrder): void
  /** Whether its process writes to that inlet. */
  reaches(link: number): boolean
  /** Dropped while the process is down, or does not keep up. */
  speak(frame: VoiceFrame): void
}
