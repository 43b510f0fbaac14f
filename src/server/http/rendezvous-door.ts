import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { sourceOf } from '../../net/udp/source-of.ts'
import { maxRendezvousBytes, rendezvousSubprotocol } from '../../wire/reach/protocol.ts'
import { visitorOf } from '../../http/visitor-of.ts'
import { ApiError } from './api-error.ts'
import { answerPings, frameLimits } from '../../http/frame-limits.ts'

/** Takes over a socket of somebody who looks for a path to the native transport; undefined while that is not served. */
export type MeetAtRendezvous = ((socket: WebSocket, from: { source: string; place: string }) => void) | undefined

/** Where programs ask, without any token, how the native transport of this host can be reached. */
export function openRendezvousDoor(options: { meet: () => MeetAtRendezvous; clock: Clock; log: Log }): {
  /** Throws an ApiError, having answered nothing. */
  enter(upgrade: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer }): void
  readonly size: number
  close(): void
} {
  const { meet, clock, log } = options
  const sockets = new WebSocketServer({
    ...frameLimits,
    maxPayload: maxRendezvousBytes,
    handleProtocols: () => rendezvousSubprotocol,
  })
  return {
    enter({ request, socket, head }) {
      const take = meet()
      if (!take) throw new ApiError('not-found', 'Cannot meet here: the native transport is not served (--native on)')
      const { remoteAddress = '', remotePort = 0 } = request.socket
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.on('error', (error) => log.debug('A rendezvous socket failed', { error: error.message }))
        answerPings(webSocket, clock)
        const source = visitorOf(request)
        // Who comes by a proxy of this machine holds places of their own, and none of the others' who do.
        const isForwarded = source !== sourceOf(remoteAddress)
        take(webSocket, { source, place: `tcp ${isForwarded ? source : `${remoteAddress}:${remotePort}`}` })
      })
    },
    get size() {
      return sockets.clients.size
    },
    close() {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
    },
  }
}
