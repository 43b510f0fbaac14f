import { type Readable, Writable } from '../kernel/readable.ts'
import { maxVoiceBytes, mostSpeakers, type Speaker, type VoicePort, type VoiceUnit } from './contract/voice.ts'

export interface ProducerVoicesOptions {
  readonly onSpeakers: (speakers: readonly NumberedSpeaker[]) => void
  readonly onVoice: (speaker: number, unit: VoiceUnit) => void
}

/** A speaker as the media process knows them. */
export interface NumberedSpeaker {
  /** Never used for anybody else. */
  readonly speaker: number
  readonly app: boolean
  readonly members: boolean
}

/** Of those who have stopped, the last few are remembered: what is on its way for them finds them. */
const mostRemembered = 2 * mostSpeakers

/** The voices of a producer on their way to its media process, and what that tells of them. */
export class ProducerVoices implements VoicePort {
  readonly #options: ProducerVoicesOptions
  readonly #speaking = new Writable<readonly string[]>([])
  /** Of speakers, and of those who were; the latest last. */
  readonly #numbers = new Map<string, number>()
  #speakers: readonly Speaker[] = []
  #last = 0

  constructor(options: ProducerVoicesOptions) {
    this.#options = options
  }

  get speaking(): Readable<readonly string[]> {
    return this.#speaking
  }

  setSpeakers(speakers: readonly Speaker[]): void {
    this.#speakers = speakers.slice(0, mostSpeakers)
    const ids = new Set(this.#speakers.map(({ id }) => id))
    for (const id of ids) this.#remember(id)
    this.declare()
    this.#tell(this.#speaking.value.filter((id) => ids.has(id)))
  }

  speak(speakerId: string, unit: VoiceUnit): void {
    const isSpeaker = this.#speakers.some(({ id }) => id === speakerId)
    const speaker = this.#numbers.get(speakerId)
    if (!isSpeaker || speaker === undefined || unit.data.length > maxVoiceBytes) return
    this.#options.onVoice(speaker, unit)
  }

  /** Tells a process that knows nothing yet. */
  declare(): void {
    this.#options.onSpeakers(
      this.#speakers.map(({ id, app, members }) => ({ speaker: this.#numbers.get(id) ?? 0, app, members })),
    )
  }

  /** The id behind a number of the media process; undefined for one that is forgotten. */
  idOf(speaker: number): string | undefined {
    for (const [id, number] of this.#numbers) if (number === speaker) return id
    return undefined
  }

  /** These are heard to say something. */
  heard(speakers: readonly number[]): void {
    this.#tell(speakers.flatMap((speaker) => this.idOf(speaker) ?? []))
  }

  #remember(id: string): void {
    const number = this.#numbers.get(id) ?? ++this.#last
    this.#numbers.delete(id)
    this.#numbers.set(id, number)
    const [oldest] = this.#numbers.keys()
    if (this.#numbers.size > mostRemembered && oldest !== undefined) this.#numbers.delete(oldest)
  }

  #tell(speaking: readonly string[]): void {
    const { value } = this.#speaking
    if (speaking.length !== value.length || speaking.some((id, index) => id !== value[index]))
      this.#speaking.set(speaking)
  }
}
