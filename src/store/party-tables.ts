import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { addressRow, partyRow, peerRow, relayRow, tokenRow } from './party-rows.ts'
import type { PartyChange, PartySnapshot, PeerObservation } from './party-records.ts'
import { readRow, type RowSchema } from './read-row.ts'

/** The tables of a registry, statement by statement; whoever calls makes the transactions. */
export interface PartyTables {
  load(): PartySnapshot
  apply(change: PartyChange): void
  see(observation: PeerObservation): void
}

export function openPartyTables(database: DatabaseSync): PartyTables {
  const party = table(database, 'party', ['id'], partyRow)
  const peer = table(database, 'peer', ['party_id', 'peer_id'], peerRow)
  const address = table(database, 'address', ['party_id', 'peer_id'], addressRow)
  const token = table(database, 'peer_token', ['peer_id'], tokenRow)
  const relay = table(database, 'relay', ['relay_id'], relayRow)
  const see = database.prepare('UPDATE peer SET seen_ms = ? WHERE party_id = ? AND peer_id = ?')

  return {
    load: () => ({
      parties: party.all(),
      peers: peer.all(),
      addresses: address.all(),
      tokens: token.all(),
      relays: relay.all(),
    }),
    apply(change) {
      switch (change.type) {
        case 'party':
          return party.put(change.party)
        case 'party-gone':
          return party.remove(change.partyId)
        case 'peer':
          return peer.put(change.peer)
        case 'peer-gone':
          return peer.remove(change.partyId, change.peerId)
        case 'address':
          return address.put(change.address)
        case 'address-gone':
          return address.remove(change.partyId, change.peerId)
        case 'token':
          return token.put(change.token)
        case 'token-gone':
          return token.remove(change.peerId)
        case 'relay':
          return relay.put(change.relay)
        case 'relay-gone':
          return relay.remove(change.relayId)
      }
    },
    see: ({ partyId, peerId, seenMs }) => void see.run(seenMs, partyId, peerId),
  }
}

interface Table<Row> {
  put(row: Row): void
  remove(...key: readonly string[]): void
  all(): readonly Row[]
}

/** A table whose columns are those of the row's schema. */
function table<Row extends object>(
  database: DatabaseSync,
  name: string,
  key: readonly string[],
  schema: RowSchema<Row>,
): Table<Row> {
  const properties = Object.keys(schema) as (keyof Row)[]
  const columns = properties.map((property) => schema[property][0])
  const others = columns.filter((column) => !key.includes(column))
  const put = database.prepare(
    `INSERT INTO ${name} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
     ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${others.map((column) => `${column} = excluded.${column}`).join(', ')}`,
  )
  const remove = database.prepare(`DELETE FROM ${name} WHERE ${key.map((column) => `${column} = ?`).join(' AND ')}`)
  const select = database.prepare(`SELECT ${columns.join(', ')} FROM ${name} ORDER BY ${key.join(', ')}`)
  return {
    put: (row) => void put.run(...properties.map((property) => (row[property] ?? null) as SQLInputValue)),
    remove: (...values) => void remove.run(...values),
    all: () => select.all().map((row) => readRow(schema, row)),
  }
}
