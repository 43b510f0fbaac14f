import type { BackoffPolicy } from '../kernel/backoff.ts'
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
  /** `ws://`, `wss://`, or `http(s)://` which means the same. */
  readonly signallingUrl: string
  /** The token of a link; travels as a WebSocket subprotocol, never in the URL. */
  readonly token: string
  readonly reconnection?: ReconnectionOptions
  /** How long one try may take until media flows. Default 15000. */
  readonly connectTimeoutMs?: number
  /** How often `stats` is measured. Default 1000. */
  readonly statsPeriodMs?: number
  /** Clock, randomness, WebSocket, RTCPeerConnection and wake-ups; the browser's when left out. */
  readonly environment?: Partial<ClientEnvironment>
}

/** What `start` may be given. */
export interface StartOptions {
  /** Enter this lobby, now and after every reconnection. */
  readonly lobbyId?: string
  /** Resume this session, from an earlier `currentSessionId`; needs its `resumeToken`. */
  readonly sessionId?: string
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
