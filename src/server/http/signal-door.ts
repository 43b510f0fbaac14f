import type { IncomingMessage } from 'node:http'
import { WebSocketServer, type WebSocket } from 'ws'
import { answerPings, frameLimits } from '../../http/frame-limits.ts'
import { endWith } from '../../http/plain-answer.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { KnownVersions } from '../../kernel/monitor/known-versions.ts'
import type { Member } from '../../domain/member.ts'
import { encodeSignal } from '../../wire/signal/codec.ts'
import { inviteParameter, maxSignalBytes, signalCloseCode, signalSubprotocol } from '../../wire/signal/messages.ts'
import { gatewayPlaceOf } from '../../wire/reach/registration.ts'
import { webMediaSubprotocol } from '../../wire/web-media/subprotocol.ts'
import { bearerOfHeader, inviteOfAddress, readSubprotocols } from '../auth/bearer.ts'
import type { Arrivals } from '../auth/arrivals.ts'
import { describeAgent } from '../auth/describe-agent.ts'
import type { LiveConnections } from '../auth/live-connections.ts'
import type { Shares } from './shares.ts'
import { ApiError } from './api-error.ts'
import { openMediaDoor, type RedeemMedia } from './media-door.ts'
import { openRendezvousDoor, type MeetAtRendezvous } from './rendezvous-door.ts'
import { RefusedToken, type Gate } from './gate.ts'
import type { UpgradeListener } from './pace-requests.ts'
import { demand } from './member-rights.ts'
import { plainRefusal } from './plain-refusal.ts'
import { resource, type ApiResource } from './resource.ts'

/** RFC 6455, section 7.4.1 and the registry: try again later. */
const tryAgainLater = 1013
/** A client that does not answer the closing handshake is cut off after this. */
const closeTimeoutMs = 1000
/** RFC 6455, section 5.5: 123 bytes. */
const maxReasonCharacters = 120

/** Of the differences between two versions, as many are told. */
const mostDifferences = 5

/** Why somebody is turned away, as their client is told. */
type Refusal = Pick<ApiError, 'message'> & { readonly code: string }

/** Where WebSockets come in: checked while they are still plain HTTP, then handed to the gateway. */
export interface SignalDoor extends Closable {
  readonly onUpgrade: UpgradeListener
  /** WebSockets that are open now. */
  readonly size: number
}

