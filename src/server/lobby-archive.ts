import * as v from 'valibot'
import type { LobbyArchive } from '../host/lobby-archive.ts'
import type { LobbyRecords } from '../store/lobby-records.ts'
import { layout as knownLayout } from '../wire/api/resources.ts'

/** The store's lobbies as the host writes them down and reads them. */
export function lobbyArchive(records: LobbyRecords): LobbyArchive {
  return {
    keep: ({ size, createdAtMs, ...record }) => records.put({ ...record, ...size, createdMs: createdAtMs }),
    forget: (lobbyId) => records.delete(lobbyId),
    list: () =>
      records.list().map(({ width, height, layout, createdMs, ...record }) => ({
        ...record,
        size: { width, height },
        // One that is not known any more is as good as none: the display gets the usual one.
        layout: v.is(knownLayout, layout) ? layout : undefined,
        createdAtMs: createdMs,
      })),
  }
}
