import type { Clock } from '../../kernel/clock.ts'
import { detectNat } from '../../net/nat/detect-nat.ts'
import { describeNat, natName, type NatName } from '../../net/nat/nat-findings.ts'
import { StunTransactions } from '../../net/nat/stun-transactions.ts'
import type { FinderPolicy } from '../../net/paths/path-policy.ts'
import { hostCandidates } from '../../net/reach/gather-candidates.ts'
import type { DatagramSocket } from '../../net/udp/datagram-socket.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'

/** A STUN server, and who has named it: this host's settings, or the control plane of the party, whose relays are STUN servers too. */
export interface StunPlace {
  readonly at: WireAddress
  readonly by: 'settings' | 'control-plane'
}

/** Where one socket may be found, and what that was found out by. */
export interface OwnAddresses {
  /** IP addresses of this machine. */
  readonly local: readonly string[]
  readonly candidates: readonly WireAddress[]
  /** Where STUN servers have seen it. */
  readonly seen: readonly WireAddress[]
  readonly nat: NatName
  /** For people. */
  readonly explanation: string
  /** Who was to be asked. */
  readonly stunServers: readonly StunPlace[]
  /** A machine about whose NAT nothing can be told takes no direct path (seed 002, "NAT detection failures"). */
  readonly policy: FinderPolicy
}

const mostCandidates = 24

/** Asks STUN servers over the socket that the traffic takes, beside the addresses that this machine has, see `interfaceAddresses`. */
export async function findOwnAddresses(options: {
  readonly socket: DatagramSocket
  readonly stunServers: readonly StunPlace[]
  readonly addresses: readonly string[]
  readonly clock: Clock
}): Promise<OwnAddresses> {
  const { socket, stunServers, addresses, clock } = options
  const { port } = socket.local
  const local = hostCandidates(socket.local, addresses)
  if (stunServers.length === 0) {
    const explanation = 'no STUN server is known: only addresses of this machine are told to others'
    const common = { local: addresses, candidates: local, seen: [], stunServers }
    return { ...common, nat: 'unknown', explanation, policy: 'prefer-direct' }
  }
  using stun = new StunTransactions(socket, clock)
  const findings = await detectNat({ stun, servers: stunServers.map(({ at }) => at), addresses, port })
  const explanation = describeNat(findings)
  if (findings.kind === 'blocked') {
    const why = `no direct paths, relays and the tunnel only: ${findings.why}`
    const common = { local: addresses, candidates: [], seen: [], stunServers }
    return { ...common, nat: 'udp-blocked', explanation: why, policy: 'indirect' }
  }
  const { seen } = findings
  const all = [...local, ...seen]
  const candidates = all.filter(
    (each, at) => all.findIndex((other) => other.address === each.address && other.port === each.port) === at,
  )
  return {
    local: addresses,
    candidates: candidates.slice(-mostCandidates),
    seen,
    nat: natName(findings),
    explanation,
    stunServers,
    policy: 'prefer-direct',
  }
}
