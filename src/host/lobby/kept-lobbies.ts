import type { Clock, Timer } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import { HostError } from '../contract/host-error.ts'
import type { AbsentLobby, LobbyArchive, LobbyRecord } from '../contract/lobby-archive.ts'
import type { HostedLobby } from './hosted-lobby.ts'

/** How long changes that nobody waits for are gathered before they are written down. */
const gatherMs = 1000
/** How long after a failure it is tried again, when the disk was full for instance. */
const againMs = 10_000

/** The lobbies that come back after a restart: how they are written down, and which of them could not come back. */
export class KeptLobbies {
  readonly #archive: LobbyArchive | undefined
  readonly #clock: Clock
  readonly #log: Log
  readonly #unwritten = new Map<HostedLobby, Timer>()
  /** Those that have ended and are written down still, by id. */
  readonly #unforgotten = new Map<string, Timer>()
  readonly #absent = new Map<string, AbsentLobby>()

  /** Without an archive nothing is kept. */
  constructor(options: { archive: LobbyArchive | undefined; clock: Clock; log: Log }) {
    this.#archive = options.archive
    this.#clock = options.clock
    this.#log = options.log
  }

  get absent(): ReadonlyMap<string, AbsentLobby> {
    return this.#absent
  }

  /** Writes a lobby down if that is its policy, and takes it out if not. Throws HostError `not-recorded`. */
  keep(lobby: HostedLobby): void {
    this.#written(lobby)
    try {
      if (lobby.settings.value.restart === 'never') this.#archive?.forget(lobby.id)
      else this.#archive?.keep(recordOf(lobby))
    } catch (error) {
      const message = `Cannot write down the lobby "${lobby.settings.value.title}": ${messageOf(error)}`
      throw new HostError('not-recorded', message, { cause: error })
    }
  }

  /** Writes down what nobody waits for, soon. */
  keepSoon(lobby: HostedLobby): void {
    if (lobby.settings.value.restart === 'never' || this.#unwritten.has(lobby)) return
    const timer = this.#clock.after(gatherMs, () => this.#keepOrTell(lobby))
    this.#unwritten.set(lobby, timer)
  }

  /** Writes down now what was to be written soon, for the last time. */
  flush(): void {
    for (const lobby of this.#unwritten.keys()) this.#keepOrTell(lobby)
    for (const id of this.#unforgotten.keys()) this.#forgetOrTell(id)
    for (const timer of [...this.#unwritten.values(), ...this.#unforgotten.values()]) timer.cancel()
  }

  /** For a lobby that has ended. What fails is told and tried again: at worst the lobby comes back once more. */
  forget(lobby: HostedLobby): void {
    this.#written(lobby)
    this.#forgetOrTell(lobby.id)
  }

  /** Opens what was written down, oldest first; what `open` refuses stays written down and is absent until the next start. */
  restore(open: (record: LobbyRecord) => void): void {
    for (const record of this.#archive?.list() ?? []) {
      try {
        open(record)
      } catch (error) {
        const { id, settings, appId } = record
        const title = settings.title ?? appId
        const reason = messageOf(error)
        this.#absent.set(id, { id, title, reason })
        this.#log.warn('A lobby could not come back', { lobbyId: id, title, appId, reason })
      }
    }
  }

  #keepOrTell(lobby: HostedLobby): void {
    try {
      this.keep(lobby)
    } catch (error) {
      this.#log.warn('Seats of a lobby could not be written down', { lobbyId: lobby.id, error })
      this.#unwritten.set(
        lobby,
        this.#clock.after(againMs, () => this.#keepOrTell(lobby)),
      )
    }
  }

  #forgetOrTell(lobbyId: string): void {
    this.#unforgotten.get(lobbyId)?.cancel()
    try {
      this.#archive?.forget(lobbyId)
      this.#unforgotten.delete(lobbyId)
    } catch (error) {
      this.#log.error('A lobby that has ended could not be forgotten', { lobbyId, error })
      this.#unforgotten.set(
        lobbyId,
        this.#clock.after(againMs, () => this.#forgetOrTell(lobbyId)),
      )
    }
  }

  #written(lobby: HostedLobby): void {
    this.#unwritten.get(lobby)?.cancel()
    this.#unwritten.delete(lobby)
  }

  /** Gives up a lobby that could not come back. Throws HostError `not-recorded` when it stays written down. */
  giveUp({ id, title }: AbsentLobby): void {
    try {
      this.#archive?.forget(id)
    } catch (error) {
      throw new HostError('not-recorded', `Cannot forget the lobby "${title}": ${messageOf(error)}`, { cause: error })
    }
    this.#absent.delete(id)
  }
}

function recordOf(lobby: HostedLobby): LobbyRecord {
  const { id, appId, profile, createdAtMs } = lobby
  return { id, appId, profile, settings: lobby.settings.value, seats: lobby.leases.kept, createdAtMs }
}
