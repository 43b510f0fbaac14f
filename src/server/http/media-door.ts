import type { IncomingMessage } from 'node:http'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Log } from '../../kernel/log.ts'
import { maxClientMediaBytes } from '../../wire/web-media/client-media-message.ts'
import { webMediaSubprotocol } from '../../wire/web-media/subprotocol.ts'
import { ticketOfSubprotocols } from '../auth/bearer.ts'
import { ApiError } from './api-error.ts'
import type { UpgradeListener } from './listener.ts'

/** Takes a ticket: what takes over the socket that it came with, undefined when it is no good. */
export type RedeemMedia = (
  ticket: string,
) => ((socket: WebSocket, ends: { local: string; remote: string }) => void) | undefined

const maxSockets = 256

/**
 * Where media sockets come in. Their ticket says whose they are; the member's right to be here is that of the signalling
 * socket which got the ticket, and ends this one with it.
 */
export function openMediaDoor(options: { redeem: RedeemMedia; log: Log }): {
  /** Throws an ApiError, having answered nothing. */
  readonly onUpgrade: UpgradeListener
  close(): void
} {
  const { redeem, log } = options
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxClientMediaBytes,
    perMessageDeflate: false,
    handleProtocols: () => webMediaSubprotocol,
  })
  return {
    onUpgrade(request, socket, head) {
      const { speaksMedia, ticket } = ticketOfSubprotocols(request.headers['sec-websocket-protocol'])
      if (!speaksMedia) {
        throw new ApiError(
          'invalid-request',
          `Cannot open the WebSocket: wanted the subprotocol ${webMediaSubprotocol}`,
        )
      }
      if (sockets.clients.size >= maxSockets) {
        throw new ApiError('too-many-streams', 'Cannot open the WebSocket: too many are open already')
      }
      const take = ticket === undefined ? undefined : redeem(ticket)
      if (!take)
        throw new ApiError('unauthenticated', 'Cannot open the WebSocket: its ticket is unknown, used or too old')
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.on('error', (error) => log.debug('A media socket failed', { error: error.message }))
        take(webSocket, endsOf(request))
      })
    },
    close() {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
    },
  }
}

function endsOf({ socket }: IncomingMessage): { local: string; remote: string } {
  const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = socket
  return { local: `tcp ${localAddress}:${localPort}`, remote: `tcp ${remoteAddress}:${remotePort}` }
}
