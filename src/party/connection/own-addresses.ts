import type { Clock } from '../../kernel/clock.ts'
import { detectNat } from '../../net/nat/detect-nat.ts'
import { describeNat, natName, type NatName } from '../../net/nat/nat-findings.ts'
import { StunTransactions } from '../../net/nat/stun-transactions.ts'
import type { FinderPolicy } from '../../net/paths/path-policy.ts'
import { hostCandidates } from '../../net/reach/gather-candidates.ts'
import type { DatagramSocket } from '../../net/udp/datagram-socket.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'

/** Where one socket may be found, and what that was found out by. */
export interface OwnAddresses {
  /** IP addresses of this machine. */
  readonly local: readonly string[]
  readonly candidates: readonly WireAddress[]
  readonly nat: NatName
  /** For people. */
  readonly explanation: string
  /** A machine about whose NAT nothing can be told takes no direct path (seed 002, "NAT detection failures"). */
  readonly policy: FinderPolicy
}

const mostCandidates = 24

/** Asks STUN servers over the socket that the traffic takes, beside the addresses that this machine has, see `interfaceAddresses`. */
export async function findOwnAddresses(options: {
  readonly socket: DatagramSocket
  readonly stunServers: readonly WireAddress[]
  readonly addresses: readonly string[]
  readonly clock: Clock
}): Promise<OwnAddresses> {
  const { socket, stunServers, addresses, clock } = options
  const { port } = socket.local
  const local = hostCandidates(socket.local, addresses)
  if (stunServers.length === 0) {
    const explanation = 'no STUN server is known: only addresses of this machine are told to others'
    return { local: addresses, candidates: local, nat: 'unknown', explanation, policy: 'prefer-direct' }
  }
  using stun = new StunTransactions(socket, clock)
  const findings = await detectNat({ stun, servers: stunServers, addresses, port })
  const explanation = describeNat(findings)
  if (findings.kind === 'blocked') {
    const why = `no direct paths, relays and the tunnel only: ${findings.why}`
    return { local: addresses, candidates: [], nat: 'udp-blocked', explanation: why, policy: 'indirect' }
  }
  const seen = [...local, findings.reflexive]
  const candidates = seen.filter(
    (each, at) => seen.findIndex((other) => other.address === each.address && other.port === each.port) === at,
  )
  return {
    local: addresses,
    candidates: candidates.slice(-mostCandidates),
    nat: natName(findings),
    explanation,
    policy: 'prefer-direct',
  }
}
