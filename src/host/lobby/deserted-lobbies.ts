import type { Clock, Timer } from '../../kernel/clock.ts'
import type { HostedLobby } from './hosted-lobby.ts'

/** Ends lobbies that are to stop when everyone leaves, when nobody has come for long enough. */
export class DesertedLobbies {
  readonly #clock: Clock
  /** When they end unless somebody comes. */
  readonly #waiting = new Map<HostedLobby, Timer>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Gives a lobby that is empty now `graceMs` for somebody to come, in place of what it had before; 0 ends it at once. */
  wait(lobby: HostedLobby, graceMs: number): void {
    this.forget(lobby)
    if (!isDeserted(lobby)) return
    if (graceMs === 0) return void lobby.close('Everyone has left')
    const end = () => {
      this.#waiting.delete(lobby)
      if (isDeserted(lobby)) void lobby.close('Everyone has left')
    }
    this.#waiting.set(lobby, this.#clock.after(graceMs, end))
  }

  /** It does not end by this any more. */
  forget(lobby: HostedLobby): void {
    this.#waiting.get(lobby)?.cancel()
    this.#waiting.delete(lobby)
  }
}

function isDeserted(lobby: HostedLobby): boolean {
  return lobby.settings.value.stopWhenEveryoneLeaves && lobby.sessions.length === 0
}
