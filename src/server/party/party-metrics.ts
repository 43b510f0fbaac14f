import type { Metrics } from '../../observe/metrics.ts'
import type { ControlService } from '../../party/control/control-service.ts'

/** Adds what a control plane passes on between members of its parties. */
export function registerPartyMetrics(metrics: Metrics, service: Pick<ControlService, 'sockets' | 'tunnels'>): void {
  const add = (name: string, kind: 'gauge' | 'counter', help: string, read: () => number) =>
    metrics.pull({ name: `porchlight_party_${name}`, help, kind, read })
  add('peers_connected', 'gauge', 'Members who are connected to the control plane here', () => service.sockets)
  add('tunnel_members', 'gauge', 'Members who have no other way to somebody than the tunnel through here', () => {
    return service.tunnels.members
  })
  add('tunnel_packets_total', 'counter', 'Packets that went through the tunnel', () => service.tunnels.handedOn)
  add('tunnel_packets_dropped_total', 'counter', 'Packets for the tunnel that were over a limit, or for nobody', () => {
    return service.tunnels.dropped
  })
}
