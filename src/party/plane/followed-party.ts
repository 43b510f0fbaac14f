import type { PartyChanges } from '../../wire/party/socket.ts'
import type { ToldMembership } from './plane-client.ts'

/** What a change has done to what is known: it is another party now, the same one, or something was missed and all of it has to be asked for. */
export type Followed = ToldMembership | 'same' | 'missed'

/**
 * A party as one control plane tells it: all of it at first, and then what changes. Answers and changes come by two ways, so that either may
 * be late, there twice, or of another life of the control plane: what is older than what is known is left aside.
 */
export class FollowedParty {
  #told: ToldMembership | undefined
  /** The newest that was heard of and could not be applied, in the epoch of it. */
  #missing: { readonly epoch: string; readonly number: number } | undefined

  /** Whether the control plane numbers what it tells; one of before does not. */
  get hasVersions(): boolean {
    return this.#told?.version !== undefined
  }

  /** Whether there is something newer than the last that was told whole. */
  get isBehind(): boolean {
    const version = this.#told?.version
    return (
      this.#missing !== undefined && this.#missing.epoch === version?.epoch && this.#missing.number > version.number
    )
  }

  get size(): number {
    return this.#told ? Object.keys(this.#told.party.peers).length : 0
  }

  /** All of it. `same` where something newer is known. */
  takeWhole(told: ToldMembership): ToldMembership | 'same' {
    const known = this.#told?.version
    if (known && told.version?.epoch === known.epoch && told.version.number < known.number) return 'same'
    this.#told = told
    return told
  }

  takeChanges(changes: PartyChanges): Followed {
    const { epoch, from, to } = changes
    const told = this.#told
    const version = told?.version
    if (!told || version?.epoch !== epoch || from > version.number) {
      this.#missing = { epoch, number: to }
      return 'missed'
    }
    if (to <= version.number) return 'same'
    this.#told = applied(told, changes)
    return this.#told
  }
}

/** Each of the changes says how it is now, so that one which is known already does nothing. */
function applied(
  told: ToldMembership,
  { epoch, to, host_id: hostId, peers, left, departures = {} }: PartyChanges,
): ToldMembership {
  const known = { ...told.party.peers }
  const virtualAddresses = { ...told.virtualAddresses }
  const joinedAt = { ...told.joinedAt }
  for (const peerId of left) {
    delete known[peerId]
    delete virtualAddresses[peerId]
    delete joinedAt[peerId]
  }
  for (const { peer, virtual_address: address, joined_at: joined } of peers) {
    known[peer.peer_id] = peer
    joinedAt[peer.peer_id] = joined
    if (address === undefined) delete virtualAddresses[peer.peer_id]
    else virtualAddresses[peer.peer_id] = address
  }
  const party = { ...told.party, host_id: hostId, peers: known }
  return { party, virtualAddresses, joinedAt, version: { epoch, number: to }, departures }
}
