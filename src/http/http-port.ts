import { once } from 'node:events'
import { createServer, type Server, type ServerOptions } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Ending, type Closable } from '../kernel/ending.ts'
import { answerClientError } from './plain-answer.ts'

/** How long a client may take. */
export interface HttpTimeouts {
  /** For the head of a request; before it, for the first byte and the TLS handshake together. */
  readonly headMs: number
  /** For the whole of it. */
  readonly requestMs: number
  /** How often both are looked at. */
  readonly checkMs: number
  /** Without anything going either way, reading an answer for instance. */
  readonly idleMs: number
}

export const usualTimeouts: HttpTimeouts = { headMs: 10_000, requestMs: 20_000, checkMs: 1000, idleMs: 60_000 }

const maxHeadBytes = 16 * 1024

/** A port on which HTTP is spoken. Closing it ends every connection, whatever it is doing. */
export interface HttpPort extends Closable {
  readonly address: AddressInfo
}

/** A server of Node's that gives nobody more time or memory than a request takes, and answers what is no request. */
export function boundedServer(
  timeouts: HttpTimeouts,
  { maxConnections, ...options }: ServerOptions & { maxConnections: number },
): Server {
  const server = createServer({
    headersTimeout: timeouts.headMs,
    requestTimeout: timeouts.requestMs,
    connectionsCheckingInterval: timeouts.checkMs,
    maxHeaderSize: maxHeadBytes,
    ...options,
  })
  server.maxConnections = maxConnections
  server.setTimeout(timeouts.idleMs)
  server.on('clientError', answerClientError)
  return server
}

/**
 * Binds a server's port. `onEnd` is done before its connections are ended. Rejects with the error of the bind, and ends with whatever
 * the server fails by.
 */
export async function openHttpPort(
  server: Server,
  options: { port: number; host: string; backlog?: number; onEnd?: () => void },
): Promise<HttpPort> {
  const { onEnd, ...place } = options
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(place)
  await once(server, 'listening')
  const ending = new Ending(async () => {
    onEnd?.()
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  })
  server.on('error', (error) => void ending.fail(error))
  return {
    address: server.address() as AddressInfo,
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}
