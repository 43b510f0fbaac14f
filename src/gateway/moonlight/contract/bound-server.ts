import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'
import { Ending, type Closable } from '../../../kernel/ending.ts'
import { MoonlightError } from './moonlight-error.ts'

/** A TCP server that listens. Closing it ends every connection. */
export interface BoundServer extends Closable {
  readonly port: number
}

/** Who may connect, and who is told when too many do. */
export interface Doorkeeper {
  readonly lets: (address: string) => boolean
  /** A connection of this address was ended to make room for another. */
  readonly onCrowded: (address: string) => void
}

/** At once. One more takes the place of the oldest of the address that has most, so that nobody keeps others out. */
const mostConnections = 64

/** Binds a server. Rejects with MoonlightError `port-in-use`. */
export async function bindServer(
  server: Server,
  at: { readonly host: string; readonly port: number },
  { lets, onCrowded }: Doorkeeper,
): Promise<BoundServer> {
  /** By their address, oldest first. */
  const sockets = new Map<Socket, string>()
  server.on('connection', (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress ?? '')
    if (!lets(address)) return void socket.destroy()
    sockets.set(socket, address)
    socket.once('close', () => sockets.delete(socket))
    if (sockets.size <= mostConnections) return
    const [oldest, from] = oldestOfMost(sockets)
    sockets.delete(oldest)
    oldest.destroy()
    onCrowded(from)
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
    for (const socket of sockets.keys()) socket.destroy()
    await closed
  })
  return {
    port: (server.address() as AddressInfo).port,
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}

/** Of the address that has most of them. */
function oldestOfMost(sockets: ReadonlyMap<Socket, string>): readonly [Socket, string] {
  const byAddress = Map.groupBy(sockets, ([, address]) => address)
  const [most = []] = [...byAddress.values()].toSorted((a, b) => b.length - a.length)
  return most[0] as readonly [Socket, string]
}

/** An IPv4 address as it is, also where a socket of both families tells it as one of IPv6. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '')
}
