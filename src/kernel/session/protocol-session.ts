import { messageOf } from '../coded-error.ts'
import { frozenCopy } from './auth/canonical-json.ts'
import { Drain } from './drain.ts'
import { Edge, type EdgeMessage, edgeName, type EdgeName, type EdgeView } from './edge.ts'
import { type Allowed, EndpointState, readPayload, unexpectedAction, wantAllowed } from './endpoint-state.ts'
import type { Owner } from './endpoint.ts'
import { admit, type OpenRequest } from './open-request.ts'
import type { SendOutcome, SessionHost } from './session-host.ts'
import { endedError, type EndStatus, SessionError } from './session-error.ts'
import type { SessionEvent, SessionStatus } from './session-event.ts'

const active: SessionStatus = { kind: 'active' }
const draining: SessionStatus = { kind: 'draining' }

/** One running conversation: its roles' types and the messages under way between them. */
export class ProtocolSession {
  readonly sid: number
  readonly protocol: string
  readonly roles: readonly string[]
  readonly #edges: ReadonlyMap<EdgeName, Edge>
  /** One for each role, in the same order. */
  readonly #endpoints: readonly EndpointState[]
  readonly #host: SessionHost
  #status: SessionStatus = active
  #epoch = 0
  #drain: Drain | undefined

  /** Throws the {@link SessionError} of `admit` and then leaves nothing behind. */
  constructor(sid: number, request: OpenRequest, host: SessionHost) {
    this.#edges = admit(request, host.checkedTypes)
    this.sid = sid
    this.protocol = request.protocol
    this.roles = Object.freeze([...request.roles])
    this.#host = host
    this.#endpoints = request.roles.map((_, index) => new EndpointState(request, index))
  }

  get edges(): ReadonlyMap<EdgeName, EdgeView> {
    return this.#edges
  }

  get status(): SessionStatus {
    return this.#status
  }

  get epoch(): number {
    return this.#epoch
  }

  /** Who owns an endpoint of it, removed ones included, once for each. */
  get owners(): readonly Owner[] {
    return this.#endpoints.map(({ owner }) => owner)
  }

  /** Whether `role` has an endpoint that was not removed. */
  has(role: string): boolean {
    return this.#endpoints[this.roles.indexOf(role)]?.removed === false
  }

  /** The endpoint of a role. Throws `unknown-role`, or `removed-endpoint` after `removeEndpoint`. */
  endpoint(role: string): EndpointState {
    const state = this.#endpoints[this.roles.indexOf(role)]
    if (state?.removed === false) return state
    const code = state ? 'removed-endpoint' : 'unknown-role'
    throw new SessionError(code, `Session ${this.sid} ("${this.protocol}") has no endpoint of role "${role}"`)
  }

  /** The endpoint of a role that is in the middle of nothing. Throws `busy-endpoint`. */
  idleEndpoint(role: string, what: string): EndpointState {
    const state = this.endpoint(role)
    if (!state.busy) return state
    throw this.#cannot('busy-endpoint', role, `${what}: it is in the middle of another action`)
  }

  removeEndpoint(role: string): void {
    this.idleEndpoint(role, 'be removed').removed = true
    this.#drained()
  }

  /** Sends a message. Throws a {@link SessionError} when the type of `from` does not allow it; then nothing has changed. */
  send(from: string, to: string, label: string, payload: unknown): SendOutcome {
    this.#wantGoing()
    const state = this.idleEndpoint(from, `send "${label}"`)
    const allowed = wantAllowed(this, state, 'send', to, label)
    const edge = this.#edge(from, to)
    // What is called on the way, a schema, a key, a handler, may not act for this role.
    state.busy = true
    try {
      return this.#send(state, edge, allowed, label, payload)
    } finally {
      state.busy = false
    }
  }

  #send(state: EndpointState, edge: Edge, allowed: Allowed, label: string, payload: unknown): SendOutcome {
    const { from, signed } = edge
    const carried = signed ? frozenCopy(payload) : payload
    const value = this.#read(from, label, allowed, carried)
    const message: EdgeMessage = { label, payload: carried, epoch: this.#epoch }
    // Asked first, so that nothing is signed or carried away that then finds no room.
    const refused = Edge.refusalOf(edge, label)
    if (refused) return refused === 'blocked' ? refused : this.#sent(state, edge, message, allowed, refused)
    const proven = signed ? { ...message, proof: signed.sign(message) } : message
    try {
      edge.handler(proven)
    } catch (error) {
      throw this.#cannot('handler-refused', from, `send "${label}": ${messageOf(error)}`, error)
    }
    // A handler may have ended the session.
    this.#wantGoing()
    signed?.append(proven)
    return this.#put(state, edge, value === carried ? proven : { ...proven, value }, allowed)
  }

