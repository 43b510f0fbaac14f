import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import { HostError } from '../host-error.ts'
import type { Lobby } from '../lobby.ts'
import type { AbsentLobby, LobbyArchive, LobbyRecord } from '../lobby-archive.ts'

/** The lobbies that come back after a restart: how they are written down, and which of them could not come back. */
export class KeptLobbies {
  readonly #archive: LobbyArchive | undefined
  readonly #log: Log
  readonly #absent = new Map<string, AbsentLobby>()

  /** Without an archive nothing is kept. */
  constructor(archive: LobbyArchive | undefined, log: Log) {
    this.#archive = archive
    this.#log = log
  }

  get absent(): ReadonlyMap<string, AbsentLobby> {
    return this.#absent
  }

  /** Writes a lobby down if that is its policy. Throws HostError `not-recorded`. */
  keep(lobby: Lobby): void {
    if (lobby.restart === 'never') return
    try {
      this.#archive?.keep(recordOf(lobby))
    } catch (error) {
      const message = `Cannot write down the lobby "${lobby.title.value}": ${messageOf(error)}`
      throw new HostError('not-recorded', message, { cause: error })
    }
  }

  /** For a lobby that has ended. What fails is only told: at worst the lobby comes back once more. */
  forget(lobby: Lobby): void {
    if (lobby.restart === 'never') return
    try {
      this.#archive?.forget(lobby.id)
    } catch (error) {
      this.#log.error('A lobby that has ended could not be forgotten', { lobbyId: lobby.id, error })
    }
  }

  /** Opens what was written down, oldest first; what `open` refuses stays written down and is absent until the next start. */
  restore(open: (record: LobbyRecord) => void): void {
    for (const record of this.#archive?.list() ?? []) {
      try {
        open(record)
      } catch (error) {
        const { id, title } = record
        const reason = messageOf(error)
        this.#absent.set(id, { id, title, reason })
        this.#log.warn('A lobby could not come back', { lobbyId: id, title, appId: record.appId, reason })
      }
    }
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

function recordOf(lobby: Lobby): LobbyRecord {
  const { id, appId, stopWhenEveryoneLeaves, createdAtMs } = lobby
  const [title, size, layout] = [lobby.title.value, lobby.size.value, lobby.layout.value]
  return { id, appId, title, size, layout, stopWhenEveryoneLeaves, createdAtMs }
}
