import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../kernel/clock.ts'
import { EventBus } from '../../kernel/event-bus.ts'
import type { Log } from '../../kernel/log.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { HostDeparture, PartyAdmission, PartyPeer, PartyRecord, PeerDeparture } from '../../domain/party.ts'
import type { PartyRecords } from '../../store/party-records.ts'
import { PartyState, type KnownParty } from '../../store/party-state.ts'
import type { PartyEvent } from '../contract/party-event.ts'
import { PartyError } from '../contract/party-error.ts'
import type { PeerInput } from '../contract/peer-input.ts'
import { defaultLimits, type RegistryLimits } from '../contract/registry-limits.ts'
import { GroupedCommits, type Draft } from './grouped-commits.ts'
import { hashOfCode, isCodeOf, newPartyCode } from './party-code.ts'
import { PeerTokens } from './peer-tokens.ts'
import { RelayBoard } from './relay-board.ts'
import { sweep } from './sweep.ts'
import { VirtualRange } from './virtual-range.ts'

/** How a leave ended. */
export type LeaveResult = 'left' | 'party-deleted'

/**
 * Which parties there are and who is in them (seed 002, "ControlPlane"). Rules only: who may act for whom is asked before. What it
 * promises is durable; what it only observes, that a peer is alive, is written behind. Every method may reject with a PartyError.
 */
export class PartyRegistry {
  readonly tokens: PeerTokens
  readonly relays: RelayBoard
  readonly range: VirtualRange
  readonly events: EventBus<PartyEvent>
  readonly #state: PartyState
  readonly #records: PartyRecords
  readonly #commits: GroupedCommits
  readonly #clock: Clock
  readonly #limits: RegistryLimits
  /** On the monotonic clock: a clock that jumps ends nobody. */
  readonly #seenMs = new WeakMap<PartyPeer, number>()
  readonly #startMs: number
  /** Of the day when it was opened, and on the monotonic clock since: a clock that jumps changes nothing. */
  readonly #epochMs: () => number

