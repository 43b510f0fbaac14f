import type { HostRegistration } from '../../gateway/native/host-registration.ts'
import type { Metrics } from '../../observe/metrics.ts'
import type { HostInfo } from '../../wire/api/host-info.ts'

/** How the host stands with its gateway, as the API tells it. */
export function viewOfGateway(
  registration: Pick<HostRegistration, 'url' | 'state' | 'counts' | 'relays'>,
): HostInfo['gateway'] {
  const { url, state, counts, relays } = registration
  const { value } = state
  return {
    url,
    state: value.kind,
    why: value.kind === 'failed' ? value.why : null,
    since: value.kind === 'registered' ? new Date(value.sinceMs).toISOString() : null,
    ...counts,
    relays: relays.length,
  }
}

/** Adds what a host knows of its gateway. */
export function registerGatewayMetrics(
  metrics: Metrics,
  registration: Pick<HostRegistration, 'state' | 'counts'>,
): void {
  metrics.pull({
    name: 'porchlight_gateway_registered',
    help: 'Whether this host is found at its gateway now',
    kind: 'gauge',
    read: () => (registration.state.value.kind === 'registered' ? 1 : 0),
  })
  metrics.pull({
    name: 'porchlight_gateway_visitors_total',
    help: 'Those of whom the gateway has told, by what became of it: met, or missed for too many at once or for want of a way there',
    kind: 'counter',
    labels: ['outcome'],
    read: () => {
      const { visitors, missed } = registration.counts
      return [
        { labels: { outcome: 'met' }, value: visitors - missed },
        { labels: { outcome: 'missed' }, value: missed },
      ]
    },
  })
}
