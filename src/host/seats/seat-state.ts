import { HostError } from '../contract/host-error.ts'

/** A session that may play, as a seat knows it. */
export interface Sitter {
  readonly sessionId: string
  readonly memberId: string
  /** Locks do not hold the owner up. */
  readonly isOwner: boolean
  /** After a loss another session of its member comes in its place. */
  readonly returnsAnew: boolean
}

/** One seat: whose it is, who waits for it, and whether only the owner gives it away. */
export interface SeatState {
  readonly tenure: Tenure
  /** Oldest first; each session once, and never the holder. */
  readonly requests: readonly Sitter[]
  readonly locked: boolean
}

export type Tenure =
  /** Input of anybody who may play takes it, but not of the session that had it last: that one has to ask. */
  | { readonly kind: 'free'; readonly after: string | undefined }
  /** Kept for a session that was lost, or for a member: after a restart of the host, or where sessions are not resumed. */
  | { readonly kind: 'kept'; readonly sessionId: string | undefined; readonly memberId: string }
  | { readonly kind: 'held'; readonly by: Sitter }

export type SeatEvent =
  | { readonly type: 'request' | 'release' | 'enter' | 'leave' | 'lost'; readonly by: Sitter }
  /** Input came. `deliberate`: a key, a button, the wheel; not just a motion. */
  | { readonly type: 'input'; readonly by: Sitter; readonly deliberate: boolean }
  | { readonly type: 'hand-over'; readonly by: Sitter; readonly to: Sitter }
  /** By the owner. */
  | { readonly type: 'grant'; readonly to: Sitter }
  | { readonly type: 'take-back'; readonly by: Sitter | undefined }
  | { readonly type: 'lock' | 'unlock' }
  /** Its holder has not used it for a while. */
  | { readonly type: 'idle' }
  /** It has been kept for long enough. */
  | { readonly type: 'expired' }

export const freeSeat: SeatState = { tenure: { kind: 'free', after: undefined }, requests: [], locked: false }

/** The one transition function; the same object comes back when nothing changes. Throws HostError `seat-locked` or `seat-not-held`. */
export function next(seat: SeatState, event: SeatEvent): SeatState {
  const { tenure } = seat
  switch (event.type) {
    case 'request':
      return request(seat, event.by)
    case 'input':
      return mayClaim(seat, event) ? given(seat, event.by) : seat
    case 'release':
    case 'leave':
      return isHeldBy(seat, event.by) ? passedOn(seat, event.by) : withdrawn(seat, event.by)
    case 'lost':
      return lost(seat, event.by)
    case 'enter':
      return tenure.kind === 'kept' && isKeptFor(tenure, event.by) ? given(seat, event.by) : seat
    case 'hand-over':
      if (!isHeldBy(seat, event.by))
        throw refusal('seat-not-held', 'hand over the seat: somebody else has it, or nobody')
      if (seat.locked && !event.by.isOwner) throw refusal('seat-locked', 'hand over the seat: the owner has locked it')
      return given(seat, event.to)
    case 'grant':
      return given(seat, event.to)
    case 'take-back':
      return takenBack(seat, event.by)
    case 'lock':
      return seat.locked ? seat : { ...seat, locked: true }
    case 'unlock':
      return seat.locked ? settled({ ...seat, locked: false }) : seat
    case 'idle':
      return tenure.kind === 'held' && !seat.locked && seat.requests.length > 0 ? passedOn(seat, tenure.by) : seat
    case 'expired':
      return tenure.kind === 'kept' ? { ...seat, tenure: { kind: 'free', after: undefined } } : seat
  }
}

export function isHeldBy({ tenure }: SeatState, { sessionId }: Pick<Sitter, 'sessionId'>): boolean {
  return tenure.kind === 'held' && tenure.by.sessionId === sessionId
}

function request(seat: SeatState, by: Sitter): SeatState {
  if (isHeldBy(seat, by)) return seat
  if (seat.tenure.kind !== 'held' && (!seat.locked || by.isOwner)) return given(seat, by)
  return isWaiting(seat, by) ? seat : { ...seat, requests: [...seat.requests, by] }
}

/** A seat that is kept for somebody is not taken by a mere motion; nobody has to wait for it either. */
function mayClaim({ tenure, locked }: SeatState, { by, deliberate }: Extract<SeatEvent, { type: 'input' }>): boolean {
  if (locked && !by.isOwner) return false
  if (tenure.kind === 'kept') return deliberate
  return tenure.kind === 'free' && tenure.after !== by.sessionId
}

function lost(seat: SeatState, by: Sitter): SeatState {
  if (!isHeldBy(seat, by)) return withdrawn(seat, by)
  if (!seat.locked && seat.requests.length > 0) return passedOn(seat, by)
  return {
    ...seat,
    tenure: { kind: 'kept', sessionId: by.returnsAnew ? undefined : by.sessionId, memberId: by.memberId },
  }
}

function isKeptFor(tenure: Extract<Tenure, { kind: 'kept' }>, { sessionId, memberId }: Sitter): boolean {
  return tenure.sessionId === undefined ? tenure.memberId === memberId : tenure.sessionId === sessionId
}

function takenBack(seat: SeatState, by: Sitter | undefined): SeatState {
  if (by) return isHeldBy(seat, by) && seat.requests.length === 0 ? seat : { ...given(seat, by), requests: [] }
  if (seat.tenure.kind === 'free' && seat.requests.length === 0) return seat
  const after = seat.tenure.kind === 'held' ? seat.tenure.by.sessionId : undefined
  return { ...seat, tenure: { kind: 'free', after }, requests: [] }
}

/** Its holder gives it up: the oldest request has it, unless the owner wants to be asked. */
function passedOn(seat: SeatState, by: Sitter): SeatState {
  return settled({ ...seat, tenure: { kind: 'free', after: by.sessionId } })
}

function settled(seat: SeatState): SeatState {
  const [oldest] = seat.requests
  if (seat.tenure.kind === 'held' || seat.locked || !oldest) return seat
  return given(seat, oldest)
}

function given(seat: SeatState, to: Sitter): SeatState {
  if (isHeldBy(seat, to)) return seat
  return { ...withdrawn(seat, to), tenure: { kind: 'held', by: to } }
}

function withdrawn(seat: SeatState, by: Sitter): SeatState {
  if (!isWaiting(seat, by)) return seat
  return { ...seat, requests: seat.requests.filter(({ sessionId }) => sessionId !== by.sessionId) }
}

function isWaiting({ requests }: SeatState, by: Sitter): boolean {
  return requests.some(({ sessionId }) => sessionId === by.sessionId)
}

function refusal(code: 'seat-locked' | 'seat-not-held', what: string): HostError {
  return new HostError(code, `Cannot ${what}`)
}
