import type { HostInfo } from '../../src/client/index.ts'
import { describeMoment } from '../ui/describe-moment.ts'

/** How the host stands with its gateway, and what comes by it: `Registered 2 hours ago; 3 visitors, 1 of them missed; it knows 2 relays`. */
export function describeGateway(gateway: NonNullable<HostInfo['gateway']>, nowMs: number): string {
  const { state, why, since, visitors = 0, missed = 0, relays } = gateway
  const standing =
    state === 'failed'
      ? `Not reached, and tried again: ${why ?? 'it does not answer'}`
      : state === 'connecting'
        ? 'Connecting'
        : `Registered ${since ? describeMoment(since, nowMs) : 'now'}`
  const few = visitors === 0 ? 'no visitors yet' : visitors === 1 ? 'one visitor' : `${visitors} visitors`
  const came = missed === 0 ? few : `${few}, ${missed} of them missed`
  const known =
    state !== 'registered' || relays === undefined
      ? []
      : [relays === 0 ? 'it knows no relay' : relays === 1 ? 'it knows one relay' : `it knows ${relays} relays`]
  return [standing, came, ...known].join('; ')
}
