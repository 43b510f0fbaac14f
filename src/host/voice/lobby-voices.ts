import type { Clock, Timer } from '../../kernel/clock.ts'
import { type Readable, type Unsubscribe, Writable } from '../../kernel/readable.ts'
import { mostSpeakers, type VoicePort, type VoiceUnit } from '../../media/contract/voice.ts'
import { HostError } from '../contract/host-error.ts'
import type { Role } from '../../domain/member.ts'
import { audienceOf, type VoiceChoice, type VoiceReach } from '../../domain/audience.ts'
import type { Voices } from '../contract/lobby.ts'

/** Whoever has sent nothing for so long has stopped, and makes room for others. */
const stoppedAfterMs = 3000

export interface LobbyVoicesOptions {
  readonly clock: Clock
  readonly choice: VoiceChoice
  /** What is believed before the app runs. */
  readonly microphone: boolean
}

interface Speaker {
  role: Role
  spokeMs: number
}

/** Who speaks in a lobby, and who hears them: it follows from the owner's choice and the speaker's role, at once. */
export class LobbyVoices implements Voices {
  readonly #clock: Clock
  readonly #reach: Writable<VoiceReach>
  readonly #speaking = new Writable<readonly string[]>([])
  /** By session, in the order in which they began. */
  readonly #speakers = new Map<string, Speaker>()
  #port: VoicePort | undefined
  #stopFollowing: Unsubscribe = () => {}
  #timer: Timer | undefined

  constructor({ clock, choice, microphone }: LobbyVoicesOptions) {
    this.#clock = clock
    this.#reach = new Writable({ choice, microphone })
  }

  get reach(): Readable<VoiceReach> {
    return this.#reach
  }

  get speaking(): Readable<readonly string[]> {
    return this.#speaking
  }

  choose(choice: VoiceChoice): void {
    this.#setReach({ ...this.#reach.value, choice })
  }

  /** The app is on stage, where voices can be heard; or there is none. */
  use(stage: { readonly port: VoicePort; readonly microphone: boolean } | undefined): void {
    if (stage?.port === this.#port) return
    this.#stopFollowing()
    this.#port = stage?.port
    if (this.#speaking.value.length > 0) this.#speaking.set([])
    this.#stopFollowing = stage?.port.speaking.subscribe((who) => this.#speaking.set(who)) ?? (() => {})
    if (stage) this.#setReach({ ...this.#reach.value, microphone: stage.microphone })
    this.#route()
  }

  /**
   * Hands on what a session says; dropped while there is no app to be seen. Throws HostError `voice-forbidden` when nobody
   * would hear it, and `too-many-speakers`.
   */
  speak({ sessionId, role }: { readonly sessionId: string; readonly role: Role }, unit: VoiceUnit): void {
    const speaker = this.#speakers.get(sessionId) ?? this.#begin(sessionId, role)
    speaker.spokeMs = this.#clock.nowMs()
    this.#port?.speak(sessionId, unit)
  }

  /** Who may not be heard any more is silent at once. */
  changeRole(sessionId: string, role: Role): void {
    const speaker = this.#speakers.get(sessionId)
    if (!speaker) return
    speaker.role = role
    this.#settle()
  }

  leave(sessionId: string): void {
    if (this.#speakers.delete(sessionId)) this.#settle()
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#speakers.clear()
    this.#route()
    this.use(undefined)
  }

  #begin(sessionId: string, role: Role): Speaker {
    const { app, members } = audienceOf(role, this.#reach.value)
    if (!app && !members)
      throw new HostError('voice-forbidden', `Cannot speak here: ${whyNot(role, this.#reach.value)}`)
    if (this.#speakers.size >= mostSpeakers) {
      const message = `Cannot speak now: ${mostSpeakers} microphones are on already, the limit of a lobby`
      throw new HostError('too-many-speakers', message)
    }
    const speaker: Speaker = { role, spokeMs: this.#clock.nowMs() }
    this.#speakers.set(sessionId, speaker)
    this.#route()
    this.#watch()
    return speaker
  }

  #setReach(reach: VoiceReach): void {
    const { choice, microphone } = this.#reach.value
    if (reach.choice === choice && reach.microphone === microphone) return
    this.#reach.set(reach)
    this.#settle()
  }

  /** Takes out whoever nobody hears, and says who hears the others. */
  #settle(): void {
    for (const [sessionId, { role }] of this.#speakers) {
      const { app, members } = audienceOf(role, this.#reach.value)
      if (!app && !members) this.#speakers.delete(sessionId)
    }
    this.#route()
  }

  #route(): void {
    const reach = this.#reach.value
    this.#port?.setSpeakers([...this.#speakers].map(([id, { role }]) => ({ id, ...audienceOf(role, reach) })))
  }

  /** Takes out whoever has stopped. */
  #watch(): void {
    if (this.#timer || this.#speakers.size === 0) return
    const first = Math.min(...this.#speakers.values().map(({ spokeMs }) => spokeMs))
    this.#timer = this.#clock.after(Math.max(0, first + stoppedAfterMs - this.#clock.nowMs()), () => {
      this.#timer = undefined
      const nowMs = this.#clock.nowMs()
      const before = this.#speakers.size
      for (const [sessionId, { spokeMs }] of this.#speakers) {
        if (nowMs - spokeMs >= stoppedAfterMs) this.#speakers.delete(sessionId)
      }
      if (this.#speakers.size < before) this.#route()
      this.#watch()
    })
  }
}

function whyNot(role: Role, { choice }: VoiceReach): string {
  if (choice === 'app' && (role === 'owner' || role === 'player' || role === 'agent')) {
    return 'the app has no microphone, and the owner has not chosen that people here hear each other'
  }
  return `the owner lets those who may play speak, not a ${role}`
}
