import * as v from 'valibot'
import type { LobbyArchive } from '../host/lobby-archive.ts'
import type { LobbyRecords } from '../store/lobby-records.ts'
import { layout as knownLayout } from '../wire/api/resources.ts'
import { seatId } from '../wire/signal/seats.ts'

/** The store's lobbies as the host writes them down and reads them. */
export function lobbyArchive(records: LobbyRecords): LobbyArchive {
  return {
    keep: ({ size, createdAtMs, ...record }) => records.put({ ...record, ...size, createdMs: createdAtMs }),
    forget: (lobbyId) => records.delete(lobbyId),
    list: () =>
      records.list().map(({ width, height, layout, seats, createdMs, ...record }) => ({
        ...record,
        size: { width, height },
        // One that is not known any more is as good as none: the display gets the usual one.
        layout: v.is(knownLayout, layout) ? layout : undefined,
        seats: seats.flatMap(({ id, ...seat }) => (v.is(seatId, id) ? [{ id, ...seat }] : [])),
        createdAtMs: createdMs,
      })),
  }
}
