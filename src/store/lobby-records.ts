import type { DatabaseSync } from 'node:sqlite'
import { converted } from './converted.ts'
import { inTransaction } from './transaction.ts'

/** A lobby that is to come back after a restart, as far as it can be told from a file. */
export interface StoredLobby {
  readonly id: string
  readonly appId: string
  /** Which of its app's homes it has. */
  readonly profile: string
  /** JSON. What it means is not the store's to know. */
  readonly settings: Readonly<Record<string, unknown>>
  /** Those that are locked, or somebody's. */
  readonly seats: readonly StoredSeat[]
  /** Milliseconds since the Unix epoch. */
  readonly createdMs: number
}

/** A seat of a lobby, by the member whose it is. */
export interface StoredSeat {
  readonly id: string
  readonly locked: boolean
  readonly memberId: string | undefined
}

export interface LobbyRecords {
  /** Writes a new lobby, or what has changed of one. */
  put(lobby: StoredLobby): void
  /** Harmless when there is none. */
  delete(id: string): void
  /** Oldest first. */
  list(): readonly StoredLobby[]
}

const columns = 'id, app_id, profile, settings, created_ms'

export function openLobbyRecords(database: DatabaseSync): LobbyRecords {
  const upsert = database.prepare(
    `INSERT INTO lobby (${columns}) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET settings = excluded.settings`,
  )
  const remove = database.prepare('DELETE FROM lobby WHERE id = ?')
  const selectAll = database.prepare(`SELECT ${columns} FROM lobby ORDER BY created_ms, id`)
  const insertSeat = database.prepare('INSERT INTO lobby_seat (lobby_id, seat, locked, member_id) VALUES (?, ?, ?, ?)')
  const removeSeats = database.prepare('DELETE FROM lobby_seat WHERE lobby_id = ?')
  const selectSeats = database.prepare(
    'SELECT seat, locked, member_id FROM lobby_seat WHERE lobby_id = ? ORDER BY seat',
  )
  const write = ({ id, appId, profile, settings, seats, createdMs }: StoredLobby) => {
    upsert.run(id, appId, profile, JSON.stringify(settings), createdMs)
    removeSeats.run(id)
    for (const seat of seats) insertSeat.run(id, seat.id, Number(seat.locked), seat.memberId ?? null)
  }
  return {
    put: (lobby) => converted('Cannot write a lobby', () => inTransaction(database, () => write(lobby))),
    delete: (id) => converted('Cannot forget a lobby', () => void remove.run(id)),
    list: () =>
      converted('Cannot list lobbies', () =>
        selectAll.all().map((row) => lobbyOf(row, selectSeats.all(row['id'] as string))),
      ),
  }
}

function lobbyOf(row: Record<string, unknown>, seats: readonly Record<string, unknown>[]): StoredLobby {
  return {
    id: row['id'] as string,
    appId: row['app_id'] as string,
    profile: row['profile'] as string,
    settings: JSON.parse(row['settings'] as string) as Readonly<Record<string, unknown>>,
    seats: seats.map((seat) => ({
      id: seat['seat'] as string,
      locked: seat['locked'] === 1,
      memberId: (seat['member_id'] as string | null) ?? undefined,
    })),
    createdMs: row['created_ms'] as number,
  }
}
