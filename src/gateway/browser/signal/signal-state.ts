import type { ClientMessage } from '../../../wire/signal/messages.ts'
import type { EndCause } from './end-cause.ts'

/** Where one signalling conversation is. */
export type SignalState =
  /** The host has said `ready`; the client may still ask for the session that it lost. */
  | { readonly phase: 'greeted' }
  /** The lost session is being fetched; what the client says meanwhile waits. */
  | { readonly phase: 'resuming' }
  /** The session is in use. `candidates`: how many the client has told since its last offer, undefined before one. */
  | { readonly phase: 'engaged'; readonly candidates: number | undefined }
  | { readonly phase: 'ended'; readonly cause: EndCause }

export type SignalEvent =
  | { readonly type: 'message'; readonly message: ClientMessage }
  /** The answer to `reconnect` is on its way. */
  | { readonly type: 'resumed' }
  | { readonly type: 'end'; readonly cause: EndCause }

/** A browser has a handful; more of them make ICE slow for nothing. */
export const maxCandidates = 64

/** The one transition function. A message out of order ends the conversation. */
export function next(state: SignalState, event: SignalEvent): SignalState {
  if (state.phase === 'ended') return state
  if (event.type === 'end') return { phase: 'ended', cause: event.cause }
  if (event.type === 'resumed') return state.phase === 'resuming' ? { phase: 'engaged', candidates: undefined } : state
  return afterMessage(state, event.message)
}

function afterMessage(state: Exclude<SignalState, { phase: 'ended' }>, message: ClientMessage): SignalState {
  const candidates = state.phase === 'engaged' ? state.candidates : undefined
  switch (message.type) {
    case 'ping':
    case 'pong':
      return state
    case 'bye':
      return { phase: 'ended', cause: { kind: 'left' } }
    case 'reconnect':
      return state.phase === 'greeted' ? { phase: 'resuming' } : outOfOrder(message, 'it comes first or not at all')
    case 'offer':
      return { phase: 'engaged', candidates: 0 }
    case 'candidate':
      if (candidates === undefined) return outOfOrder(message, 'it follows an offer')
      if (candidates >= maxCandidates) return outOfOrder(message, `${maxCandidates} have come already`)
      return { phase: 'engaged', candidates: candidates + 1 }
    case 'join':
    case 'lead':
    case 'leave':
    case 'limit':
    case 'clipboard-follow':
    case 'clipboard-write':
    case 'clipboard-taken':
    case 'web-media':
    case 'deliver':
      return { phase: 'engaged', candidates }
  }
}

function outOfOrder({ type }: ClientMessage, wanted: string): SignalState {
  return {
    phase: 'ended',
    cause: { kind: 'fault', code: 'out-of-order', message: `"${type}" out of order: ${wanted}` },
  }
}
