import type { Readable } from '../../kernel/readable.ts'

/** One Opus packet of somebody's microphone. */
export interface VoiceUnit {
  /**
   * Place of its first sample at 48 kHz on the time line of the sender, in 32 bits that wrap (RFC 7587). A jump is a pause, or
   * another time line.
   */
  readonly timestamp: number
  readonly data: Uint8Array
}

/** Somebody whose microphone is on, and who hears them. */
export interface Speaker {
  readonly id: string
  /** The app, by the microphone that it has. */
  readonly app: boolean
  /** Everybody who listens to the producer, but for the speaker. */
  readonly members: boolean
}

/** More microphones than this at a time are not decoded. */
export const mostSpeakers = 8

/** No packet of one Opus frame is longer (RFC 6716, section 3.2.1). */
export const maxVoiceBytes = 1276

/** The way of voices into what a producer captures: to the app, and into the sound that others get. */
export interface VoicePort {
  /** Says who speaks from now on, at most {@link mostSpeakers} of them; whoever is not among them is silent at once. */
  setSpeakers(speakers: readonly Speaker[]): void
  /** Hands on a packet of one of the speakers; one that is not among them is dropped. The data is copied. Never waits. */
  speak(speakerId: string, unit: VoiceUnit): void
  /** Those of the speakers who are heard to say something now. */
  readonly speaking: Readable<readonly string[]>
}