  /**
   * Takes in a message that `from` sent in another process, as if it had been sent here. Throws a {@link SessionError}:
   * `stale-epoch` for one of an epoch that is over, `forged` for one whose proof is wrong, and what `send` throws. Then
   * nothing has changed. `blocked` means that it has to be delivered again.
   */
  deliver(from: string, to: string, { label, payload, epoch, proof }: EdgeMessage): SendOutcome {
    this.#wantGoing()
    if (epoch !== this.#epoch) {
      throw this.#cannot('stale-epoch', from, `send "${label}": it is of epoch ${epoch}, now is ${this.#epoch}`)
    }
    const state = this.idleEndpoint(from, `send "${label}"`)
    const allowed = wantAllowed(this, state, 'send', to, label)
    const edge = this.#edge(from, to)
    state.busy = true
    try {
      const carried = edge.signed ? frozenCopy(payload) : payload
      const value = this.#read(from, label, allowed, carried)
      const message = { label, payload: carried, epoch, ...(proof && { proof }), ...(value !== carried && { value }) }
      const refused = Edge.refusalOf(edge, label)
      if (refused === 'blocked') return refused
      edge.signed?.accept(message, proof)
      this.#wantGoing()
      return refused ? this.#sent(state, edge, message, allowed, refused) : this.#put(state, edge, message, allowed)
    } finally {
      state.busy = false
    }
  }

