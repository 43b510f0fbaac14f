import { networkInterfaces } from 'node:os'
import type { Clock } from '../../kernel/clock.ts'
import { detectNat } from '../../net/nat/detect-nat.ts'
import { describeNat, natName, type NatName } from '../../net/nat/nat-findings.ts'
import { StunTransactions } from '../../net/nat/stun-transactions.ts'
import type { PathPolicy } from '../../net/paths/path-policy.ts'
import type { DatagramSocket } from '../../net/udp/datagram-socket.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'

/** Where one socket may be found, and what that was found out by. */
export interface OwnAddresses {
  readonly candidates: readonly WireAddress[]
  readonly nat: NatName
  /** For people. */
  readonly explanation: string
  /** A machine about whose NAT nothing can be told takes no direct path (seed 002, "NAT detection failures"). */
  readonly policy: PathPolicy
}

const mostCandidates = 24

/** Asks STUN servers over the socket that the traffic takes, and looks at this machine's interfaces, without those that `without` tells by name. */
export async function findOwnAddresses(options: {
  readonly socket: DatagramSocket
  readonly stunServers: readonly WireAddress[]
  readonly without: (interfaceName: string) => boolean
  readonly clock: Clock
}): Promise<OwnAddresses> {
  const { socket, stunServers, without, clock } = options
  const { port } = socket.local
  const local = localAddresses(without).map((address) => ({ address, port }))
  if (stunServers.length === 0) {
    const explanation = 'no STUN server is known: only addresses of this machine are told to others'
    return { candidates: local, nat: 'unknown', explanation, policy: 'prefer-direct' }
  }
  using stun = new StunTransactions(socket, clock)
  const addresses = local.map(({ address }) => address)
  const findings = await detectNat({ stun, servers: stunServers, addresses, port })
  const explanation = describeNat(findings)
  if (findings.kind === 'blocked') {
    return { candidates: [], nat: 'udp-blocked', explanation: `relay only: ${findings.why}`, policy: 'relay-only' }
  }
  const seen = [...local, findings.reflexive]
  const candidates = seen.filter(
    (each, at) => seen.findIndex((other) => other.address === each.address && other.port === each.port) === at,
  )
  return { candidates: candidates.slice(-mostCandidates), nat: natName(findings), explanation, policy: 'prefer-direct' }
}

/** Of all interfaces that lead elsewhere; of this machine alone where there is none. */
function localAddresses(without: (interfaceName: string) => boolean): string[] {
  const all = Object.entries(networkInterfaces()).flatMap(([name, found = []]) => (without(name) ? [] : found))
  const outside = all.filter(({ internal, address }) => !internal && !/^fe80:/i.test(address))
  return (outside.length > 0 ? outside : all).map(({ address }) => address)
}
