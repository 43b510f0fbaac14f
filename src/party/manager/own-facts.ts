import type { OwnFacts } from '../contract/party-membership.ts'
import type { PeerInfo } from '../plane/plane-client.ts'

/** What is known of a machine before anybody has found out more. */
export function factsOfName(name: string): OwnFacts {
  return {
    name: name.slice(0, 100) || 'Porchlight',
    natType: 'unknown',
    publicIp: undefined,
    publicPort: undefined,
    localIp: undefined,
    localPort: undefined,
  }
}

/** As it is written on the wire. */
export function peerInfoOf(peerId: string, publicKey: string, facts: OwnFacts): PeerInfo {
  return {
    peer_id: peerId,
    name: facts.name,
    public_key: publicKey,
    nat_type: facts.natType,
    public_ip: facts.publicIp ?? null,
    public_port: facts.publicPort ?? null,
    local_ip: facts.localIp ?? null,
    local_port: facts.localPort ?? null,
    last_seen: null,
  }
}
