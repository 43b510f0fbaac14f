import { openStatusPort } from '../http/open-status-port.ts'
import type { Closable } from '../kernel/ending.ts'
import type { RelayCounters } from './relay-limits.ts'
import type { RelayStatus } from './relay-worker.ts'

const helps: Readonly<Record<keyof RelayCounters, string>> = {
  forwardedPackets: 'Datagrams passed on to the other end of their session.',
  forwardedBytes: 'Bytes of those.',
  droppedOverLimit: 'Datagrams beyond what an address, or an end of a session, may send.',
  droppedStrangers: 'Datagrams for no session, or from an address that is no end of it.',
  droppedAlone: 'Datagrams whose other end was not there.',
  admitted: 'Ends that were let in.',
  renewed: 'Leases that were renewed.',
  rejected: 'Leases that were refused.',
  ended: 'Sessions that ended.',
  stunAnswers: 'Answers of its STUN server.',
  turnGrants: 'Credentials given of the TURN server beside it.',
}

/** In the text format of Prometheus. */
export function relayMetrics({ sessions, counters }: RelayStatus): string {
  const lines = [
    '# HELP porchlight_relay_sessions Sessions that are open.',
    '# TYPE porchlight_relay_sessions gauge',
    `porchlight_relay_sessions ${sessions}`,
  ]
  for (const [name, help] of Object.entries(helps) as [keyof RelayCounters, string][]) {
    const metric = `porchlight_relay_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_total`
    lines.push(`# HELP ${metric} ${help}`, `# TYPE ${metric} counter`, `${metric} ${counters[name]}`)
  }
  return `${lines.join('\n')}\n`
}

/** `/healthz` and `/metrics` by HTTP. Rejects with the system's error where the port cannot be had. */
export async function openRelayStatus(
  at: { readonly host: string; readonly port: number },
  status: () => RelayStatus,
): Promise<Closable & { readonly port: number }> {
  return await openStatusPort(at, () => relayMetrics(status()))
}
