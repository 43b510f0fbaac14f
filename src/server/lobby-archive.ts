import * as v from 'valibot'
import type { LobbyChange } from '../domain/lobby-settings.ts'
import type { LobbyArchive } from '../host/contract/lobby-archive.ts'
import type { LobbyRecords } from '../store/lobby-records.ts'
import { storedSettings } from '../wire/api/lobby-settings.ts'
import { seatId } from '../wire/signal/seats.ts'

/** The store's lobbies as the host writes them down and reads them. */
export function lobbyArchive(records: LobbyRecords): LobbyArchive {
  return {
    keep: async ({ settings, createdAtMs, ...record }) =>
      records.put({ ...record, settings: { ...settings }, createdMs: createdAtMs }),
    forget: async (lobbyId) => records.delete(lobbyId),
    list: async () =>
      records.list().map(({ settings, seats, createdMs, ...record }) => ({
        ...record,
        settings: knownSettings(settings),
        seats: seats.flatMap(({ id, ...seat }) => (v.is(seatId, id) ? [{ id, ...seat }] : [])),
        createdAtMs: createdMs,
      })),
  }
}

/** Those that are known, and can be as they are: the lobby gets the usual ones in the place of others. */
function knownSettings(stored: Readonly<Record<string, unknown>>): LobbyChange {
  const known = Object.entries(storedSettings.entries).filter(([key, schema]) => v.is(schema, stored[key]))
  return v.parse(storedSettings, Object.fromEntries(known.map(([key]) => [key, stored[key]])))
}
