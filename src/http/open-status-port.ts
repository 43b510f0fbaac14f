import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Ending, type Closable } from '../kernel/ending.ts'

/** `/healthz` and `/metrics` (Prometheus' text format) by HTTP. Rejects with the system's error where the port cannot be had. */
export async function openStatusPort(
  at: { readonly host: string; readonly port: number },
  metrics: () => string | Promise<string>,
): Promise<Closable & { readonly port: number }> {
  const server = createServer((request, response) => {
    const isMetrics = request.url === '/metrics'
    const isKnown = request.method === 'GET' && (isMetrics || request.url === '/healthz')
    const answer = async () => {
      const text = isKnown ? (isMetrics ? await metrics() : 'ok\n') : 'not found\n'
      response.writeHead(isKnown ? 200 : 404, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
      response.end(text)
    }
    answer().catch(() => response.destroy())
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
