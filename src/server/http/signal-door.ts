import { STATUS_CODES, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { Ending, type Closable } from '../../kernel/ending.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Member } from '../../host/member.ts'
import { apiPrefix } from '../../wire/api/resources.ts'
import { maxSignalBytes, signalCloseCode, signalSubprotocol } from '../../wire/signal/messages.ts'
import { webMediaPath } from '../../wire/web-media/subprotocol.ts'
import { bearerOfHeader, bearerOfSubprotocols } from '../auth/bearer.ts'
import type { LiveConnections } from '../auth/live-connections.ts'
import { ApiError } from './api-error.ts'
import { openMediaDoor, type RedeemMedia } from './media-door.ts'
import type { Gate } from './gate.ts'
import type { UpgradeListener } from './listener.ts'
import { demand } from './member-rights.ts'
import { problemOf } from './problem.ts'
import { resource, type ApiResource } from './resource.ts'
import { securityHeaders } from './security-headers.ts'

export const signalPath = `${apiPrefix}/signal`
const mediaPath = `${apiPrefix}${webMediaPath}`

const maxSockets = 256
const maxSocketsPerMember = 64
/** A client that does not answer the closing handshake is cut off after this. */
const closeTimeoutMs = 1000

/** Where WebSockets come in: checked while they are still plain HTTP, then handed to the gateway. */
export interface SignalDoor extends Closable {
  readonly onUpgrade: UpgradeListener
  /** WebSockets that are open now. */
  readonly size: number
}

export function openSignalDoor(options: {
  gate: Gate
  connections: LiveConnections
  accept: (socket: WebSocket, member: Member) => void
  redeemMedia: RedeemMedia
  clock: Clock
  log: Log
}): SignalDoor {
  const { gate, connections, clock, log } = options
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxSignalBytes,
    perMessageDeflate: false,
    handleProtocols: () => signalSubprotocol,
  })

  const media = openMediaDoor({ redeem: options.redeemMedia, log })

  const onUpgrade: UpgradeListener = (request, socket, head) => {
    try {
      gate.checkAddress(request)
      gate.checkOrigin(request)
      const path = (request.url ?? '').split('?', 1)[0]
      if (path === mediaPath && !ending.begun) return media.onUpgrade(request, socket, head)
      const member = checkUpgrade(request, path)
      sockets.handleUpgrade(request, socket, head, (webSocket) => enter(webSocket, member))
    } catch (error) {
      refuse(socket, error, log)
    }
  }

  const checkUpgrade = (request: IncomingMessage, path: string | undefined): Member => {
    if (path !== signalPath) throw new ApiError('not-found', `Cannot open a WebSocket here: it is at ${signalPath}`)
    const offer = bearerOfSubprotocols(request.headers['sec-websocket-protocol'])
    const { member } = gate.admit(request, offer.token ?? bearerOfHeader(request.headers.authorization))
    demand(member, 'watch')
    if (!offer.speaksSignal) {
      throw new ApiError('invalid-request', `Cannot open the WebSocket: wanted the subprotocol ${signalSubprotocol}`)
    }
    if (ending.begun) throw new ApiError('closing', 'Cannot open the WebSocket: the server is stopping')
    if (sockets.clients.size >= maxSockets || connections.count(member.id) >= maxSocketsPerMember) {
      throw new ApiError('too-many-streams', 'Cannot open the WebSocket: too many are open already')
    }
    return member
  }

  const enter = (socket: WebSocket, member: Member): void => {
    // The library ends the connection after an error by itself.
    socket.on('error', (error) =>
      log.debug('A signalling socket failed', { memberId: member.id, error: error.message }),
    )
    const leave = connections.add(member, () => {
      socket.close(signalCloseCode.revoked, 'The right to be here has ended')
      const timer = clock.after(closeTimeoutMs, () => socket.terminate())
      socket.once('close', () => timer.cancel())
    })
    socket.once('close', leave)
    options.accept(socket, member)
  }

  const ending = new Ending(() => {
    media.close()
    for (const socket of sockets.clients) socket.terminate()
    sockets.close()
  })
  return {
    onUpgrade,
    get size() {
      return sockets.clients.size
    },
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}

/** A plain request for the address of the WebSocket is told what to do instead. */
export function signalRoute(): ApiResource {
  return resource('/signal', {
    GET: {
      id: 'openSignalling',
      summary: 'Open the WebSocket for signalling, with the subprotocols porchlight.v1 and bearer.<token>',
      action: 'watch',
      answers: { 101: { type: 'empty' } },
      problems: ['not-a-websocket', 'invalid-request', 'too-many-streams', 'closing'],
      handle: () => {
        throw new ApiError('not-a-websocket', 'Cannot answer a plain request: this is the address of a WebSocket', {
          Upgrade: 'websocket',
          Connection: 'Upgrade',
        })
      },
    },
  })
}

/** Answers an upgrade in plain HTTP and ends the connection. */
function refuse(socket: Duplex, error: unknown, log: Log): void {
  const { status, headers, body } = problemOf(error, log)
  const lines = Object.entries({
    ...securityHeaders(undefined),
    ...headers,
    Connection: 'close',
    'Content-Length': Buffer.byteLength(body),
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`, () => socket.destroy())
}
