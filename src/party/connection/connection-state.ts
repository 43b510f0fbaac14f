import { backoffDelayMs, type BackoffPolicy } from '../../kernel/backoff.ts'
import type { PathKind } from '../../net/paths/path-policy.ts'

/** Where the connection to one peer stands (seed 002, "PeerConnection"). Times are of a monotonic clock. */
export type ConnectionState =
  /** No path has answered yet. */
  | { readonly name: 'connecting'; readonly sinceMs: number }
  /** A path answers; `degraded` is one that takes long. */
  | {
      readonly name: 'connected' | 'degraded'
      /** A path has answered without a break since then, whatever path. */
      readonly sinceMs: number
      readonly kind: PathKind
      /** Round trip; undefined before it was measured. */
      readonly latencyMs: number | undefined
      /** Failures that were not made up for yet by a healthy while. */
      readonly attempt: number
    }
  /** No path answers any more. What is known is tried on all the while, and at the end of each wait all of it anew. */
  | {
      readonly name: 'reconnecting'
      /** 1 is the first. */
      readonly attempt: number
      readonly isTrying: boolean
      readonly sinceMs: number
      /** When the wait, or the try, ends. */
      readonly untilMs: number
    }
  | { readonly name: 'failed'; readonly sinceMs: number; readonly why: string }
  /** Nothing is kept for it any more. */
  | { readonly name: 'cleaned'; readonly why: string }

export type ConnectionEvent =
  /** The path that is taken answers. */
  | { readonly type: 'path'; readonly kind: PathKind; readonly latencyMs: number | undefined }
  /** None answers. */
  | { readonly type: 'lost' }
  | { readonly type: 'time' }
  /** The peer has said something, this machine is on another network, or somebody asks for it. */
  | { readonly type: 'wanted' }

export interface ConnectionRules {
  /** So long one try may take. */
  readonly tryMs: number
  /** A round trip that takes longer is degraded; one is well again below four fifths of it. */
  readonly degradedMs: number
  readonly backoff: BackoffPolicy
  /** After so many tries it has failed. */
  readonly tries: number
  /** So long after that everything of it is cleaned up. */
  readonly cleanUpMs: number
}

export const usualConnectionRules: ConnectionRules = {
  tryMs: 15_000,
  degradedMs: 200,
  backoff: { baseDelayMs: 1000, maxDelayMs: 30_000, jitterFactor: 0.2, healthyAfterMs: 30_000 },
  tries: 6,
  cleanUpMs: 5 * 60_000,
}

export interface ConnectionMoment {
  readonly nowMs: number
  /** Uniform in [0, 1). */
  readonly random: number
  readonly rules: ConnectionRules
}

/** What becomes of a connection. The same object where nothing changes. */
export function nextConnection(
  state: ConnectionState,
  event: ConnectionEvent,
  moment: ConnectionMoment,
): ConnectionState {
  switch (event.type) {
    case 'path':
      return answered(state, event, moment)
    case 'lost':
      return isUp(state) ? lost(state, moment) : state
    case 'time':
      return passed(state, moment)
    case 'wanted':
      return state.name === 'failed' || state.name === 'cleaned' ? { name: 'connecting', sinceMs: moment.nowMs } : state
  }
}

/** Whether a path answers. */
export function isUp(state: ConnectionState): state is Extract<ConnectionState, { name: 'connected' | 'degraded' }> {
  return state.name === 'connected' || state.name === 'degraded'
}

/** Whether the peer is to be taken for away: no path has answered for a whole try, or it has failed. */
export function isAway(state: ConnectionState): boolean {
  return state.name === 'failed' || state.name === 'cleaned' || (state.name === 'reconnecting' && state.attempt > 1)
}

/** Whether everything is to be tried anew when it is entered: offers, and paths that were given up. */
export function beginsToTry(state: ConnectionState): boolean {
  return state.name === 'connecting' || (state.name === 'reconnecting' && state.isTrying)
}

/** What people are told of it. */
export function describeConnection(state: ConnectionState): string {
  switch (state.name) {
    case 'connecting':
      return 'no path has answered yet'
    case 'connected':
    case 'degraded': {
      const kind = { direct: 'directly', relayed: 'by a relay', 'web-port': 'through the web port' }[state.kind]
      const latency = state.latencyMs === undefined ? '' : `, ${Math.round(state.latencyMs)} ms`
      return `${kind}${latency}${state.name === 'degraded' ? ', slow' : ''}`
    }
    case 'reconnecting':
      return `no path answers any more; try ${state.attempt}`
    case 'failed':
    case 'cleaned':
      return state.why
  }
}

function answered(
  state: ConnectionState,
  { kind, latencyMs }: Extract<ConnectionEvent, { type: 'path' }>,
  { nowMs, rules }: ConnectionMoment,
): ConnectionState {
  // What was cleaned up has no paths: an answer that comes late is nobody's.
  if (state.name === 'cleaned') return state
  const limitMs = state.name === 'degraded' ? rules.degradedMs * 0.8 : rules.degradedMs
  const name = (latencyMs ?? 0) > limitMs ? 'degraded' : 'connected'
  if (isUp(state)) {
    const isSame = state.name === name && state.kind === kind && state.latencyMs === latencyMs
    return isSame ? state : { ...state, name, kind, latencyMs }
  }
  const attempt = state.name === 'reconnecting' ? state.attempt : 0
  return { name, sinceMs: nowMs, kind, latencyMs, attempt }
}

function lost(
  { sinceMs, attempt }: Extract<ConnectionState, { name: 'connected' | 'degraded' }>,
  moment: ConnectionMoment,
): ConnectionState {
  const wasHealthy = moment.nowMs - sinceMs >= moment.rules.backoff.healthyAfterMs
  return wait((wasHealthy ? 0 : attempt) + 1, moment)
}

/** A wait before the try of that number, or the end of tries. */
function wait(attempt: number, { nowMs, random, rules }: ConnectionMoment): ConnectionState {
  if (attempt > rules.tries) {
    return { name: 'failed', sinceMs: nowMs, why: `no path answered in ${rules.tries} tries` }
  }
  const untilMs = nowMs + backoffDelayMs(attempt - 1, rules.backoff, random)
  return { name: 'reconnecting', attempt, isTrying: false, sinceMs: nowMs, untilMs }
}

function passed(state: ConnectionState, moment: ConnectionMoment): ConnectionState {
  const { nowMs, rules } = moment
  switch (state.name) {
    case 'connecting':
      return nowMs - state.sinceMs >= rules.tryMs ? wait(1, moment) : state
    case 'reconnecting':
      if (nowMs < state.untilMs) return state
      if (state.isTrying) return wait(state.attempt + 1, moment)
      return { ...state, isTrying: true, sinceMs: nowMs, untilMs: nowMs + rules.tryMs }
    case 'failed':
      return nowMs - state.sinceMs >= rules.cleanUpMs ? { name: 'cleaned', why: state.why } : state
    default:
      return state
  }
}
