import type { Clock } from '../clock.ts'
import type { LocalType } from '../protocol/local-type.ts'
import { emptyScope, type Point } from '../protocol/unfold.ts'
import type { EdgeMessage } from './edge.ts'
import { EndedSessions } from './ended-sessions.ts'
import { type Endpoint, isEndpoint, type Owner } from './endpoint.ts'
import type { EndpointState } from './endpoint-state.ts'
import { EventOutlet } from './event-outlet.ts'
import type { OpenRequest } from './open-request.ts'
import { OwnerIndex } from './owner-index.ts'
import { ProtocolSession } from './protocol-session.ts'
import { endedError, type EndStatus, SessionError } from './contract/session-error.ts'
import type { SendOutcome, SessionHost } from './session-host.ts'
import type { SessionEvent, SessionStatus } from './contract/session-event.ts'

export interface SessionStoreOptions {
  readonly clock: Clock
  /** Hears everything, in order. What it throws reaches whoever made the step, as `listener-failed`. */
  readonly onEvent?: (event: SessionEvent) => void
  /** Sessions that have not ended; 100,000 when left out. */
  readonly maxSessions?: number
  /** How long `close` waits for the others; 1,000 ms when left out. 0 is the close of seed 004: at once, for everybody. */
  readonly drainMs?: number
  /** How many of the sessions that ended last can be asked how; 1,000 when left out. */
  readonly maxEnded?: number
  /** For how long they can be asked; 60,000 ms when left out. */
  readonly keepEndedMs?: number
}

/** All typed sessions of one place, and the source of truth for where each endpoint is (seed 004). */
export class SessionStore {
  readonly #maxSessions: number
  readonly #host: SessionHost
  readonly #sessions = new Map<number, ProtocolSession>()
  readonly #ended: EndedSessions
  #owners: OwnerIndex | undefined
  #nextSid = 1

