const capacity = 64

/** The last lobbies that have ended, so that who comes too late is told why. */
export class EndedLobbies {
  readonly #reasons = new Map<string, string>()

  add(lobbyId: string, reason: string): void {
    this.#reasons.set(lobbyId, reason)
    const oldest = this.#reasons.keys().next().value
    if (this.#reasons.size > capacity && oldest !== undefined) this.#reasons.delete(oldest)
  }

  /** Why a lobby ended; undefined when nobody remembers it. */
  reason(lobbyId: string): string | undefined {
    return this.#reasons.get(lobbyId)
  }
}
