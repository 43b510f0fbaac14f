import type { Pipe } from '../../kernel/pipe.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { PartyRegistry } from '../registry/party-registry.ts'
import { createControlApp, usualPaces, type ControlApp, type ControlPaces } from './control-app.ts'
import { partyTunnelSubprotocol } from '../../wire/party/tunnel.ts'
import { ControlSockets, type Arrival, type SocketLimits } from './control-sockets.ts'
import { KeyedPaces } from '../../http/keyed-paces.ts'
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
}

/** A control plane, whoever listens for it: a port of its own, the web port of a host, or nobody but this process. */
export interface ControlService extends Disposable {
  /** Answers an HTTP request from that source, see `sourceOf`. */
  readonly answer: ControlApp
  /** Takes over a conversation, or a tunnel where the subprotocol says so. */
  accept(pipe: Pipe, arrival: Arrival): void
  /** Peers that are connected now. */
  readonly sockets: number
  /** Packets between members who have no other way. */
  readonly tunnels: PartyTunnels['counts']
}

export function createControlService(options: ControlServiceOptions): ControlService {
  const { registry, clock, log, paces = usualPaces, limits, tunnelLimits, mayMakeParties = () => true } = options
  const answer = createControlApp({ registry, clock, log, paces, mayMakeParties })
  const entering = new KeyedPaces(clock, paces.parties)
  const sockets = new ControlSockets({ registry, paces: entering, clock, log, limits, mayMakeParties })
  const tunnels = new PartyTunnels({ registry, clock, log, limits: tunnelLimits })
  return {
    answer,
    accept: (pipe, arrival) =>
      (arrival.subprotocol === partyTunnelSubprotocol ? tunnels : sockets).accept(pipe, arrival),
    get sockets() {
      return sockets.size
    },
    get tunnels() {
      return tunnels.counts
    },
    [Symbol.dispose]() {
      tunnels[Symbol.dispose]()
      sockets[Symbol.dispose]()
    },
  }
}