  /** Throws `malformed-option` for a number that is no bound. */
  constructor({
    clock,
    onEvent,
    maxSessions = 100_000,
    drainMs = 1000,
    maxEnded = 1000,
    keepEndedMs = 60_000,
  }: SessionStoreOptions) {
    wantBound({ maxSessions, maxEnded }, Number.isSafeInteger)
    wantBound({ drainMs, keepEndedMs }, Number.isFinite)
    this.#maxSessions = maxSessions
    this.#ended = new EndedSessions(clock, maxEnded, keepEndedMs)
    const outlet = onEvent && new EventOutlet(onEvent)
    this.#host = {
      clock,
      drainMs,
      checkedTypes: new WeakSet(),
      tell: outlet ? (first, second, third) => outlet.tell(first, second, third) : () => {},
      ended: (sid, status) => this.#forget(sid, status),
    }
  }

  /** Sessions that have not ended. */
  get size(): number {
    return this.#sessions.size
  }

  /** Opens a session: one endpoint for each role, in order. Throws a {@link SessionError} and then has allocated nothing. */
  open(request: OpenRequest): Endpoint[] {
    if (this.#sessions.size >= this.#maxSessions) {
      throw new SessionError(
        'too-many-sessions',
        `Cannot open "${request.protocol}": ${this.#sessions.size} sessions are open`,
      )
    }
    const sid = this.#nextSid
    const session = new ProtocolSession(sid, request, this.#host)
    this.#nextSid++
    this.#sessions.set(sid, session)
    this.#owners?.add(session)
    this.#host.tell({ type: 'Opened', sid, epoch: session.epoch, roles: session.roles })
    return session.roles.map((role) => ({ sid, role, epoch: session.epoch, transfers: 0 }))
  }

  /**
   * The session of an endpoint. Throws `closed`, `cancelled` or `faulted` when it has ended, `stale-epoch` when how it did is
   * no longer known, and `unknown-session` when it never was.
   */
  session(endpoint: Pick<Endpoint, 'sid' | 'epoch'>): ProtocolSession {
    const session = this.#sessions.get(endpoint.sid)
    if (session && session.epoch === endpoint.epoch) return session
    if (session) {
      throw new SessionError(
        'stale-epoch',
        `Session ${endpoint.sid} is in epoch ${session.epoch}, not ${endpoint.epoch}`,
      )
    }
    if (!this.#hasEnded(endpoint)) {
      throw new SessionError('unknown-session', `There has been no session ${String(endpoint.sid)}`)
    }
    const ended = this.#ended.get(endpoint.sid)
    throw ended
      ? endedError(endpoint.sid, ended.protocol, ended.status)
      : new SessionError('stale-epoch', `Session ${endpoint.sid} has ended; how is no longer known`)
  }

  /**
   * Where an endpoint's session is in its life, also for a while after its end. Throws `stale-epoch` when how it ended is no
   * longer known, and `unknown-session`.
   */
  statusOf(endpoint: Pick<Endpoint, 'sid' | 'epoch'>): SessionStatus {
    return this.#ended.get(endpoint.sid)?.status ?? this.session(endpoint).status
  }

  /** Whether the endpoint's session goes on, draining included; false for whatever is no endpoint. */
  isOpen(endpoint: Pick<Endpoint, 'sid' | 'epoch'>): boolean {
    const session = this.#sessions.get(endpoint.sid)
    return session !== undefined && session.epoch === endpoint.epoch
  }

  /** Throws `not-owner` for an endpoint that was handed over since; see {@link ProtocolSession.send}. */
  send(endpoint: Endpoint, to: string, label: string, payload?: unknown): SendOutcome {
    return this.#held(endpoint, 'send').send(endpoint.role, to, label, payload)
  }

  /** See {@link ProtocolSession.deliver}; `endpoint` is the sender's. */
  deliver(endpoint: Endpoint, to: string, message: EdgeMessage): SendOutcome {
    return this.#held(endpoint, 'send').deliver(endpoint.role, to, message)
  }

  /** Throws `not-owner` for an endpoint that was handed over since; see {@link ProtocolSession.receive}. */
  receive(endpoint: Endpoint, from: string): EdgeMessage | undefined {
    return this.#held(endpoint, 'receive').receive(endpoint.role, from)
  }

  /** Where the endpoint is now. */
  lookupType(endpoint: Endpoint): Point {
    return this.#state(endpoint).current
  }

  /** Puts the endpoint somewhere else; without a scope the type is closed. Throws `busy-endpoint` inside its own action. */
  updateType(endpoint: Endpoint, local: LocalType, scope = emptyScope): void {
    this.session(endpoint).idleEndpoint(endpoint.role, 'be put somewhere else').moveTo(local, scope)
  }

  /** Replaces the type that the endpoint was opened with. */
  updateOriginal(endpoint: Endpoint, local: LocalType): void {
    this.#state(endpoint).original = local
  }

  originalType(endpoint: Endpoint): LocalType {
    return this.#state(endpoint).original
  }

  /** Takes the endpoint out: nobody can act for its role any more. Throws `busy-endpoint` inside its own action. */
  removeType(endpoint: Endpoint): void {
    this.session(endpoint).removeEndpoint(endpoint.role)
  }

  ownerOf(endpoint: Endpoint): Owner {
    return this.#state(endpoint).owner
  }

  /** Whether `owner` may act with this endpoint; false for whatever is no endpoint of a session that goes on. */
  isOwner(endpoint: Endpoint, owner: Owner): boolean {
    if (!isEndpoint(endpoint) || !this.isOpen(endpoint) || !this.session(endpoint).has(endpoint.role)) return false
    const state = this.#state(endpoint)
    return state.owner === owner && state.transfers === endpoint.transfers
  }

  /** The session of an endpoint that `owner` may act with. Throws `not-owner`. */
  sessionFor(endpoint: Endpoint, owner: Owner, what = 'act for'): ProtocolSession {
    const session = this.session(endpoint)
    const state = session.endpoint(endpoint.role)
    if (state.owner === owner && state.transfers === endpoint.transfers) return session
    throw new SessionError(
      'not-owner',
      `Cannot ${what} ${endpoint.role} of session ${endpoint.sid}: "${owner}" does not own it`,
    )
  }

  /** All endpoints that somebody owns, of the sessions that go on. */
  ownedBy(owner: Owner): Endpoint[] {
    // Made when somebody first asks: who never does pays nothing for it.
    this.#owners ??= new OwnerIndex(this.#sessions.values())
    return [...this.#owners.of(owner)].flatMap((session) =>
      session.roles.flatMap((role) => {
        const state = session.has(role) ? session.endpoint(role) : undefined
        if (state?.owner !== owner) return []
        return [{ sid: session.sid, role, epoch: session.epoch, transfers: state.transfers }]
      }),
    )
  }

  /** Hands the endpoint from one owner to another, and gives what the new one acts with. Throws `not-owner`. */
  transfer(endpoint: Endpoint, from: Owner, to: Owner): Endpoint {
    const session = this.sessionFor(endpoint, from, 'transfer')
    const state = session.endpoint(endpoint.role)
    state.owner = to
    state.transfers++
    this.#owners?.give(session, to)
    this.#owners?.take(session, from)
    const { sid, role, epoch } = endpoint
    return { sid, role, epoch, transfers: state.transfers }
  }

  /**
   * Says that the endpoint is done; see {@link ProtocolSession.close}. Throws `not-owner`; resolves at once when the session
   * has ended.
   */
  close(endpoint: Endpoint, owner: Owner): Promise<void> {
    if (this.#hasEnded(endpoint)) return Promise.resolve()
    return this.sessionFor(endpoint, owner, 'close').close(endpoint.role)
  }

  /** The endpoint's role is lost; see {@link ProtocolSession.lose}. */
  lose(endpoint: Endpoint): void {
    this.session(endpoint).lose(endpoint.role)
  }

  /** See {@link ProtocolSession.finish}. Throws `not-owner`. */
  finish(endpoint: Endpoint, owner: Owner): void {
    this.sessionFor(endpoint, owner, 'finish').finish(endpoint.role)
  }

  /** Ends the session at once. Throws `not-owner`. */
  cancel(endpoint: Endpoint, owner: Owner, reason: string): void {
    this.sessionFor(endpoint, owner, 'cancel').cancel(reason)
  }

  /** Ends the session at once as broken, on behalf of whoever watches it. */
  fault(endpoint: Pick<Endpoint, 'sid' | 'epoch'>, reason: string): void {
    this.session(endpoint).fault(reason)
  }

  #forget(sid: number, status: EndStatus): void {
    const session = this.#sessions.get(sid)
    if (!session) return
    this.#sessions.delete(sid)
    this.#owners?.delete(session)
    this.#ended.add(sid, session.protocol, status)
  }

  #hasEnded({ sid }: Pick<Endpoint, 'sid'>): boolean {
    return Number.isSafeInteger(sid) && sid >= 1 && sid < this.#nextSid && !this.#sessions.has(sid)
  }

  #state(endpoint: Endpoint): EndpointState {
    return this.session(endpoint).endpoint(endpoint.role)
  }

  /** The session of an endpoint that was not handed over since. */
  #held(endpoint: Endpoint, what: string): ProtocolSession {
    const session = this.session(endpoint)
    if (session.endpoint(endpoint.role).transfers === endpoint.transfers) return session
    throw new SessionError(
      'not-owner',
      `Cannot ${what} as ${endpoint.role} of session ${endpoint.sid}: the endpoint was handed to somebody else`,
    )
  }
}

function wantBound(options: Readonly<Record<string, number>>, isNumber: (value: unknown) => boolean): void {
  for (const [name, value] of Object.entries(options)) {
    if (!isNumber(value) || value < 0) {
      throw new SessionError('malformed-option', `Cannot make a session store: ${name} is ${value}, wanted 0 or more`)
    }
  }
}
