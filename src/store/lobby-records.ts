import type { DatabaseSync } from 'node:sqlite'
import { converted } from './converted.ts'

/** A lobby that is to come back after a restart, as far as it can be told from a file. */
export interface StoredLobby {
  readonly id: string
  readonly appId: string
  readonly title: string
  readonly width: number
  readonly height: number
  /** Keyboard layout; undefined for an app without keyboard. */
  readonly layout: string | undefined
  readonly stopWhenEveryoneLeaves: boolean
  /** Milliseconds since the Unix epoch. */
  readonly createdMs: number
}

export interface LobbyRecords {
  /** Writes a new lobby, or what has changed of one. */
  put(lobby: StoredLobby): void
  /** Harmless when there is none. */
  delete(id: string): void
  /** Oldest first. */
  list(): readonly StoredLobby[]
}

const columns = 'id, app_id, title, width, height, layout, stop_when_everyone_leaves, created_ms'

export function openLobbyRecords(database: DatabaseSync): LobbyRecords {
  const upsert = database.prepare(
    `INSERT INTO lobby (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET title = excluded.title, width = excluded.width, height = excluded.height,
       layout = excluded.layout`,
  )
  const remove = database.prepare('DELETE FROM lobby WHERE id = ?')
  const selectAll = database.prepare(`SELECT ${columns} FROM lobby ORDER BY created_ms, id`)
  return {
    put: ({ id, appId, title, width, height, layout, stopWhenEveryoneLeaves, createdMs }) =>
      converted('Cannot write a lobby', () => {
        upsert.run(id, appId, title, width, height, layout ?? null, Number(stopWhenEveryoneLeaves), createdMs)
      }),
    delete: (id) => converted('Cannot forget a lobby', () => void remove.run(id)),
    list: () => converted('Cannot list lobbies', () => selectAll.all().map(lobbyOf)),
  }
}

function lobbyOf(row: Record<string, unknown>): StoredLobby {
  return {
    id: row['id'] as string,
    appId: row['app_id'] as string,
    title: row['title'] as string,
    width: row['width'] as number,
    height: row['height'] as number,
    layout: (row['layout'] as string | null) ?? undefined,
    stopWhenEveryoneLeaves: row['stop_when_everyone_leaves'] === 1,
    createdMs: row['created_ms'] as number,
  }
}
