import type { Clock, Timer } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import { decodeServerMessage, encodeSignal } from '../../wire/signal/codec.ts'
import {
  bearerSubprotocolPrefix,
  signalCloseCode,
  signalSubprotocol,
  type ClientMessage,
  type IceServer,
  type ServerMessage,
} from '../../wire/signal/messages.ts'
import { ClientError, type ClientErrorCode } from '../client-error.ts'
import type { SocketLike } from '../environment.ts'

/** What somebody may do on the host. */
export type Role = NonNullable<Extract<ServerMessage, { type: 'ready' }>['role']>

/** A session as its client remembers it: what is needed to ask for it again. */
export interface SessionTicket {
  readonly id: string
  readonly resumeToken: string | undefined
}

/** How the host greeted this conversation. */
export interface Welcome {
  readonly session: SessionTicket
  /** True when `session` is the one that was asked for, with its place. */
  readonly recovered: boolean
  readonly iceServers: readonly IceServer[]
  readonly role: Role | undefined
}

export interface SignalSocketOptions {
  readonly url: string
  readonly token: string
  /** The session to ask for; undefined begins a fresh one. */
  readonly resume: SessionTicket | undefined
  readonly clock: Clock
  readonly createSocket: (url: string, protocols: string[]) => SocketLike
  /** Every message that is not of the greeting and not a `ping` or `pong`. */
  readonly onMessage: (message: ServerMessage) => void
}

/** A signalling conversation that has been greeted. Its end is an error, unless it was closed here. */
export interface SignalSocket extends Closable {
  readonly welcome: Welcome
  /** Of the last ping, in milliseconds; undefined before the first one came back. */
  readonly roundTripMs: number | undefined
  send(message: ClientMessage): void
  /** Asks whether the host is still there and gives it `withinMs` to say anything at all. */
  probe(withinMs: number): void
}

const pingPeriodMs = 5000
const silenceLimitMs = 10_000

/** Resolves once the host has said `ready` and, to a session asked for, `reconnect-ack`. Rejects with a ClientError or the signal's reason. */
export async function openSignalSocket(options: SignalSocketOptions, signal: AbortSignal): Promise<SignalSocket> {
  const { clock, resume } = options
  const greeted = Promise.withResolvers<Welcome>()
  let ready: Extract<ServerMessage, { type: 'ready' }> | undefined
  let roundTripMs: number | undefined
  let isOpen = false
  /** Runs from the first unanswered ping on. */
  let silence: { readonly withinMs: number; readonly timer: Timer } | undefined

  const socket = options.createSocket(options.url, [signalSubprotocol, bearerSubprotocolPrefix + options.token])
  const ending = new Ending((end) => {
    greeted.reject(end.kind === 'error' ? end.error : new ClientError('closed', `Signalling closed: ${end.reason}`))
    pings.cancel()
    silence?.timer.cancel()
    socket.close(1000)
  })
  const fail = (code: ClientErrorCode, message: string) => void ending.fail(new ClientError(code, message))
  const send = (message: ClientMessage) => {
    if (isOpen && !ending.begun) socket.send(encodeSignal(message))
  }
  const probe = (withinMs: number) => {
    send({ type: 'ping', timestamp: clock.nowMs() })
    if (!isOpen || (silence && withinMs >= silence.withinMs)) return
    silence?.timer.cancel()
    const giveUp = () => fail('timeout', `The host has said nothing for ${withinMs} ms`)
    silence = { withinMs, timer: clock.after(withinMs, giveUp) }
  }
  const pings = clock.every(pingPeriodMs, () => probe(silenceLimitMs))

  const receive = (message: ServerMessage): void => {
    switch (message.type) {
      case 'ready': {
        ready = message
        if (resume)
          return send({ type: 'reconnect', sessionId: resume.id, ...optional('resumeToken', resume.resumeToken) })
        const { id, resumeToken, iceServers, role } = message
        return greeted.resolve({ session: { id, resumeToken }, recovered: false, iceServers, role })
      }
      case 'reconnect-ack': {
        if (!ready) return fail('protocol-violation', 'The host acknowledged a session before it said "ready"')
        const { iceServers, role } = ready
        const session = { id: message.sessionId, resumeToken: message.resumeToken ?? ready.resumeToken }
        return greeted.resolve({ session, recovered: message.success && message.historyRecovered, iceServers, role })
      }
      case 'ping':
        return send({ type: 'pong', timestamp: message.timestamp })
      case 'pong':
        roundTripMs = Math.max(0, clock.nowMs() - message.timestamp)
        return
      default:
        return options.onMessage(message)
    }
  }
  socket.addEventListener('open', () => {
    isOpen = true
  })
  socket.addEventListener('message', (event) => {
    if (ending.begun) return
    silence?.timer.cancel()
    silence = undefined
    try {
      receive(decodeServerMessage((event as MessageEvent).data))
    } catch (error) {
      fail('protocol-violation', `The host sent what cannot be read: ${messageOf(error)}`)
    }
  })
  socket.addEventListener('close', (event) => {
    const { code, reason } = event as CloseEvent
    void ending.fail(closeError(code, reason))
  })
  const onAbort = () => void ending.fail(signal.reason as Error)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })

  try {
    const welcome = await greeted.promise
    return {
      welcome,
      get roundTripMs() {
        return roundTripMs
      },
      send,
      probe,
      close: (reason) => ending.close(reason),
      closed: ending.closed,
      [Symbol.asyncDispose]: () => ending.close(),
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** `{ [key]: value }`, or nothing for undefined: optional fields are left out, not sent as null. */
function optional<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]?: Value })
}

/** What a close code of the signalling WebSocket means to the client. */
export function closeError(code: number, reason: string): ClientError {
  const because = reason ? `: ${reason}` : ''
  switch (code) {
    case signalCloseCode.protocolViolation:
      return new ClientError('protocol-violation', `The host ended the connection over a broken message${because}`)
    case signalCloseCode.revoked:
      return new ClientError('revoked', `The link is no longer valid${because}`)
    case signalCloseCode.sessionEnded:
      return new ClientError('session-ended', `The host ended this session${because}`)
    default:
      return new ClientError('signalling-lost', `The connection to the host was lost (${code})${because}`)
  }
}
