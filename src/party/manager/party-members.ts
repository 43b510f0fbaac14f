import { peerOf, type Peer } from '../contract/party.ts'
import type { PeerReport } from '../contract/party-membership.ts'
import type { LiveParty, PartyStep, ToldMember } from '../plane/followed-party.ts'
import type { ToldParty } from '../../wire/party/records.ts'
import type { KnownKeys } from './known-keys.ts'
import type { PeerReports } from './peer-reports.ts'

interface SeenPeer {
  readonly peer: Peer
  /** Of what it was made. */
  readonly of: readonly [ToldMember, PeerReport | undefined, isHost: boolean]
}

/**
 * Who is in the party as this machine sees them: what its control plane tells, with the keys that count and what was measured. A change costs
 * what has changed; a peer is made anew when somebody looks and something about it is different.
 */
export class PartyMembers {
  readonly #me: string
  readonly #reports: PeerReports
  readonly #seen = new Map<string, SeenPeer>()
  #keys: KnownKeys | undefined
  #party: LiveParty | undefined

  constructor(me: string, reports: PeerReports) {
    this.#me = me
    this.#reports = reports
  }

  /** Of a party of which nothing is known yet but keys. */
  begin(keys: KnownKeys): void {
    this.end()
    this.#keys = keys
  }

  end(): void {
    this.#party = this.#keys = undefined
    this.#seen.clear()
  }

  get party(): LiveParty | undefined {
    return this.#party
  }

  /** All but this machine. */
  get others(): readonly Peer[] {
    return [...this.all().values()].filter(({ id }) => id !== this.#me)
  }

  has(peerId: string): boolean {
    return this.#party?.members.has(peerId) ?? false
  }

  /** Takes what has changed, and tells of whom; of another control plane's party that is everybody. `isNew` where there is a key to be kept. */
  take({ party, before }: PartyStep): { readonly changed: Iterable<string>; readonly isNew: boolean } {
    const last = this.#party
    this.#party = party
    const changed = last === party ? before : new Set([...(last?.members.keys() ?? []), ...party.members.keys()])
    let isNew = false
    for (const id of changed.keys()) {
      const now = party.members.get(id)
      if (now) isNew = (this.#keys?.heed(now.peer) ?? false) || isNew
      else {
        this.#seen.delete(id)
        this.#reports.forget(id)
      }
    }
    if (isNew) this.#keys?.trim((id) => party.members.has(id))
    return { changed: changed.keys(), isNew }
  }

  /** False where it says nothing, of nobody who is here or by {@link PeerReports.put}. */
  measured(peerId: string, report: PeerReport, how: { isProbe: boolean }): boolean {
    return this.has(peerId) && this.#reports.put(peerId, report, how)
  }

  peer(peerId: string): Peer | undefined {
    const told = this.#party?.members.get(peerId)
    if (!told || !this.#party) return undefined
    const report = this.#reports.get(peerId)
    const { host_id: hostId, created_at: createdAt } = this.#party.head
    const isHost = hostId === peerId
    const seen = this.#seen.get(peerId)
    if (seen && seen.of[0] === told && seen.of[1] === report && seen.of[2] === isHost) return seen.peer
    const ownType = isHost ? 'host' : 'unknown'
    const peer = peerOf(told.peer, {
      public_key: this.#keys?.keyOf(told.peer) ?? told.peer.public_key,
      virtualAddress: told.virtualAddress,
      latency_ms: report?.latencyMs ?? null,
      connection_type: peerId === this.#me ? ownType : (report?.connectionType ?? 'unknown'),
      joined_at: told.joinedAt ?? createdAt,
    })
    this.#seen.set(peerId, { peer, of: [told, report, isHost] })
    return peer
  }

  all(): ReadonlyMap<string, Peer> {
    const all = new Map<string, Peer>()
    for (const id of this.#party?.members.keys() ?? []) {
      const peer = this.peer(id)
      if (peer) all.set(id, peer)
    }
    return all
  }

  /** The party as clients of old know it, with the keys that count. */
  tell({ head, members }: LiveParty): ToldParty {
    const keys = this.#keys
    const peers = [...members].map(([id, { peer }]) => [id, keys ? { ...peer, public_key: keys.keyOf(peer) } : peer])
    return { ...head, peers: Object.fromEntries(peers) }
  }
}
