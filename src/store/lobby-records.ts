import type { DatabaseSync } from 'node:sqlite'
import { converted } from './converted.ts'
import { flagColumn, isObject, json, numberColumn, optional, readRow, textColumn, type RowSchema } from './read-row.ts'
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
        selectAll.all().map((row) => {
          const lobby = readRow(schema, row)
          return { ...lobby, seats: selectSeats.all(lobby.id).map((seat) => readRow(seatSchema, seat)) }
        }),
      ),
  }
}

const schema = {
  id: ['id', textColumn],
  appId: ['app_id', textColumn],
  profile: ['profile', textColumn],
  settings: ['settings', json(isObject, 'an object')],
  createdMs: ['created_ms', numberColumn],
} as const

const seatSchema: RowSchema<StoredSeat> = {
  id: ['seat', textColumn],
  locked: ['locked', flagColumn],
  memberId: ['member_id', optional(textColumn)],
}
