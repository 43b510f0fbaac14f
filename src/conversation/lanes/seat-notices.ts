import type { Host } from '../../host/contract/host.ts'
import type { Lobby } from '../../host/contract/lobby.ts'
import type { StreamSession } from '../../host/contract/stream-session.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { Unsubscribe } from '../../kernel/readable.ts'
import type { SeatsMessage } from '../../wire/signal/seats.ts'

/** Between two notices of one viewer: whoever keeps asking for a seat and giving it back costs the others no more. */
const periodMs = 50

/** Tells one viewer who may use what in the lobby that its session is in: on entering, and at every change. */
export class SeatNotices {
  readonly #host: Host
  readonly #clock: Clock
  readonly #say: (message: SeatsMessage) => void
  #lobby: Lobby | undefined
  #leave: Unsubscribe = () => {}
  #timer: Timer | undefined
  #toldMs = Number.NEGATIVE_INFINITY

  constructor(options: { host: Host; clock: Clock; say: (message: SeatsMessage) => void }) {
    this.#host = options.host
    this.#clock = options.clock
    this.#say = options.say
  }

  follow(session: StreamSession): Unsubscribe {
    const look = () => this.#enter(this.#host.lobbies.get(session.place.value.lobbyId ?? ''))
    const unsubscribe = session.place.subscribe(look)
    look()
    return () => {
      unsubscribe()
      this.#enter(undefined)
    }
  }

  #enter(lobby: Lobby | undefined): void {
    if (lobby === this.#lobby) return
    this.#leave()
    this.#timer?.cancel()
    this.#timer = undefined
    this.#lobby = lobby
    if (!lobby) return void (this.#leave = () => {})
    const { seats, settings, players, askers } = lobby
    const subscriptions = [seats, settings, players, askers].map((changing) =>
      changing.subscribe(() => this.#tellSoon()),
    )
    this.#leave = () => {
      for (const end of subscriptions) end()
    }
    this.#tell(lobby)
  }

  /** What changes in one go is told once, as it is in the end. */
  #tellSoon(): void {
    if (this.#timer) return
    const dueInMs = Math.max(0, this.#toldMs + periodMs - this.#clock.nowMs())
    this.#timer = this.#clock.after(dueInMs, () => {
      this.#timer = undefined
      if (this.#lobby) this.#tell(this.#lobby)
    })
  }

  #tell(lobby: Lobby): void {
    this.#toldMs = this.#clock.nowMs()
    this.#say({
      type: 'seats',
      lobbyId: lobby.id,
      seating: lobby.settings.value.seating,
      seats: [...lobby.seats.value],
      players: [...lobby.players.value],
      askers: [...lobby.askers.value],
    })
  }
}
