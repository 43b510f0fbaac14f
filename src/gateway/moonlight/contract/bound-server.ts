import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'
import { Ending, type Closable } from '../../../kernel/ending.ts'
import { MoonlightError } from './moonlight-error.ts'

/** A TCP server that listens. Closing it ends every connection. */
export interface BoundServer extends Closable {
  readonly port: number
}

/** At once; those that come then are turned away. */
const mostConnections = 64

/** Binds a server. Rejects with MoonlightError `port-in-use`. */
export async function bindServer(
  server: Server,
  at: { readonly host: string; readonly port: number },
  lets: (address: string) => boolean,
): Promise<BoundServer> {
  const sockets = new Set<Socket>()
  server.maxConnections = mostConnections
  server.on('connection', (socket: Socket) => {
    if (!lets(plainAddress(socket.remoteAddress ?? ''))) return void socket.destroy()
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(at)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new MoonlightError('port-in-use', `Cannot listen on ${at.host}:${at.port} for Moonlight`, { cause: error })
  }
  // A connection that could not be taken is its client's to try again.
  server.on('error', () => undefined)
  const ending = new Ending(async () => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  })
  return {
    port: (server.address() as AddressInfo).port,
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}

/** An IPv4 address as it is, also where a socket of both families tells it as one of IPv6. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '')
}
