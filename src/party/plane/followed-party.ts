import {
  toldPeer,
  type PartyVersion,
  type ToldDepartures,
  type ToldParty,
  type ToldPeer,
} from '../../wire/party/records.ts'
import type { PartyChanges } from '../../wire/party/socket.ts'
import type { ToldMembership } from './plane-client.ts'

/** A peer as a control plane tells it, with what stands beside it. */
export interface ToldMember {
  readonly peer: ToldPeer
  /** With its prefix, "10.66.3.7/16"; undefined where it has none. */
  readonly virtualAddress: string | undefined
  /** ISO 8601; undefined where it is not told. */
  readonly joinedAt: string | undefined
}

/** A party as one control plane tells it now. It goes on with the party: what is read later is newer. */
export interface LiveParty {
  readonly head: Omit<ToldParty, 'peers'>
  readonly members: ReadonlyMap<string, ToldMember>
}

/** What one thing that was told has done. */
export interface PartyStep {
  readonly party: LiveParty
  /** Whoever is different now, by id, as they were before: undefined of those who have come. */
  readonly before: ReadonlyMap<string, ToldMember | undefined>
  /** Who was the host before; undefined where nothing was known. */
  readonly hostBefore: string | undefined
  /** How peers went who have not left by themselves, as far as it was told lately. */
  readonly departures: ToldDepartures
}

/** It is different now, the same one, or something was missed and all of it has to be asked for. */
export type Followed = PartyStep | 'same' | 'missed'

/**
 * A party as one control plane tells it: all of it at first, and then what changes, each at a cost of what has changed alone. Answers and
 * changes come by two ways, so that either may be late, there twice, or of another life of the control plane: what is older than what is
 * known is left aside.
 */
export class FollowedParty implements LiveParty {
  #head: LiveParty['head'] | undefined
  #members = new Map<string, ToldMember>()
  #version: PartyVersion | undefined
  /** The newest that was heard of and could not be applied, in the epoch of it. */
  #missing: { readonly epoch: string; readonly number: number } | undefined

  /** Throws where nothing was told yet. */
  get head(): LiveParty['head'] {
    if (!this.#head) throw new TypeError('Nothing was told of the party yet')
    return this.#head
  }

  get members(): ReadonlyMap<string, ToldMember> {
    return this.#members
  }

  /** Undefined where the control plane does not number what it tells; one of before does not. */
  get version(): PartyVersion | undefined {
    return this.#version
  }

  /** Whether there is something newer than the last that was told whole. */
  get isBehind(): boolean {
    const missing = this.#missing
    return missing !== undefined && missing.epoch === this.#version?.epoch && missing.number > this.#version.number
  }

  /** All of it. `same` where something newer is known. */
  takeWhole({ party, virtualAddresses, joinedAt, version, departures }: ToldMembership): PartyStep | 'same' {
    const known = this.#version
    if (known && version?.epoch === known.epoch && version.number < known.number) return 'same'
    const { peers, ...head } = party
    const before = this.#members
    this.#members = new Map()
    const changed = new Map<string, ToldMember | undefined>()
    for (const [id, peer] of Object.entries(peers)) {
      const was = before.get(id)
      const now = { peer, virtualAddress: virtualAddresses[id], joinedAt: joinedAt[id] }
      const isSame = was !== undefined && isSameMember(was, now)
      this.#members.set(id, isSame ? was : now)
      if (!isSame) changed.set(id, was)
    }
    for (const [id, was] of before) if (!this.#members.has(id)) changed.set(id, was)
    return this.#step(head, version, { changed, departures })
  }

  takeChanges({ epoch, from, to, host_id: hostId, peers, left, departures = {} }: PartyChanges): Followed {
    const version = this.#version
    if (!this.#head || version?.epoch !== epoch || from > version.number) {
      this.#missing = { epoch, number: to }
      return 'missed'
    }
    if (to <= version.number) return 'same'
    // Each says how it is now, so that one which is known already does nothing.
    const changed = new Map<string, ToldMember | undefined>()
    const note = (id: string) => void (changed.has(id) || changed.set(id, this.#members.get(id)))
    for (const id of left) {
      note(id)
      this.#members.delete(id)
    }
    for (const { peer, virtual_address: virtualAddress, joined_at: joinedAt } of peers) {
      note(peer.peer_id)
      this.#members.set(peer.peer_id, { peer, virtualAddress, joinedAt })
    }
    return this.#step({ ...this.#head, host_id: hostId }, { epoch, number: to }, { changed, departures })
  }

  #step(
    head: LiveParty['head'],
    version: PartyVersion | undefined,
    { changed, departures }: { changed: PartyStep['before']; departures: ToldDepartures },
  ): PartyStep {
    const hostBefore = this.#head?.host_id
    this.#head = head
    this.#version = version
    return { party: this, before: changed, hostBefore, departures }
  }
}

const keysOfPeer = Object.keys(toldPeer.entries) as (keyof ToldPeer)[]

function isSameMember(one: ToldMember, other: ToldMember): boolean {
  if (one.virtualAddress !== other.virtualAddress || one.joinedAt !== other.joinedAt) return false
  const [mine, its] = [one.peer, other.peer]
  return keysOfPeer.every((key) => mine[key] === its[key])
}
