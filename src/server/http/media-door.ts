import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Member } from '../../domain/member.ts'
import { maxClientMediaBytes } from '../../wire/web-media/client-media-message.ts'
import { webMediaSubprotocol } from '../../wire/web-media/subprotocol.ts'
import type { Shares } from './shares.ts'
import { ApiError } from './api-error.ts'
import type { Gate } from './gate.ts'
import { answerPings, frameLimits } from '../../http/frame-limits.ts'

/** Takes a ticket: whose socket it is, and what takes over the socket that it came with. Undefined when it is no good. */
export type RedeemMedia = (
  ticket: string,
) =>
  | { readonly member: Member; readonly take: (socket: WebSocket, ends: { local: string; remote: string }) => void }
  | undefined

interface MediaUpgrade {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
  readonly ticket: string | undefined
}

/**
 * Where media sockets come in. Their ticket says whose they are; the member's right to be here is that of the signalling
 * socket which got the ticket, and ends this one with it.
 */
export function openMediaDoor(options: { redeem: RedeemMedia; gate: Gate; shares: Shares; clock: Clock; log: Log }): {
  /** Throws an ApiError, having answered nothing. */
  enter(upgrade: MediaUpgrade): void
  close(): void
} {
  const { redeem, gate, shares, clock, log } = options
  const sockets = new WebSocketServer({
    ...frameLimits,
    maxPayload: maxClientMediaBytes,
    handleProtocols: () => webMediaSubprotocol,
  })
  return {
    enter({ request, socket, head, ticket }) {
      const grant = ticket === undefined ? undefined : redeem(ticket)
      if (!grant)
        throw new ApiError('unauthenticated', 'Cannot open the WebSocket: its ticket is unknown, used or too old')
      gate.own(request.socket, grant.member)
      const giveBack = shares.take('media-sockets', grant.member)
      socket.once('close', giveBack)
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.on('error', (error) => log.debug('A media socket failed', { error: error.message }))
        answerPings(webSocket, clock)
        grant.take(webSocket, endsOf(request))
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
