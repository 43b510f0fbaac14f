import { networkInterfaces } from 'node:os'
import type { Clock } from '../kernel/clock.ts'
import { detectNat } from '../net/nat/detect-nat.ts'
import { canPunch, describeNat, natName, type NatFindings, type NatName } from '../net/nat/nat-findings.ts'
import { StunTransactions } from '../net/nat/stun-transactions.ts'
import { openUdpSocket } from '../net/udp/udp-socket.ts'
import { formatAddress } from '../wire/address-bytes.ts'
import { checkGateway } from './check-gateway.ts'
import type { Check } from './check.ts'
import type { ServerConfig } from './config/config.ts'
import { relaysOfKeptParty, stunOfParty } from './party/stun-of-party.ts'
import { findStunServers } from './network/stun-places.ts'

/**
 * Tells which NAT is between this machine and the internet, and which paths others have to a server here. UDP is tried by asking the
 * STUN servers of the configuration over one socket of its own, and relays of the control plane of the party that it is in, which is asked for
 * them, and whether the gateway is there; nothing else leaves the machine.
 */
export async function* checkNetwork(
  config: Pick<ServerConfig, 'iceServers' | 'relays' | 'host' | 'dataDirectory' | 'gateway'>,
  clock: Clock,
): AsyncGenerator<Check, void> {
  const addresses = ownAddresses()
  yield {
    what: 'Addresses',
    health: addresses.length > 0 ? 'good' : 'poor',
    detail: addresses.length > 0 ? addresses.join(', ') : 'this machine has no network but its own',
  }
  const isLocal = config.host === 'localhost' || config.host === '::1' || config.host.startsWith('127.')
  const failures: string[] = []
  const named = await findStunServers(config, (place, why) => failures.push(`${place}: ${why}`))
  const places = await stunOfParty({
    named,
    relays: async () => (await relaysOfKeptParty(config.dataDirectory, clock)) ?? [],
    clock,
    failed: (why) => failures.push(`relays of the party's control plane: ${why}`),
  })
  const servers = places.map(({ at }) => at)
  for (const detail of failures) yield { what: 'STUN server', health: 'poor', detail }
  await using socket = await openUdpSocket({ host: '0.0.0.0', port: 0 })
  using stun = new StunTransactions(socket, clock)
  // All of them: the first that answers may not be the one that tells most.
  const answers = await Promise.all(servers.map((server) => stun.ask(server)))
  for (const [at, server] of servers.entries()) {
    const answer = answers[at]
    const by = places[at]?.by === 'control-plane' ? ', a relay of the party’s control plane,' : ''
    const other = answer?.message.attributes.otherAddress ? '; it has two addresses and tells NATs apart' : ''
    const detail = answer ? `answers in ${Math.round(answer.roundTripMs)} ms${other}` : 'does not answer by UDP'
    yield { what: 'STUN server', health: answer ? 'good' : 'poor', detail: `${formatAddress(server)}${by} ${detail}` }
  }
  const findings = await detectNat({ stun, servers, addresses, port: socket.local.port })
  yield {
    what: 'NAT',
    health: findings.kind === 'found' ? 'good' : 'poor',
    detail:
      servers.length === 0
        ? 'not known: name a STUN server with --ice-server stun:HOST, or be in a party whose control plane has a relay'
        : describeNat(findings),
  }
  yield* paths(findings, isLocal, servers.length > 0)
  if (config.gateway !== undefined) yield await checkGateway(config.gateway, clock)
}

function* paths(findings: NatFindings, isLocal: boolean, wasAsked: boolean): Generator<Check, void> {
  const closed = 'only this machine is let in (--host 127.0.0.1); --host 0.0.0.0 lets others come'
  yield { what: 'Path: network', health: isLocal ? 'poor' : 'good', detail: isLocal ? closed : 'direct, without a NAT' }
  yield {
    what: 'Path: internet',
    health: findings.kind === 'found' ? 'good' : 'poor',
    detail: wasAsked ? directWith(natName(findings)) : 'not known',
  }
  yield { what: 'Path: web port', health: 'good', detail: 'by TCP, the last resort: pictures go through it too' }
}

function directWith(own: NatName): string {
  if (own === 'udp-blocked') return 'none is direct, and none is relayed: UDP does not get through'
  const kinds: readonly NatName[] = ['open', 'firewall', 'full cone', 'restricted', 'port-restricted', 'symmetric']
  const which = (wanted: ReturnType<typeof canPunch>) => kinds.filter((other) => canPunch(own, other) === wanted)
  const [direct, relayed] = [which('yes'), which('no')]
  if (direct.length === 0) return 'cannot be told beforehand; checks try a direct one, and a relay is the next'
  const rest = relayed.length === 0 ? '' : `; by a relay with ${relayed.join(', ')}`
  return `direct with those behind ${direct.join(', ')}${rest}`
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flat()
    .flatMap((each) => (each && !each.internal && !each.address.startsWith('fe80:') ? [each.address] : []))
}
