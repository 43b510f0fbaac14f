import { STATUS_CODES, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { Ending, type Closable } from '../../kernel/ending.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Member } from '../../host/member.ts'
import { encodeSignal } from '../../wire/signal/codec.ts'
import { inviteParameter, maxSignalBytes, signalCloseCode, signalSubprotocol } from '../../wire/signal/messages.ts'
import { webMediaSubprotocol } from '../../wire/web-media/subprotocol.ts'
import { bearerOfHeader, inviteOfAddress, readSubprotocols } from '../auth/bearer.ts'
import type { LiveConnections } from '../auth/live-connections.ts'
import { ApiError } from './api-error.ts'
import { openMediaDoor, type RedeemMedia } from './media-door.ts'
import { RefusedToken, type Gate } from './gate.ts'
import type { UpgradeListener } from './listener.ts'
import { demand } from './member-rights.ts'
import { problemOf } from './problem.ts'
import { resource, type ApiResource } from './resource.ts'
import { securityHeaders } from './security-headers.ts'

const maxSockets = 256
const maxSocketsPerMember = 64
/** A client that does not answer the closing handshake is cut off after this. */
const closeTimeoutMs = 1000
/** RFC 6455, section 5.5: 123 bytes. */
const maxReasonCharacters = 120

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
    const open = (enter: (webSocket: WebSocket) => void) => sockets.handleUpgrade(request, socket, head, enter)
    try {
      gate.checkAddress(request, { allows: inviteParameter })
      if (ending.begun) throw new ApiError('closing', 'Cannot open the WebSocket: the server is stopping')
      const { speaks, secret } = readSubprotocols(request.headers['sec-websocket-protocol'])
      if (speaks === 'media') return media.enter({ request, socket, head, ticket: secret })
      if (speaks === 'neither') {
        const wanted = `${signalSubprotocol} or ${webMediaSubprotocol}`
        throw new ApiError('invalid-request', `Cannot open the WebSocket: wanted the subprotocol ${wanted}`)
      }
      const member = admit(request, secret)
      open((webSocket) => enter(webSocket, member))
    } catch (error) {
      // A browser shows its page nothing of a refusal in plain HTTP: whoever brought a token is told on the WebSocket.
      if (error instanceof RefusedToken) open((webSocket) => turnAway(webSocket, error))
      else refuse(socket, error, log)
    }
  }

  /** Whose token came in the subprotocols, in the header, or in the address, where only an invitation may be. */
  const admit = (request: IncomingMessage, bearer: string | undefined): Member => {
    const token = bearer ?? bearerOfHeader(request.headers.authorization)
    const invite = inviteOfAddress(request.url)
    const byAddress = token === undefined && invite !== undefined
    const { member, isLink } = byAddress ? gate.admitLink(request, invite) : gate.admit(request, token)
    // A link is made to be handed on, also to a page of somebody else; a token of one's own is for pages of this host.
    if (!isLink) gate.checkOrigin(request)
    demand(member, 'watch')
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
      cutOff(socket)
    })
    socket.once('close', leave)
    options.accept(socket, member)
  }

  const turnAway = (socket: WebSocket, { code, message }: RefusedToken): void => {
    socket.on('error', () => {})
    socket.send(encodeSignal({ type: 'error', code, message }))
    socket.close(signalCloseCode.revoked, message.slice(0, maxReasonCharacters))
    cutOff(socket)
  }

  /** Ends the connection of a client that does not answer the closing handshake. */
  const cutOff = (socket: WebSocket): void => {
    const timer = clock.after(closeTimeoutMs, () => socket.terminate())
    socket.once('close', () => timer.cancel())
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
      summary:
        'Open the WebSocket for signalling, with the subprotocols porchlight.v1 and bearer.<token>; any other address takes it too',
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
