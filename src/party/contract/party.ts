import { isCompatible, type NatType } from '../../domain/nat-type.ts'
import type { ToldParty } from '../../wire/party/records.ts'

/** Seed 002, "Party Data Structures": the names of classes and fields are the seed's, as clients and scripts know them. */

/** How a peer is reached. */
export type ConnectionType = 'unknown' | 'direct' | 'relayed' | 'connecting' | 'host' | 'failed'

/** A participant of a party, as another one sees it. */
export interface Peer {
  readonly id: string
  readonly name: string
  /** Its WireGuard key, in base64. */
  readonly public_key: string
  /** In the party's network, "10.66.3.7"; empty before it has one. */
  readonly virtual_ip: string
  /** "198.51.100.1:4000", as it is seen from outside; empty where that is not known. */
  readonly endpoint: string
  /** Round trip; null before it was measured. */
  readonly latency_ms: number | null
  readonly connection_type: ConnectionType
  readonly nat_type: NatType
  /** ISO 8601. */
  readonly joined_at: string
}

/** A gaming session of several machines. */
export class Party {
  readonly id: string
  readonly name: string
  readonly host_id: string
  readonly peers: ReadonlyMap<string, Peer>
  /** ISO 8601. */
  readonly created_at: string

  constructor(fields: Pick<Party, 'id' | 'name' | 'host_id' | 'peers' | 'created_at'>) {
    this.id = fields.id
    this.name = fields.name
    this.host_id = fields.host_id
    this.peers = fields.peers
    this.created_at = fields.created_at
  }

  getPeerList(): readonly Peer[] {
    return [...this.peers.values()]
  }

  /**
   * Those whom the seed's matrix lets a machine of that type connect with directly; nobody for one that does not know its type. What is
   * tried in truth is another matter: `canPunch` of the network room, and checks.
   */
  getCompatiblePeers(my_nat_type: NatType): readonly Peer[] {
    return this.getPeerList().filter(({ nat_type: theirs }) => isCompatible(my_nat_type, theirs))
  }
}

/** A party as a control plane tells it, for the peer of that id. */
export function partyOf(
  told: ToldParty,
  options: {
    myId: string
    virtualAddresses: Readonly<Record<string, string>>
    /** What was measured on the way there lately. */
    report: (
      peerId: string,
    ) => { readonly latencyMs: number | null; readonly connectionType: ConnectionType } | undefined
    joinedAt: (peerId: string) => string
  },
): Party {
  const typeOf = (peerId: string): ConnectionType => {
    if (peerId === options.myId) return told.host_id === peerId ? 'host' : 'unknown'
    return options.report(peerId)?.connectionType ?? 'unknown'
  }
  const peers = Object.values(told.peers).map((peer): [string, Peer] => [
    peer.peer_id,
    {
      id: peer.peer_id,
      name: peer.name,
      public_key: peer.public_key,
      virtual_ip: (options.virtualAddresses[peer.peer_id] ?? '').replace(/\/\d+$/, ''),
      endpoint: peer.public_ip === null ? '' : endpointOf(peer.public_ip, peer.public_port ?? 0),
      latency_ms: options.report(peer.peer_id)?.latencyMs ?? null,
      connection_type: typeOf(peer.peer_id),
      nat_type: peer.nat_type,
      joined_at: options.joinedAt(peer.peer_id),
    },
  ])
  return new Party({
    id: told.party_id,
    name: told.name,
    host_id: told.host_id,
    created_at: told.created_at,
    peers: new Map(peers),
  })
}

function endpointOf(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}
