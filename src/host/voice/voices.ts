import type { Readable } from '../../kernel/readable.ts'
import type { VoiceReach } from '../../domain/audience.ts'

/** The voices of those who are in a lobby. */
export interface Voices {
  readonly reach: Readable<VoiceReach>
  /** Ids of the sessions that are heard to say something now, whoever hears them; told a few times a second at most. */
  readonly speaking: Readable<readonly string[]>
}
