import type { Host } from '../../host/contract/host.ts'
import type { Lobby } from '../../host/contract/lobby.ts'
import type { StreamSession } from '../../host/contract/stream-session.ts'
import { audienceOf } from '../../domain/audience.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { Unsubscribe } from '../../kernel/readable.ts'
import type { VoicesMessage } from '../../wire/signal/voices.ts'

/** Between two notices of one viewer. */
const periodMs = 100

/** Tells one viewer who would hear them in the lobby that the session is in, and who speaks: on entering, and at every change. */
export class VoiceNotices {
  readonly #host: Host
  readonly #clock: Clock
  readonly #say: (message: VoicesMessage) => void
  #lobby: Lobby | undefined
  #leave: Unsubscribe = () => {}
  #timer: Timer | undefined
  #toldMs = Number.NEGATIVE_INFINITY

  constructor(options: { host: Host; clock: Clock; say: (message: VoicesMessage) => void }) {
    this.#host = options.host
    this.#clock = options.clock
    this.#say = options.say
  }

  follow(session: StreamSession): Unsubscribe {
    const look = () => this.#enter(session, this.#host.lobbies.get(session.place.value.lobbyId ?? ''))
    const unsubscribe = session.place.subscribe(look)
    look()
    return () => {
      unsubscribe()
      this.#enter(session, undefined)
    }
  }

  #enter(session: StreamSession, lobby: Lobby | undefined): void {
    if (lobby === this.#lobby) return
    this.#leave()
    this.#timer?.cancel()
    this.#timer = undefined
    this.#lobby = lobby
    if (!lobby) return void (this.#leave = () => {})
    const { reach, speaking } = lobby.voices
    const subscriptions = [
      ...[reach, speaking].map((changing) => changing.subscribe(() => this.#tellSoon(session))),
      session.role.subscribe(() => this.#tellSoon(session)),
    ]
    this.#leave = () => {
      for (const end of subscriptions) end()
    }
    this.#tell(session, lobby)
  }

  /** What changes in one go is told once, as it is in the end. */
  #tellSoon(session: StreamSession): void {
    if (this.#timer) return
    const dueInMs = Math.max(0, this.#toldMs + periodMs - this.#clock.nowMs())
    this.#timer = this.#clock.after(dueInMs, () => {
      this.#timer = undefined
      if (this.#lobby) this.#tell(session, this.#lobby)
    })
  }

  #tell(session: StreamSession, lobby: Lobby): void {
    this.#toldMs = this.#clock.nowMs()
    const { reach, speaking } = lobby.voices
    this.#say({
      type: 'voices',
      lobbyId: lobby.id,
      voice: reach.value.choice,
      audience: audienceOf(session.role.value, reach.value),
      speaking: [...speaking.value],
    })
  }
}