  private constructor(state: PartyState, options: RegistryOptions) {
    const { records, clock, log, limits = defaultLimits, range = '10.66.0.0/16' } = options
    this.#state = state
    this.#records = records
    this.#clock = clock
    this.#limits = limits
    this.#startMs = clock.nowMs()
    const originMs = clock.epochMs() - this.#startMs
    this.#epochMs = () => Math.floor(originMs + clock.nowMs())
    this.range = new VirtualRange(range)
    this.events = new EventBus((error, { type }) =>
      log.error('A listener of the registry failed', { type, error: messageOf(error) }),
    )
    this.#commits = new GroupedCommits(state, records, (event) => this.events.emit(event))
    this.tokens = new PeerTokens({ state, commits: this.#commits, epochMs: this.#epochMs, limits })
    this.relays = new RelayBoard({ state, commits: this.#commits, clock, epochMs: this.#epochMs, limits })
  }

  /** With all that is kept; whoever is in a party has the time of a silent peer to come back. */
  static async open(options: RegistryOptions): Promise<PartyRegistry> {
    return new PartyRegistry(new PartyState(await options.records.load()), options)
  }

  get partyCount(): number {
    return this.#state.parties.size
  }

  /** Throws PartyError `party-not-found`. */
  party(partyId: string): KnownParty {
    const party = this.#state.parties.get(partyId)
    if (!party) throw new PartyError('party-not-found', `There is no party "${partyId}"`)
    return party
  }

  /** How many are in it; undefined where there is no such party. */
  sizeOf(partyId: string): number | undefined {
    return this.#state.parties.get(partyId)?.peers.size
  }

  /** Throws PartyError `party-not-found` or `peer-not-found`. */
  peer(partyId: string, peerId: string): PartyPeer {
    const peer = this.party(partyId).peers.get(peerId)
    if (!peer) throw new PartyError('peer-not-found', `There is no peer "${peerId}" in this party`)
    return peer
  }

  /** Whether a peer is in any party. */
  isMember(peerId: string): boolean {
    return this.#state.parties.values().some(({ peers }) => peers.has(peerId))
  }

  /**
   * A new party, of which the peer is the host. With an id that is given, a host that registers its party again is in it again.
   * The code is told here and nowhere else; it is the one that is given, for a party that was elsewhere before.
   */
  registerParty(input: {
    id?: string
    name: string
    host: PeerInput
    admission?: PartyAdmission
    whenHostLeaves?: HostDeparture
    code?: string | undefined
  }): Promise<{ party: KnownParty; code: string | undefined }> {
    const { id = randomBytes(6).toString('hex'), name, host, admission = 'id', whenHostLeaves = 'end' } = input
    return this.#commits.do((draft) => {
      const known = this.#state.parties.get(id)
      if (known) {
        if (known.record.hostId !== host.peerId) {
          throw new PartyError('party-exists', 'There is a party of that id, and its host is somebody else')
        }
        this.#enter(draft, known, host)
        return { party: known, code: undefined }
      }
      if (this.#state.parties.size >= this.#limits.parties) {
        throw new PartyError('too-many-parties', 'There are as many parties as this control plane takes')
      }
      const code = admission === 'code' ? (input.code ?? newPartyCode()) : undefined
      const codeHash = code === undefined ? undefined : hashOfCode(code)
      const createdMs = this.#epochMs()
      draft.apply({
        type: 'party',
        party: { id, name, hostId: host.peerId, createdMs, admission, codeHash, whenHostLeaves },
      })
      const party = this.party(id)
      this.#enter(draft, party, host)
      return { party, code }
    })
  }

  /** The party that a code lets into, or an id where that is enough. Throws PartyError `code-unknown`. */
  findParty(code: string): KnownParty {
    const hash = hashOfCode(code)
    const found = this.#state.parties
      .values()
      .find(({ record: { id, codeHash } }) => (codeHash ? timingSafeEqual(codeHash, hash) : id === code))
    if (!found) throw new PartyError('code-unknown', 'No party here has that code')
    return found
  }

  /**
   * Keeps a copy of a party whose own control plane cannot be reached: its host stays who it is, also while away, and it is there as long
   * as anybody is in it. What this registry knows of it already stays.
   */
  adoptParty(party: Omit<PartyRecord, 'codeHash' | 'whenHostLeaves'> & { code: string | undefined }): Promise<void> {
    return this.#commits.do((draft) => {
      if (this.#state.parties.has(party.id)) return
      const { code, ...record } = party
      const codeHash = code === undefined ? undefined : hashOfCode(code)
      draft.apply({ type: 'party', party: { ...record, codeHash, whenHostLeaves: 'migrate' } })
    })
  }

  /** Who is in it already, and comes again, says what is different about it now. */
  joinParty(partyId: string, peer: PeerInput, code?: string): Promise<KnownParty> {
    return this.#commits.do((draft) => {
      const party = this.party(partyId)
      if (!party.peers.has(peer.peerId)) this.#admit(party, code)
      this.#enter(draft, party, peer)
      return party
    })
  }

  /** What is different about a peer that is in it: its endpoint, its NAT. */
  updatePeer(partyId: string, peer: PeerInput): Promise<KnownParty> {
    return this.#commits.do((draft) => {
      this.peer(partyId, peer.peerId)
      const party = this.party(partyId)
      this.#enter(draft, party, peer)
      return party
    })
  }

  /** By itself, or removed by the host; the others are told which. */
  leaveParty(partyId: string, peerId: string, how: PeerDeparture = 'left'): Promise<LeaveResult> {
    return this.#commits.do((draft) => {
      this.peer(partyId, peerId)
      return this.#leave(draft, this.party(partyId), [peerId], how)
    })
  }

  /** Ends it for all. */
  endParty(partyId: string): Promise<void> {
    return this.#commits.do((draft) => this.#end(draft, this.party(partyId)))
  }

  /** That it is alive. Throws PartyError `party-not-found` or `peer-not-found`. */
  heartbeat(partyId: string, peerId: string): void {
    const party = this.party(partyId)
    const peer = { ...this.peer(partyId, peerId), seenMs: this.#epochMs() }
    party.peers.set(peerId, peer)
    this.#seenMs.set(peer, this.#clock.nowMs())
    this.#records.observe(peer)
  }

  /** Takes away whoever was silent for too long, a few parties at a time, so that nobody waits for it. */
  async cleanUp(): Promise<{ peers: number; parties: number; tokens: number; relays: number }> {
    const deadMs = this.#clock.nowMs() - this.#limits.peerStaleMs
    const before = this.#state.parties.size
    let peers = 0
    for await (const slice of sweep([...this.#state.parties.keys()], this.#clock)) {
      const gone = slice.flatMap((partyId) => {
        const party = this.#state.parties.get(partyId)
        const silent = [...(party?.peers.values() ?? [])].filter((peer) => this.#lastSeenMs(peer) <= deadMs)
        return silent.length > 0 ? [{ partyId, peerIds: silent.map(({ peerId }) => peerId) }] : []
      })
      if (gone.length === 0) continue
      await this.#commits.do((draft) => {
        for (const { partyId, peerIds } of gone) {
          const party = this.#state.parties.get(partyId)
          // Who was heard of meanwhile stays.
          const still = peerIds.filter((id) => {
            const peer = party?.peers.get(id)
            return peer !== undefined && this.#lastSeenMs(peer) <= deadMs
          })
          if (party && still.length > 0) this.#leave(draft, party, still, 'silent')
          peers += still.length
        }
      })
    }
    const tokens = await this.tokens.expire()
    return { peers, parties: before - this.#state.parties.size, tokens, relays: await this.relays.cleanUp() }
  }

  /** Writes what is still to be written. */
  async flush(): Promise<void> {
    await this.#commits.settled()
    await this.#records.flush()
  }

  #lastSeenMs(peer: PartyPeer): number {
    return this.#seenMs.get(peer) ?? this.#startMs
  }

  #admit({ record }: KnownParty, code: string | undefined): void {
    if (record.codeHash === undefined) return
    if (code === undefined) throw new PartyError('code-required', 'This party lets in by an invitation code')
    if (!isCodeOf(code, record.codeHash)) throw new PartyError('wrong-code', 'This is not the code of that party')
  }

  #enter(draft: Draft, party: KnownParty, input: PeerInput): void {
    const { id: partyId } = party.record
    const known = party.peers.get(input.peerId)
    if (!known && party.peers.size >= Math.min(this.#limits.peersPerParty, this.range.size)) {
      throw new PartyError('party-full', 'The party has as many peers as it takes')
    }
    if (!party.addresses.has(input.peerId)) this.#giveAddress(draft, party, input.peerId)
    const nowMs = this.#epochMs()
    const peer: PartyPeer = { ...input, partyId, joinedMs: known?.joinedMs ?? nowMs, seenMs: nowMs }
    draft.apply({ type: 'peer', peer })
    this.#seenMs.set(peer, this.#clock.nowMs())
    if (!known) draft.tell({ type: 'peer-joined', partyId, peer })
    else if (!isSame(known, peer)) draft.tell({ type: 'peer-changed', partyId, peer })
    draft.tell({ type: 'party-updated', party })
  }

  /** Of those who are away, whoever got theirs first loses it when there is no other one. */
  #giveAddress(draft: Draft, party: KnownParty, peerId: string): void {
    const { id: partyId } = party.record
    const taken = () => new Set([...party.addresses.values()].map(({ number }) => number))
    const keep = Math.min(this.range.size, 2 * this.#limits.peersPerParty)
    if (party.addresses.size >= keep) {
      const away = [...party.addresses.keys()].find((id) => !party.peers.has(id))
      if (away !== undefined) draft.apply({ type: 'address-gone', partyId, peerId: away })
    }
    const number = this.range.freeFor(peerId, taken())
    if (number === undefined) throw new PartyError('party-full', 'The party has no address left')
    draft.apply({ type: 'address', address: { partyId, peerId, number } })
  }

  #leave(draft: Draft, party: KnownParty, peerIds: readonly string[], how: PeerDeparture): LeaveResult {
    const { id: partyId, hostId, whenHostLeaves } = party.record
    const isOver = peerIds.includes(hostId) && whenHostLeaves === 'end'
    if (isOver || peerIds.length >= party.peers.size) {
      this.#end(draft, party)
      return 'party-deleted'
    }
    for (const peerId of peerIds) {
      draft.apply({ type: 'peer-gone', partyId, peerId })
      draft.tell({ type: 'peer-left', partyId, peerId, how })
    }
    if (peerIds.includes(hostId)) {
      const [heir] = [...party.peers.values()].toSorted(byStay)
      if (heir) {
        draft.apply({ type: 'party', party: { ...party.record, hostId: heir.peerId } })
        draft.tell({ type: 'host-changed', party })
      }
    }
    draft.tell({ type: 'party-updated', party })
    return 'left'
  }

  #end(draft: Draft, party: KnownParty): void {
    const { id: partyId } = party.record
    draft.tell({ type: 'party-ended', partyId, peerIds: [...party.peers.keys()] })
    draft.apply({ type: 'party-gone', partyId })
  }
}

export interface RegistryOptions {
  readonly records: PartyRecords
  readonly clock: Clock
  readonly log: Log
  readonly limits?: RegistryLimits
  /** Of virtual addresses; 10.66.0.0/16 when left out. */
  readonly range?: string
}

/** Whether one says of itself what the other does; when it was seen does not count. */
function isSame(one: PartyPeer, other: PartyPeer): boolean {
  return told.every((field) => one[field] === other[field])
}
const told = ['name', 'publicKey', 'natType', 'publicIp', 'publicPort', 'localIp', 'localPort'] as const

/** Who has been there longest comes first. */
function byStay(one: PartyPeer, other: PartyPeer): number {
  return one.joinedMs - other.joinedMs || (one.peerId < other.peerId ? -1 : 1)
}
