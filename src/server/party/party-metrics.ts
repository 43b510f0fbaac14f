import type { Metrics } from '../../observe/metrics.ts'
import type { ControlService } from '../../party/control/control-service.ts'
import type { ProbingCounts } from './probing-counts.ts'

/** Adds what came of probing for direct paths to members by birthday. */
export function registerProbingMetrics(metrics: Pick<Metrics, 'pull'>, probings: ProbingCounts): void {
  metrics.pull({
    name: 'porchlight_party_birthday_probings_total',
    help: 'Times a direct path to a member was probed for by birthday, and what came of it',
    kind: 'counter',
    labels: ['result'],
    read: () => [...probings.results].map(([result, value]) => ({ labels: { result }, value })),
  })
  metrics.pull({
    name: 'porchlight_party_birthday_probes_total',
    help: 'Packets of that',
    kind: 'counter',
    read: () => probings.probes,
  })
}

/** Adds what a control plane passes on between members of its parties, and between hosts and those who look for them. */
export function registerPartyMetrics(
  metrics: Pick<Metrics, 'pull'>,
  service: Pick<ControlService, 'sockets' | 'tunnels' | 'gateway'>,
): void {
  const pull = (name: string, kind: 'gauge' | 'counter', help: string, read: () => number) =>
    metrics.pull({ name: `porchlight_${name}`, help, kind, read })
  const add = (name: string, ...metric: Parameters<typeof pull> extends [string, ...infer Rest] ? Rest : never) =>
    pull(`party_${name}`, ...metric)
  add('peers_connected', 'gauge', 'Members who are connected to the control plane here', () => service.sockets)
  add('tunnel_members', 'gauge', 'Members who have no other way to somebody than the tunnel through here', () => {
    return service.tunnels.members
  })
  add('tunnel_packets_total', 'counter', 'Packets that went through the tunnel', () => service.tunnels.handedOn)
  add('tunnel_packets_dropped_total', 'counter', 'Packets for the tunnel that were over a limit, or for nobody', () => {
    return service.tunnels.dropped
  })
  pull('hosts_registered', 'gauge', 'Hosts that are found through here now', () => service.gateway.hosts)
  pull(
    'host_visits',
    'gauge',
    'Those who look for a host through here now, or are at one',
    () => service.gateway.visits,
  )
  pull('host_visits_joined_total', 'counter', 'Those whom their host has come for', () => service.gateway.joined)
  pull('host_packets_total', 'counter', 'Packets between hosts and visitors who have no other way', () => {
    return service.gateway.handedOn
  })
  pull('host_packets_dropped_total', 'counter', 'Those that were over a limit', () => service.gateway.dropped)
  const refused = (name: string, help: string, read: () => ReadonlyMap<string, number>) =>
    metrics.pull({
      name: `porchlight_${name}`,
      help,
      kind: 'counter',
      labels: ['cause'],
      read: () => [...read()].map(([cause, value]) => ({ labels: { cause }, value })),
    })
  refused('host_visits_refused_total', 'Visitors who were turned away, by why', () => service.gateway.refusals)
  refused('host_registrations_refused_total', 'Hosts that were turned away, by why', () => {
    return service.gateway.registrationsRefused
  })
}
