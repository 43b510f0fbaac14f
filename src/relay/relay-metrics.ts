import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Ending, type Closable } from '../kernel/ending.ts'
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
  const server = createServer((request, response) => {
    const isMetrics = request.url === '/metrics'
    const isKnown = request.method === 'GET' && (isMetrics || request.url === '/healthz')
    response.writeHead(isKnown ? 200 : 404, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
    response.end(isKnown ? (isMetrics ? relayMetrics(status()) : 'ok\n') : 'not found\n')
  })
  server.listen(at.port, at.host)
  await once(server, 'listening')
  const ending = new Ending(async () => {
    server.closeAllConnections()
    await new Promise<void>((resolve) => void server.close(() => resolve()))
  })
  return {
    port: (server.address() as AddressInfo).port,
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}
