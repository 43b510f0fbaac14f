import type { ClientError } from '../contract/client-error.ts'

/** The state of a client's connection, each with exactly its own data (seed 003). */
export type ConnectionState =
  | { readonly status: 'disconnected' }
  /** The WebSocket and WebRTC handshakes run; `retry` counts from 1 after a loss, 0 is the first try. */
  | { readonly status: 'connecting'; readonly retry: number }
  | { readonly status: 'connected'; readonly sessionId: string }
  /** Lost; retry number `retry` begins when its delay is over. */
  | { readonly status: 'reconnecting'; readonly retry: number; readonly cause: ClientError }
  | { readonly status: 'failed'; readonly cause: ClientError }
  | { readonly status: 'closed' }

/** The public projection of {@link ConnectionState}. */
export type ConnectionStatus = ConnectionState['status']

export type ConnectionEvent =
  | { readonly type: 'start' }
  /** WebRTC is ready: media and data channels are open. */
  | { readonly type: 'ready'; readonly sessionId: string }
  /** A try failed or what was connected was lost; `retry` is the number of the next try. */
  | { readonly type: 'lost'; readonly cause: ClientError; readonly retry: number }
  /** A try failed and reconnection is off, or the cause is final. */
  | { readonly type: 'refused'; readonly cause: ClientError }
  /** The delay before the next try is over. */
  | { readonly type: 'retry' }
  /** There are no tries left, or none that could help: `cause` is the last word. */
  | { readonly type: 'exhausted'; readonly cause: ClientError }
  | { readonly type: 'close' }

/**
 * The one transition function. What seed 003 does not draw changes nothing (the same object comes back), with two
 * additions: its `close()` is drawn from `connected` and `failed` only, and here leads to `closed` from every state; and
 * `start()` begins anew after a failure.
 */
export function next(state: ConnectionState, event: ConnectionEvent): ConnectionState {
  if (event.type === 'close') return state.status === 'closed' ? state : { status: 'closed' }
  switch (state.status) {
    case 'disconnected':
      return event.type === 'start' ? { status: 'connecting', retry: 0 } : state
    case 'connecting':
      if (event.type === 'ready') return { status: 'connected', sessionId: event.sessionId }
      if (event.type === 'lost') return { status: 'reconnecting', retry: event.retry, cause: event.cause }
      if (event.type === 'refused') return { status: 'failed', cause: event.cause }
      return state
    case 'connected':
      return event.type === 'lost' ? { status: 'reconnecting', retry: event.retry, cause: event.cause } : state
    case 'reconnecting':
      if (event.type === 'retry') return { status: 'connecting', retry: state.retry }
      if (event.type === 'exhausted') return { status: 'failed', cause: event.cause }
      return state
    case 'failed':
      return event.type === 'start' ? { status: 'connecting', retry: 0 } : state
    case 'closed':
      return state
  }
}
