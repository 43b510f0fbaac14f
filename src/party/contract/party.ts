import { isCompatible, type NatType } from '../../domain/nat-type.ts'
import type { ToldPeer } from '../../wire/party/records.ts'

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
  /** ISO 8601. */
  readonly created_at: string
  readonly #look: () => ReadonlyMap<string, Peer>
  #peers: ReadonlyMap<string, Peer> | undefined

  /** `look` gives the peers as they are, and is asked once, by the first who wants them: most changes of a large party are looked at by nobody. */
  constructor(fields: Pick<Party, 'id' | 'name' | 'host_id' | 'created_at'>, look: () => ReadonlyMap<string, Peer>) {
    this.id = fields.id
    this.name = fields.name
    this.host_id = fields.host_id
    this.created_at = fields.created_at
    this.#look = look
  }

  get peers(): ReadonlyMap<string, Peer> {
    return (this.#peers ??= this.#look())
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

/** A peer as a control plane tells it, and as it is reached. */
export function peerOf(
  told: ToldPeer,
  beside: Pick<Peer, 'public_key' | 'joined_at' | 'connection_type' | 'latency_ms'> & {
    /** With its prefix; undefined before it has one. */
    readonly virtualAddress: string | undefined
  },
): Peer {
  const { virtualAddress = '', ...known } = beside
  return {
    ...known,
    id: told.peer_id,
    name: told.name,
    virtual_ip: virtualAddress.replace(/\/\d+$/, ''),
    endpoint: told.public_ip === null ? '' : endpointOf(told.public_ip, told.public_port ?? 0),
    nat_type: told.nat_type,
  }
}

function endpointOf(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}
