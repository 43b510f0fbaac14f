import { randomBytes } from 'node:crypto'
import type { Pipe } from '../../kernel/pipe.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { PartyRegistry } from '../registry/party-registry.ts'
import { createControlApp, usualPaces, type ControlApp, type ControlPaces } from './control-app.ts'
import { partyTunnelSubprotocol } from '../../wire/party/tunnel.ts'
import { ControlSockets, type Arrival, type SocketLimits } from './control-sockets.ts'
import { KeyedPaces } from '../../http/keyed-paces.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'
import { gatewayPlaceOf } from '../../wire/reach/registration.ts'
import { ReachableHosts, type GatewayCounts, type GatewayLimits } from '../hosts/reachable-hosts.ts'
import { PartyVersions } from './party-versions.ts'
import { PartyTunnels, type TunnelLimits } from './party-tunnels.ts'

export interface ControlServiceOptions {
  readonly registry: PartyRegistry
  readonly clock: Clock
  readonly log: Log
  /** How often a source may register peers, and a peer make or join parties; a few a minute when left out. */
  readonly paces?: ControlPaces | undefined
  /** How many may be connected; thousands when left out. */
  readonly limits?: SocketLimits | undefined
  /** How much goes through it between members who have no other way; see `usualTunnelLimits`. */
  readonly tunnelLimits?: TunnelLimits | undefined
  /** Whether a peer may make a party here; everybody may when left out. */
  readonly mayMakeParties?: ((peerId: string) => boolean) | undefined
  /** Whether hosts that nobody can reach may be reached through it; not when left out. */
  readonly isGateway?: boolean | undefined
  readonly gatewayLimits?: GatewayLimits | undefined
}

/** A control plane, whoever listens for it: a port of its own, the web port of a host, or nobody but this process. */
export interface ControlService extends Disposable {
  /** Answers an HTTP request from that source, see `sourceOf`. */
  readonly answer: ControlApp
  /** Takes over a conversation, a tunnel where the subprotocol says so, or what its path says of hosts and their visitors. */
  accept(pipe: Pipe, arrival: Arrival): void
  /** Peers that are connected now. */
  readonly sockets: number
  /** Packets between members who have no other way. */
  readonly tunnels: PartyTunnels['counts']
  /** Hosts that are reached through it. */
  readonly gateway: GatewayCounts
}

export function createControlService(options: ControlServiceOptions): ControlService {
  const { registry, clock, log, paces = usualPaces, limits, tunnelLimits, mayMakeParties = () => true } = options
  const versions = new PartyVersions(registry, clock)
  const answer = createControlApp({ registry, versions, clock, log, paces, mayMakeParties })
  const entering = new KeyedPaces(clock, paces.parties)
  const sockets = new ControlSockets({ registry, versions, paces: entering, clock, log, limits, mayMakeParties })
  const tunnels = new PartyTunnels({ registry, clock, log, limits: tunnelLimits })
  const { isGateway = false, gatewayLimits } = options
  const hosts = new ReachableHosts({
    isServed: isGateway,
    clock,
    log,
    randomBytes,
    limits: gatewayLimits,
    relays: () => relaysOf(registry),
  })
  return {
    answer,
    accept(pipe, arrival) {
      const { path = '', source, subprotocol } = arrival
      const place = gatewayPlaceOf(path)
      if (!place) return (subprotocol === partyTunnelSubprotocol ? tunnels : sockets).accept(pipe, arrival)
      if (place.kind === 'registration') hosts.register(pipe, source)
      else if (place.kind === 'visit') hosts.takeUp(pipe, place.visit)
      else hosts.visit(pipe, { key: place.key, source })
    },
    get sockets() {
      return sockets.size
    },
    get tunnels() {
      return tunnels.counts
    },
    get gateway() {
      return hosts.counts
    },
    [Symbol.dispose]() {
      hosts[Symbol.dispose]()
      tunnels[Symbol.dispose]()
      sockets[Symbol.dispose]()
      versions[Symbol.dispose]()
    },
  }
}

/** Those that are well and have room, the best first. */
function relaysOf(registry: PartyRegistry): WireAddress[] {
  const usable = registry.relays.best().filter(({ isWell, sessions, relay }) => isWell && sessions < relay.capacity)
  return usable.map(({ relay: { publicIp, port } }) => ({ address: publicIp, port }))
}
