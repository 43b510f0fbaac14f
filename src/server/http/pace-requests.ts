import type { IncomingMessage, RequestListener, Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { endWith } from '../../http/plain-answer.ts'
import { silentLog } from '../../kernel/log.ts'
import { bearerOfHead } from '../auth/bearer.ts'
import { ApiError } from './api-error.ts'
import type { ConnectionLimits } from './connection-limits.ts'
import { PacedConnection } from './paced-connection.ts'
import { plainRefusal } from './plain-refusal.ts'
import type { Place, Turnstile } from '../../http/turnstile.ts'

/** Takes over a connection that asked for another protocol; an error of the connection destroys it. */
export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

const tooBusy = plainRefusal(
  new ApiError('busy', 'Cannot answer now: too many requests are waiting. Try again soon.', { 'Retry-After': '1' }),
  silentLog,
)

export interface PacedRequests {
  /** Reads requests from a connection; `first` are bytes that were taken out of it already. */
  serve(socket: Socket, first?: Buffer): void
  /** Puts other work for a connection in line; false when there is no room, and it will not be done. */
  queue(socket: Socket, work: () => void): boolean
}

/**
 * Makes a server of Node read one request of a connection at a time, each when its turn comes: whoever waits for a turn is not
 * read from, and costs a descriptor and a few kilobytes.
 */
export function paceRequests(
  server: Server,
  options: {
    onRequest: RequestListener
    onUpgrade: UpgradeListener
    limits: ConnectionLimits
    turnstile: Turnstile
    /** Where the work of who has this token waits, instead of behind strangers; undefined for a stranger's. May throw. */
    placeOf: (token: string) => Place | undefined
  },
): PacedRequests {
  const { onRequest, onUpgrade, limits, turnstile, placeOf } = options
  const connections = new WeakMap<object, PacedConnection>()
  const listeners = server.listeners('connection')
  server.removeAllListeners('connection')

  server.on('request', (request, response) => {
    if (connections.get(request.socket)?.began(request, response)) onRequest(request, response)
  })
  server.on('checkExpectation', (request, response) => {
    if (connections.get(request.socket)?.began(request, response))
      response.writeHead(417, { Connection: 'close' }).end()
  })
  server.on('upgrade', (request, socket, head) => {
    connections.get(socket)?.release()
    limits.upgraded(request.socket)
    // From here on nobody else hears its errors.
    socket.on('error', () => socket.destroy())
    onUpgrade(request, socket, head)
  })

  /** Who shows a right token goes past the strangers that come from the same address, where there are any. */
  const placeOfHead = (head: Buffer) => {
    if (turnstile.isFree('strangers')) return undefined
    const token = bearerOfHead(head)
    try {
      return token === undefined ? undefined : placeOf(token)
    } catch {
      // Whoever answers the request finds out as well, and can tell.
      return undefined
    }
  }
  const enter = (socket: Socket, bytes: Buffer, work: () => void) => {
    limits.progressed(socket)
    const own = limits.placeOf(socket)
    const { queue, flow } = (own.queue === 'strangers' && placeOfHead(bytes)) || own
    const leave = turnstile.enter(queue, flow, work)
    if (!leave) limits.turnAway()
    return leave
  }

  return {
    serve(socket, first) {
      const connection: PacedConnection = new PacedConnection({
        socket,
        serve: () => {
          for (const listener of listeners) listener.call(server, socket)
        },
        queue: (bytes, work) => enter(socket, bytes, work),
        turnAway: () => endWith(socket, tooBusy),
      })
      connections.set(socket, connection)
      limits.watch(socket, () => connection.isBusy)
      if (first) connection.receive(first)
    },
    queue(socket, work) {
      const { queue, flow } = limits.placeOf(socket)
      const leave = turnstile.enter(queue, flow, work)
      if (leave) socket.once('close', leave)
      else limits.turnAway()
      return leave !== undefined
    },
  }
}