export function openSignalDoor(options: {
  gate: Gate
  connections: LiveConnections
  shares: Shares
  arrivals: Arrivals
  accept: (socket: WebSocket, member: Member) => void
  redeemMedia: RedeemMedia
  meet: () => MeetAtRendezvous
  /** Takes over what asks for a control plane of parties; undefined where there is none. */
  parties: UpgradeListener | undefined
  /** Those of signalling that clients may have. */
  versions: Pick<KnownVersions, 'judge'>
  clock: Clock
  log: Log
}): SignalDoor {
  const { gate, connections, shares, arrivals, versions, clock, log } = options
  const sockets = new WebSocketServer({
    ...frameLimits,
    maxPayload: maxSignalBytes,
    // A message in each turn of the event loop, however many come at once: there are few, and none is urgent.
    allowSynchronousEvents: false,
    handleProtocols: () => signalSubprotocol,
  })

  const rendezvous = openRendezvousDoor({ meet: options.meet, clock, log })
  const media = openMediaDoor({ ...options, redeem: options.redeemMedia })

  const onUpgrade: UpgradeListener = (request, socket, head) => {
    const open = (enter: (webSocket: WebSocket) => void) => sockets.handleUpgrade(request, socket, head, enter)
    const refuse = (error: unknown) => {
      // A browser shows its page nothing of a refusal in plain HTTP: whoever brought a token is told on the WebSocket.
      if (error instanceof RefusedToken) open((webSocket) => turnAway(webSocket, error, signalCloseCode.revoked))
      else endWith(socket, plainRefusal(error, log))
    }
    const begin = async () => {
      gate.checkAddress(request, { allows: inviteParameter })
      if (ending.begun) throw closing()
      if (options.parties && isForControlPlane(request)) {
        gate.checkOrigin(request)
        return options.parties(request, socket, head)
      }
      const { speaks, secret, version } = readSubprotocols(request.headers['sec-websocket-protocol'])
      if (speaks === 'media') return media.enter({ request, socket, head, ticket: secret })
      if (speaks === 'rendezvous') {
        gate.checkOrigin(request)
        return rendezvous.enter({ request, socket, head })
      }
      if (speaks === 'neither') {
        const wanted = `${signalSubprotocol} or ${webMediaSubprotocol}`
        throw new ApiError('invalid-request', `Cannot open the WebSocket: wanted the subprotocol ${wanted}`)
      }
      const member = await admit(request, secret)
      // While it was found out who that is, this end or the other may have begun to go.
      if (ending.begun) throw closing()
      const differences = differencesOf(version)
      if (differences) open((webSocket) => turnAway(webSocket, differences, signalCloseCode.incompatible))
      else open((webSocket) => enter(webSocket, member))
    }
    begin().catch(refuse)
  }

  /** What speaks against a client of that version; undefined for one that is safe, is not told, or not known here. */
  const differencesOf = (version: string | undefined) => {
    const verdict = version === undefined ? undefined : versions.judge('client', version)
    if (verdict?.kind !== 'unsafe') return undefined
    const why = verdict.differences.slice(0, mostDifferences).join('; ')
    return { code: 'incompatible-version', message: `This client is too old for the host: ${why}` }
  }

  /** Whose token came in the subprotocols, in the header, or in the address, where only an invitation may be. */
  const admit = async (request: IncomingMessage, bearer: string | undefined): Promise<Member> => {
    const token = bearer ?? bearerOfHeader(request.headers.authorization)
    const invite = inviteOfAddress(request.url)
    const byAddress = token === undefined && invite !== undefined
    const { member } = byAddress ? await gate.admitLink(request, invite) : await gate.admit(request, token)
    // A link is made to be handed on, also to a page of somebody else, which may have redeemed it; the owner's token is for pages of this host.
    if (member.invitationId === undefined) gate.checkOrigin(request)
    demand(member, 'watch')
    const name = describeAgent(request.headers['user-agent'])
    return { ...member, device: member.device ?? { id: undefined, kind: 'token', name } }
  }

  /** Each socket is a session. Throws ApiError `too-many-sessions`, `too-many-attempts` or `busy`. */
  const takePlace = (member: Member): (() => void) => {
    const waitMs = arrivals.add(member)
    if (waitMs === 0) return shares.take('sessions', member)
    throw new ApiError(
      'too-many-attempts',
      'Cannot begin a session now: too many were begun. Try again in some seconds.',
    )
  }

  const enter = (socket: WebSocket, member: Member): void => {
    let leavePlace: () => void
    try {
      leavePlace = takePlace(member)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      return turnAway(socket, error, tryAgainLater)
    }
    socket.once('close', leavePlace)
    answerPings(socket, clock)
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

  const turnAway = (socket: WebSocket, { code, message }: Refusal, closeCode: number): void => {
    socket.on('error', () => {})
    socket.send(encodeSignal({ type: 'error', code, message }))
    socket.close(closeCode, message.slice(0, maxReasonCharacters))
    cutOff(socket)
  }

  /** Ends the connection of a client that does not answer the closing handshake. */
  const cutOff = (socket: WebSocket): void => {
    const timer = clock.after(closeTimeoutMs, () => socket.terminate())
    socket.once('close', () => timer.cancel())
  }

  const ending = new Ending(() => {
    media.close()
    rendezvous.close()
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

function closing(): ApiError {
  return new ApiError('closing', 'Cannot open the WebSocket: the server is stopping')
}

/** Clients of a control plane name no subprotocol; at that address all others do, or bring their link. Where hosts are reached, there is nothing else. */
function isForControlPlane({ url = '', headers }: IncomingMessage): boolean {
  const [path = ''] = url.split('?', 1)
  if (gatewayPlaceOf(path)) return true
  const namesNone = headers['sec-websocket-protocol'] === undefined
  return path === '/ws' && namesNone && inviteOfAddress(url) === undefined && headers.authorization === undefined
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
      problems: ['not-a-websocket', 'invalid-request', 'too-many-sessions', 'too-many-streams', 'closing'],
      handle: () => {
        throw new ApiError('not-a-websocket', 'Cannot answer a plain request: this is the address of a WebSocket', {
          Upgrade: 'websocket',
          Connection: 'Upgrade',
        })
      },
    },
  })
}
