import type { LobbyArchive, LobbyRecord } from '../contract/lobby-archive.ts'

/** Lobbies written down in memory, which outlives the host where the test keeps it. */
export class MemoryLobbyArchive implements LobbyArchive {
  readonly records = new Map<string, LobbyRecord>()
  /** Thrown by every call that writes, while there is one. */
  failure: Error | undefined

  async keep(record: LobbyRecord): Promise<void> {
    if (this.failure) throw this.failure
    this.records.set(record.id, record)
  }

  async forget(lobbyId: string): Promise<void> {
    if (this.failure) throw this.failure
    this.records.delete(lobbyId)
  }

  async list(): Promise<readonly LobbyRecord[]> {
    return [...this.records.values()]
  }
}
