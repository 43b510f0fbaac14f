import type { Clock } from '../clock.ts'
import type { LocalType } from '../protocol/local-type.ts'
import { emptyScope, type Point } from '../protocol/unfold.ts'
import type { EdgeMessage } from './edge.ts'
import type { OpenRequest, Owner } from './open-request.ts'
import { type EndpointState, ProtocolSession, type SendOutcome } from './protocol-session.ts'
import { SessionError } from './session-error.ts'
import type { SessionEvent } from './session-event.ts'

/** Names one role's end of one session in one epoch: a value that can be kept, moved and compared by its fields. */
export interface Endpoint {
  readonly sid: number
  readonly role: string
  readonly epoch: number
}

export interface SessionStoreOptions {
  readonly clock: Clock
  /** Hears everything, in order. What it throws reaches whoever made the step. */
  readonly onEvent?: (event: SessionEvent) => void
  /** Sessions that have not ended; 100,000 when left out. */
  readonly maxSessions?: number
  /** How long `close` lets messages under way be delivered; 1,000 ms when left out. */
  readonly drainMs?: number
}

/** All typed sessions of one place, and the source of truth for where each endpoint is (seed 004). */
export class SessionStore {
  readonly #options: Required<SessionStoreOptions>
  readonly #sessions = new Map<number, ProtocolSession>()
  #nextSid = 1

  constructor(options: SessionStoreOptions) {
    this.#options = { onEvent: () => {}, maxSessions: 100_000, drainMs: 1000, ...options }
  }

  /** Sessions that have not ended. */
  get size(): number {
    return this.#sessions.size
  }

  /** Opens a session: one endpoint for each role, in order. Throws a {@link SessionError} and then has allocated nothing. */
  open(request: OpenRequest): Endpoint[] {
    if (this.#sessions.size >= this.#options.maxSessions) {
      throw new SessionError(
        'too-many-sessions',
        `Cannot open "${request.protocol}": ${this.#sessions.size} sessions are open`,
      )
    }
    const sid = this.#nextSid
    const session = new ProtocolSession(sid, request, this.#options.clock, this.#options.onEvent, () =>
      this.#sessions.delete(sid),
    )
    this.#nextSid++
    this.#sessions.set(sid, session)
    return session.roles.map((role) => ({ sid, role, epoch: session.epoch }))
  }

  /** The session of an endpoint. Throws `stale-epoch` when the endpoint is of a session or an epoch that is over. */
  session(endpoint: Endpoint): ProtocolSession {
    const session = this.#sessions.get(endpoint.sid)
    if (session?.epoch === endpoint.epoch) return session
    if (!session && !this.#hasEnded(endpoint)) {
      throw new SessionError('unknown-session', `There has been no session ${endpoint.sid}`)
    }
    throw new SessionError('stale-epoch', `Session ${endpoint.sid} is past epoch ${endpoint.epoch}: it has ended`)
  }

  /** Whether the endpoint's session goes on, draining included. */
  isOpen(endpoint: Endpoint): boolean {
    return this.#sessions.get(endpoint.sid)?.epoch === endpoint.epoch
  }

  send(endpoint: Endpoint, to: string, label: string, payload?: unknown): SendOutcome {
    return this.session(endpoint).send(endpoint.role, to, label, payload)
  }

  /** See {@link ProtocolSession.deliver}; `endpoint` is the sender's. */
  deliver(endpoint: Endpoint, to: string, message: EdgeMessage): SendOutcome {
    return this.session(endpoint).deliver(endpoint.role, to, message)
  }

  receive(endpoint: Endpoint, from: string): EdgeMessage | undefined {
    return this.session(endpoint).receive(endpoint.role, from)
  }

  /** Where the endpoint is now. */
  lookupType(endpoint: Endpoint): Point {
    return this.#state(endpoint).current
  }

  /** Puts the endpoint somewhere else; without a scope the type is closed. */
  updateType(endpoint: Endpoint, local: LocalType, scope = emptyScope): void {
    this.#state(endpoint).current = { local, scope }
  }

  /** Replaces the type that the endpoint was opened with. */
  updateOriginal(endpoint: Endpoint, local: LocalType): void {
    this.#state(endpoint).original = local
  }

  originalType(endpoint: Endpoint): LocalType {
    return this.#state(endpoint).original
  }

  /** Takes the endpoint out: nobody can act for its role any more. */
  removeType(endpoint: Endpoint): void {
    this.session(endpoint).removeEndpoint(endpoint.role)
  }

  ownerOf(endpoint: Endpoint): Owner {
    return this.#state(endpoint).owner
  }

  /** Whether `owner` may act for the endpoint; false for whatever is no endpoint of a session that goes on. */
  isOwner(endpoint: Endpoint, owner: Owner): boolean {
    return this.isOpen(endpoint) && this.session(endpoint).has(endpoint.role) && this.ownerOf(endpoint) === owner
  }

  /** Hands the endpoint from one owner to another. Throws `not-owner`. */
  transfer(endpoint: Endpoint, from: Owner, to: Owner): void {
    this.#owned(endpoint, from, 'transfer').owner = to
  }

  /**
   * Closes the session for everybody, draining what is under way. Throws `not-owner`; resolves when it has ended, at once
   * when it had already.
   */
  close(endpoint: Endpoint, owner: Owner): Promise<void> {
    if (this.#hasEnded(endpoint)) return Promise.resolve()
    this.#owned(endpoint, owner, 'close')
    return this.session(endpoint).close(this.#options.drainMs)
  }

  /** Ends the session at once. Throws `not-owner`. */
  cancel(endpoint: Endpoint, owner: Owner, reason: string): void {
    this.#owned(endpoint, owner, 'cancel')
    this.session(endpoint).cancel(reason)
  }

  /** Ends the session at once as broken, on behalf of whoever watches it. */
  fault(endpoint: Endpoint, reason: string): void {
    this.session(endpoint).fault(reason)
  }

  #hasEnded({ sid }: Endpoint): boolean {
    return sid >= 1 && sid < this.#nextSid && !this.#sessions.has(sid)
  }

  #state(endpoint: Endpoint): EndpointState {
    return this.session(endpoint).endpoint(endpoint.role)
  }

  #owned(endpoint: Endpoint, owner: Owner, what: string): EndpointState {
    const state = this.#state(endpoint)
    if (state.owner === owner) return state
    throw new SessionError(
      'not-owner',
      `Cannot ${what} ${endpoint.role} of session ${endpoint.sid}: "${owner}" does not own it`,
    )
  }
}
