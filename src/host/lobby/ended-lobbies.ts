import type { Clock } from '../../kernel/clock.ts'
import type { EndedLobby } from '../contract/lobby.ts'

const capacity = 64
const rememberedMs = 24 * 3600_000

/** The last lobbies that have ended, for a day at most, so that who comes too late is told why. */
export class EndedLobbies {
  readonly #clock: Clock
  readonly #lobbies = new Map<string, EndedLobby>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(lobby: EndedLobby): void {
    this.#lobbies.set(lobby.id, lobby)
    const oldest = this.#lobbies.keys().next().value
    if (this.#lobbies.size > capacity && oldest !== undefined) this.#lobbies.delete(oldest)
  }

  /** Undefined when nobody remembers it. */
  get(lobbyId: string): EndedLobby | undefined {
    this.#forgetOld()
    return this.#lobbies.get(lobbyId)
  }

  /** Newest first. */
  list(): readonly EndedLobby[] {
    this.#forgetOld()
    return [...this.#lobbies.values()].toReversed()
  }

  #forgetOld(): void {
    const oldestMs = this.#clock.epochMs() - rememberedMs
    for (const { id, endedAtMs } of this.#lobbies.values()) if (endedAtMs < oldestMs) this.#lobbies.delete(id)
  }
}
