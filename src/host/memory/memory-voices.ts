import { Writable } from '../../kernel/readable.ts'
import type { Speaker, VoicePort, VoiceUnit } from '../../media/contract/voice.ts'

/** The voices of a producer in memory: it keeps what it is told, and nothing is ever heard. */
export class MemoryVoices implements VoicePort {
  readonly speaking = new Writable<readonly string[]>([])
  speakers: readonly Speaker[] = []
  /** Everything that was said by those who were speakers then, oldest first. */
  readonly heard: { readonly speakerId: string; readonly unit: VoiceUnit }[] = []

  setSpeakers(speakers: readonly Speaker[]): void {
    this.speakers = speakers
  }

  speak(speakerId: string, unit: VoiceUnit): void {
    if (this.speakers.some(({ id }) => id === speakerId)) this.heard.push({ speakerId, unit })
  }
}
