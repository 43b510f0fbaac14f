import { messageOf } from '../kernel/coded-error.ts'
import type { End } from '../kernel/ending.ts'
import { signalCloseCode } from '../wire/signal/messages.ts'
import { goingAway, type PipeEnd } from '../kernel/pipe.ts'

/** Why a conversation ended. */
export type EndCause =
  /** The client said `bye`. */
  | { readonly kind: 'left' }
  /** The connection was lost, or nothing was heard for too long. */
  | { readonly kind: 'lost' }
  /** Its page went: was closed, loaded again, or kept aside by the browser; it may come back. */
  | { readonly kind: 'page-closed' }
  /** The session was found again on another connection. */
  | { readonly kind: 'surrendered' }
  /** The member's right to be here has ended. */
  | { readonly kind: 'revoked' }
  /** What the client sent has harmed this host before. */
  | { readonly kind: 'shut-out' }
  /** The host ended the session. */
  | { readonly kind: 'session-ended'; readonly reason: string }
  | { readonly kind: 'gateway-closed' }
  /** The client broke the protocol. */
  | { readonly kind: 'fault'; readonly code: string; readonly message: string }

/** Silence is a loss that only the host noticed: whoever comes back finds the session again. */
export function causeOfSessionEnd(end: End): EndCause {
  const reason = end.kind === 'clean' ? end.reason : messageOf(end.error)
  if (reason === 'idle') return { kind: 'lost' }
  if (reason === 'revoked') return { kind: 'revoked' }
  return { kind: 'session-ended', reason }
}

export function causeOfPipeEnd({ code }: PipeEnd): EndCause {
  // Whoever let the member in has closed it.
  if (code === signalCloseCode.revoked) return { kind: 'revoked' }
  return code === goingAway ? { kind: 'page-closed' } : { kind: 'lost' }
}

/** For people. */
export function reasonOf(cause: EndCause): string {
  switch (cause.kind) {
    case 'fault':
      return cause.message
    case 'session-ended':
      return `The session was ended: ${cause.reason}`
    case 'gateway-closed':
      return 'The host is closing'
    case 'surrendered':
      return 'The session goes on elsewhere'
    case 'revoked':
      return 'The right to be here has ended'
    case 'shut-out':
      return 'What your client sent has harmed this host, twice'
    case 'left':
    case 'lost':
    case 'page-closed':
      return cause.kind
  }
}

/** Ends whose cause a client's program has to know, beside the code that its pipe is closed with. */
const told: ReadonlySet<EndCause['kind']> = new Set([
  'fault',
  'session-ended',
  'shut-out',
  'surrendered',
  'gateway-closed',
])

/** What the client is told before the end; undefined where it knows, or is not there. */
export function farewellOf(cause: EndCause): { readonly code: string; readonly message: string } | undefined {
  if (!told.has(cause.kind)) return undefined
  return { code: cause.kind === 'fault' ? cause.code : cause.kind, message: reasonOf(cause) }
}

/** Whether whoever was here may come back to the session. */
export function mayReturnAfter({ kind }: EndCause): boolean {
  return kind === 'lost' || kind === 'page-closed'
}

const ownCauses: ReadonlySet<EndCause['kind']> = new Set(['left', 'page-closed', 'revoked', 'shut-out'])

/** As the host's `StopStream` event names it. */
export function sessionCauseOf(cause: EndCause): string {
  return ownCauses.has(cause.kind) ? cause.kind : 'disconnected'
}

/** The code that the pipe is closed with; undefined where a goodbye makes no sense. */
export function closeCodeOf(cause: EndCause): number | undefined {
  switch (cause.kind) {
    case 'left':
      return 1000
    case 'revoked':
    case 'shut-out':
      return signalCloseCode.revoked
    case 'session-ended':
    case 'surrendered':
    case 'gateway-closed':
      return signalCloseCode.sessionEnded
    case 'fault':
      return cause.code === 'flood' ? signalCloseCode.flood : signalCloseCode.protocolViolation
    case 'lost':
    case 'page-closed':
      return undefined
  }
}
