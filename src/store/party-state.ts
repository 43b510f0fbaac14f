import type { PartyAddress, PartyPeer, PartyRecord, PartyRelay, PeerToken } from '../domain/party.ts'
import type { PartyChange, PartySnapshot } from './party-records.ts'

/** A party with what belongs to it, both by peer. */
export interface KnownParty {
  record: PartyRecord
  readonly peers: Map<string, PartyPeer>
  readonly addresses: Map<string, PartyAddress>
}

/** The registry of parties as it stands in memory, changed in the same words as its file. */
export class PartyState {
  readonly parties = new Map<string, KnownParty>()
  readonly tokens = new Map<string, PeerToken>()
  readonly relays = new Map<string, PartyRelay>()

  constructor(snapshot: PartySnapshot = { parties: [], peers: [], addresses: [], tokens: [], relays: [] }) {
    for (const party of snapshot.parties) this.apply({ type: 'party', party })
    for (const peer of snapshot.peers) this.apply({ type: 'peer', peer })
    for (const address of snapshot.addresses) this.apply({ type: 'address', address })
    for (const token of snapshot.tokens) this.apply({ type: 'token', token })
    for (const relay of snapshot.relays) this.apply({ type: 'relay', relay })
  }

  /** Makes it so, and returns what makes it as it was. Something of a party that is not there changes nothing. */
  apply(change: PartyChange): () => void {
    switch (change.type) {
      case 'party':
        return this.#applyParty(change.party)
      case 'party-gone':
        return remove(this.parties, change.partyId)
      case 'peer':
        return put(this.parties.get(change.peer.partyId)?.peers, change.peer.peerId, change.peer)
      case 'peer-gone':
        return remove(this.parties.get(change.partyId)?.peers, change.peerId)
      case 'address':
        return put(this.parties.get(change.address.partyId)?.addresses, change.address.peerId, change.address)
      case 'address-gone':
        return remove(this.parties.get(change.partyId)?.addresses, change.peerId)
      case 'token':
        return put(this.tokens, change.token.peerId, change.token)
      case 'token-gone':
        return remove(this.tokens, change.peerId)
      case 'relay':
        return put(this.relays, change.relay.relayId, change.relay)
      case 'relay-gone':
        return remove(this.relays, change.relayId)
    }
  }

  snapshot(): PartySnapshot {
    const parties = [...this.parties.values()]
    return {
      parties: parties.map(({ record }) => record),
      peers: parties.flatMap(({ peers }) => [...peers.values()]),
      addresses: parties.flatMap(({ addresses }) => [...addresses.values()]),
      tokens: [...this.tokens.values()],
      relays: [...this.relays.values()],
    }
  }

  #applyParty(record: PartyRecord): () => void {
    const known = this.parties.get(record.id)
    if (!known) return put(this.parties, record.id, { record, peers: new Map(), addresses: new Map() })
    const before = known.record
    known.record = record
    return () => void (known.record = before)
  }
}

const nothing = () => {}

function put<T>(map: Map<string, T> | undefined, key: string, value: T): () => void {
  if (!map) return nothing
  const before = map.get(key)
  map.set(key, value)
  return () => void (before === undefined ? map.delete(key) : map.set(key, before))
}

/** What comes back stands last. */
function remove<T>(map: Map<string, T> | undefined, key: string): () => void {
  const before = map?.get(key)
  if (!map || before === undefined) return nothing
  map.delete(key)
  return () => void map.set(key, before)
}
