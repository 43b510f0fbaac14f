import type { Host } from '../../host/contract/host.ts'
import type { Lobby } from '../../host/contract/lobby.ts'
import type { StreamSession } from '../../host/contract/stream-session.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { Readable, Unsubscribe } from '../../kernel/readable.ts'
import type { Lane } from '../contract/lane.ts'

export interface LobbyLaneOptions {
  readonly host: Host
  readonly clock: Clock
  /** Between two messages: whoever changes something again and again costs the others no more. */
  readonly periodMs: number
  /** What the message is made of. */
  readonly watched: (lobby: Lobby, session: StreamSession) => readonly Readable<unknown>[]
  readonly tell: (lobby: Lobby, session: StreamSession) => void
}

interface Visit {
  readonly lobby: Lobby
  readonly session: StreamSession
  readonly leave: Unsubscribe
}

/** Tells one client how something stands in the lobby that its session is in: on entering, and at every change. */
export class LobbyLane implements Lane {
  readonly #options: LobbyLaneOptions
  #visit: Visit | undefined
  #timer: Timer | undefined
  #toldMs = Number.NEGATIVE_INFINITY

  constructor(options: LobbyLaneOptions) {
    this.#options = options
  }

  follow(session: StreamSession): Unsubscribe {
    const { lobbies } = this.#options.host
    const look = () => this.#enter(session, lobbies.get(session.place.value.lobbyId ?? ''))
    const unsubscribe = session.place.subscribe(look)
    look()
    return () => {
      unsubscribe()
      this.#enter(session, undefined)
    }
  }

  close(): void {
    this.#leave()
  }

  #enter(session: StreamSession, lobby: Lobby | undefined): void {
    if (lobby === this.#visit?.lobby) return
    this.#leave()
    if (!lobby) return
    const subscriptions = this.#options
      .watched(lobby, session)
      .map((changing) => changing.subscribe(() => this.#tellSoon()))
    const leave = () => {
      for (const end of subscriptions) end()
    }
    this.#visit = { lobby, session, leave }
    this.#tell(this.#visit)
  }

  #leave(): void {
    this.#visit?.leave()
    this.#visit = undefined
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** What changes in one go is told once, as it is in the end. */
  #tellSoon(): void {
    if (this.#timer) return
    const { clock, periodMs } = this.#options
    const dueInMs = Math.max(0, this.#toldMs + periodMs - clock.nowMs())
    this.#timer = clock.after(dueInMs, () => {
      this.#timer = undefined
      if (this.#visit) this.#tell(this.#visit)
    })
  }

  #tell({ lobby, session }: Visit): void {
    this.#toldMs = this.#options.clock.nowMs()
    this.#options.tell(lobby, session)
  }
}
