import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Log } from '../../kernel/log.ts'
import { maxClientMediaBytes } from '../../wire/web-media/client-media-message.ts'
import { webMediaSubprotocol } from '../../wire/web-media/subprotocol.ts'
import { ApiError } from './api-error.ts'

/** Takes a ticket: what takes over the socket that it came with, undefined when it is no good. */
export type RedeemMedia = (
  ticket: string,
) => ((socket: WebSocket, ends: { local: string; remote: string }) => void) | undefined

interface MediaUpgrade {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
  readonly ticket: string | undefined
}

const maxSockets = 256

/**
 * Where media sockets come in. Their ticket says whose they are; the member's right to be here is that of the signalling
 * socket which got the ticket, and ends this one with it.
 */
export function openMediaDoor(options: { redeem: RedeemMedia; log: Log }): {
  /** Throws an ApiError, having answered nothing. */
  enter(upgrade: MediaUpgrade): void
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
    enter({ request, socket, head, ticket }) {
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