  /**
   * Takes the next message of an edge, or undefined when none has come. Throws when the type of `to` does not allow it, and
   * `forged` when it is not what was signed.
   */
  receive(to: string, from: string): EdgeMessage | undefined {
    this.#wantGoing()
    const state = this.idleEndpoint(to, `receive from ${from}`)
    const edge = this.#edge(from, to)
    const buffer = Edge.bufferOf(edge)
    const message = buffer.peek()
    if (!message) {
      const { local } = state.head()
      if (local.kind === 'receive' && local.from === from) return undefined
      throw unexpectedAction(this, state, `receive from ${from}`)
    }
    const allowed = wantAllowed(this, state, 'receive', from, message.label)
    if (edge.signed) this.#verify(state, edge, message)
    buffer.take()
    state.moveTo(allowed.branch.next, allowed.scope)
    const facts = { sid: this.sid, epoch: this.#epoch, from, to, label: message.label }
    this.#drain?.taken(from, () => this.underWay(from))
    this.#host.tell({ type: 'Received', ...facts }, allowed.choice ? { type: 'Offered', ...facts } : undefined)
    this.#drained()
    return message
  }

  /**
   * `role` says that it is done: throws `unexpected-action` unless it has come to the end of its type. Resolves when the
   * others have taken what it sent. The session ends when all roles have come to their ends, or when the time to drain is
   * over; where there is none, at once, wherever the others are.
   */
  close(role: string): Promise<void> {
    const state = this.endpoint(role)
    if (this.#ended) return Promise.resolve()
    const { drainMs, clock } = this.#host
    if (drainMs === 0) {
      this.#end({ kind: 'closed' })
      return Promise.resolve()
    }
    if (!state.atEnd || state.busy) throw unexpectedAction(this, state, 'close')
    state.done = true
    this.#status = draining
    this.#drain ??= new Drain(clock.after(drainMs, () => this.#end({ kind: 'closed' })))
    const closed = this.#drain.closing(role, () => this.underWay(role))
    this.#drained()
    return closed
  }

  /** Like `close`, but sets the others no time: the session ends when all roles have finished. */
  finish(role: string): void {
    const state = this.endpoint(role)
    if (this.#ended) return
    if (!state.atEnd || state.busy) throw unexpectedAction(this, state, 'finish')
    state.done = true
    if (this.#endpoints.every(({ done, removed }) => done || removed)) this.#end({ kind: 'closed' })
  }

  /** Ends it at once because somebody no longer wants it. */
  cancel(reason: string): void {
    this.#end({ kind: 'cancelled', reason })
  }

  /** Ends it at once because somebody broke the protocol. */
  fault(reason: string): void {
    this.#end({ kind: 'faulted', reason })
  }

  /** How it ended, if it has. */
  get #ended(): EndStatus | undefined {
    return this.#status.kind === 'active' || this.#status.kind === 'draining' ? undefined : this.#status
  }

  /** How many messages of a role, or of all, nobody has taken yet. */
  underWay(from?: string): number {
    return this.#edges
      .values()
      .reduce((sum, edge) => sum + (from === undefined || edge.from === from ? Edge.bufferOf(edge).size : 0), 0)
  }

  /** Roles that have more to say or to hear. */
  get #unfinished(): string[] {
    return this.roles.filter((_, index) => this.#endpoints[index]?.atEnd === false)
  }

  #drained(): void {
    if (this.#status.kind === 'draining' && this.#unfinished.length === 0) this.#end({ kind: 'closed' })
  }

  #end(status: EndStatus): void {
    if (this.#ended) return
    const undelivered = this.underWay()
    const unfinished = status.kind === 'closed' ? this.#unfinished : []
    const { sid } = this
    const epoch = this.#epoch
    this.#status = status
    this.#epoch++
    this.#drain?.end()
    for (const edge of this.#edges.values()) Edge.bufferOf(edge).close()
    this.#host.ended(sid, status)
    // Told last, so that a listener that throws cannot keep a session half alive.
    const told: SessionEvent =
      status.kind === 'closed'
        ? { type: 'Closed', sid, epoch, undelivered, unfinished }
        : { type: status.kind === 'cancelled' ? 'Cancelled' : 'Faulted', sid, epoch, reason: status.reason }
    this.#host.tell(told, { type: 'EpochAdvanced', sid, epoch: this.#epoch })
  }

  #wantGoing(): void {
    if (this.#ended) throw endedError(this.sid, this.protocol, this.#ended)
  }

  #edge(from: string, to: string): Edge {
    const edge = this.#edges.get(edgeName(from, to))
    if (edge) return edge
    throw new SessionError('unknown-role', `Session ${this.sid} ("${this.protocol}") has no edge ${edgeName(from, to)}`)
  }

  /** What the payload's schema makes of it. Throws `invalid-payload`. */
  #read(from: string, label: string, { branch }: Allowed, payload: unknown): unknown {
    const parsed = readPayload(branch, payload)
    if (parsed.fault === undefined) return parsed.value
    throw this.#cannot('invalid-payload', from, `send "${label}": ${parsed.fault}`)
  }

  #verify(state: EndpointState, { signed }: Edge, message: EdgeMessage): void {
    state.busy = true
    try {
      signed?.verify(message, message.proof)
    } finally {
      state.busy = false
    }
    // A key may have ended the session.
    this.#wantGoing()
  }

  #put(state: EndpointState, edge: Edge, message: EdgeMessage, allowed: Allowed): SendOutcome {
    const buffer = Edge.bufferOf(edge)
    const before = buffer.capacity
    buffer.put(message)
    return this.#sent(state, edge, message, allowed, 'sent', buffer.capacity > before ? buffer.capacity : undefined)
  }

  #sent(
    state: EndpointState,
    { from, to }: Edge,
    { label }: EdgeMessage,
    { branch, scope, choice }: Allowed,
    outcome: SendOutcome,
    resizedTo?: number,
  ): SendOutcome {
    state.moveTo(branch.next, scope)
    // Who hears of it may act for this role again.
    state.busy = false
    const { sid } = this
    const facts = { sid, epoch: this.#epoch, from, to, label }
    const sent: SessionEvent = { type: 'Sent', ...facts }
    const resized: SessionEvent | undefined =
      resizedTo === undefined ? undefined : { type: 'Resized', sid, epoch: this.#epoch, from, to, capacity: resizedTo }
    if (choice) this.#host.tell({ type: 'Chose', ...facts }, sent, resized)
    else this.#host.tell(sent, resized)
    return outcome
  }

  #cannot(code: SessionError['code'], role: string, what: string, cause?: unknown): SessionError {
    return new SessionError(
      code,
      `Session ${this.sid} ("${this.protocol}"): ${role} cannot ${what}`,
      cause === undefined ? {} : { cause },
    )
  }
}
