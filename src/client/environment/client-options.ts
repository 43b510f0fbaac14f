import type { VideoCodec } from '../../domain/video-codec.ts'
import type { BackoffPolicy } from '../../kernel/backoff.ts'
import type { IceServer } from '../../wire/signal/messages.ts'
import type { ClientEnvironment } from './environment.ts'

export interface ReconnectionOptions {
  /** Default true. */
  readonly enabled?: boolean
  /** Retries after a loss before the client gives up; `Infinity` never does. Default 5. */
  readonly maxRetries?: number
  /** Delay before the first retry. Default 1000. */
  readonly baseDelayMs?: number
  /** Cap of the delay before jitter. Default 30000. */
  readonly maxDelayMs?: number
  /** 0.3 spreads each delay over ±30 %. Default 0.3. */
  readonly jitterFactor?: number
}

export interface ClientOptions {
  /**
   * `ws://`, `wss://`, or `http(s)://` which means the same. It may bring an invitation, as `?invite=<token>` or as a share
   * link does behind its `#`; that is taken out of the URL and travels as a WebSocket subprotocol.
   */
  readonly signallingUrl: string
  /** The token of a link, if the URL brings none; travels as a WebSocket subprotocol, never in the URL. */
  readonly token?: string
  readonly reconnection?: ReconnectionOptions
  /** STUN and TURN servers that are used beside those of the host. */
  readonly iceServers?: readonly IceServer[]
  /**
   * `played`: shown in what is attached; what a browser wants. `encoded`: told by the events `picture` and `sound` as it came,
   * for programs that record it or pass it on; through the web port, on any machine. `none`: signalling alone. Default `played`.
   */
  readonly media?: 'played' | 'encoded' | 'none'
  /** What `encoded` media may be, best first. Default H.264, then VP8. */
  readonly codecs?: readonly VideoCodec[]
  /** False: nothing outlives the page. Else session and outbox do, in the tab's `sessionStorage`. Default true. */
  readonly persistent?: boolean
  /** How long one try may take until media flows. Default 15000. */
  readonly connectTimeoutMs?: number
  /** How often `stats` is measured. Default 1000. */
  readonly statsPeriodMs?: number
  /** Clock, randomness, WebSocket, RTCPeerConnection and the like; the machine's own when left out. */
  readonly environment?: Partial<ClientEnvironment>
}

/** What `start` may be given. */
export interface StartOptions {
  /** Enter this lobby, now and after every reconnection. Default that of the URL, else one that the host chooses. */
  readonly lobbyId?: string
  /**
   * Resume this session, from an earlier `currentSessionId`: the one before a reload or a failure, whose secret is known, or another
   * with its `resumeToken`. What cannot be the id of a session counts as left out. Default the one before a reload.
   */
  readonly sessionId?: string | null
  /** From an earlier `currentResumeToken`; good for one use. */
  readonly resumeToken?: string
}

export interface ReconnectionPolicy extends BackoffPolicy {
  readonly maxRetries: number
}

/** Seed 003's defaults filled in; disabled is the same as no retries. */
export function reconnectionPolicy(options: ReconnectionOptions = {}): ReconnectionPolicy {
  const enabled = options.enabled ?? true
  return {
    maxRetries: enabled ? (options.maxRetries ?? 5) : 0,
    baseDelayMs: options.baseDelayMs ?? 1000,
    maxDelayMs: options.maxDelayMs ?? 30_000,
    jitterFactor: options.jitterFactor ?? 0.3,
    healthyAfterMs: 5000,
  }
}
