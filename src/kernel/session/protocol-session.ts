import { messageOf } from '../coded-error.ts'
import { frozenCopy } from './auth/canonical-json.ts'
import type { LocalBranch } from '../protocol/local-type.ts'
import type { Scope } from '../protocol/unfold.ts'
import { Drain } from './drain.ts'
import { Edge, type EdgeMessage, edgeName, type EdgeName, type EdgeView } from './edge.ts'
import { type Allowed, type EndpointState, readPayload, unexpectedAction, wantAllowed } from './endpoint-state.ts'
import { admit, type OpenRequest } from './open-request.ts'
import type { SendOutcome, SessionHost } from './session-host.ts'
import { endedError, type EndStatus, SessionError } from './contract/session-error.ts'
import type { SessionEvent, SessionStatus } from './contract/session-event.ts'
import { SessionRoles } from './session-roles.ts'
import { unsaidBranch, type UnsaidKind, WaitingLimits } from './waiting-limits.ts'

const active: SessionStatus = { kind: 'active' }
const draining: SessionStatus = { kind: 'draining' }

/** One running conversation: its roles' types and the messages under way between them. */
export class ProtocolSession extends SessionRoles {
  readonly #edges: ReadonlyMap<EdgeName, Edge>
  readonly #host: SessionHost
  #status: SessionStatus = active
  #epoch = 0
  #drain: Drain | undefined
  #limits: WaitingLimits | undefined

  /** Throws the {@link SessionError} of `admit` and then leaves nothing behind. */
  constructor(sid: number, request: OpenRequest, host: SessionHost) {
    const edges = admit(request, host.checkedTypes)
    super(sid, request)
    this.#edges = edges
    this.#host = host
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

  removeEndpoint(role: string): void {
    this.idleEndpoint(role, 'be removed').removed = true
    this.#drained()
  }

  /**
   * A role is lost for good (crash-stop): nobody can act for it, what is sent to it is dropped, and who waits for it takes what
   * it had sent and then the branch for its loss. Throws `busy-endpoint`.
   */
  lose(role: string): void {
    this.#wantGoing()
    this.idleEndpoint(role, 'be lost').removed = true
    this.#limits?.end(role)
    for (const edge of this.#edges.values()) if (edge.from === role || edge.to === role) Edge.bufferOf(edge).wake()
    this.#host.tell({ type: 'Lost', sid: this.sid, epoch: this.#epoch, role })
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
    const refused = this.has(edge.to) ? Edge.refusalOf(edge, label) : 'dropped'
    if (refused) return refused === 'blocked' ? refused : this.#sent(state, edge, message, allowed, refused)
    const proven = signed ? { ...message, proof: signed.sign(message) } : message
    try {
      edge.handler(proven)
    } catch (error) {
      throw this.cannot('handler-refused', from, `send "${label}": ${messageOf(error)}`, error)
    }
    // A handler may have ended the session.
    this.#wantGoing()
    signed?.append(proven)
    if (edge.isOwed) return this.#drop(state, edge, message, allowed)
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
      throw this.cannot('stale-epoch', from, `send "${label}": it is of epoch ${epoch}, now is ${this.#epoch}`)
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
      if (refused) return this.#sent(state, edge, message, allowed, refused)
      return edge.isOwed ? this.#drop(state, edge, message, allowed) : this.#put(state, edge, message, allowed)
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
    if (!message) return this.#wait(state, edge)
    const allowed = wantAllowed(this, state, 'receive', from, message.label)
    if (edge.signed) this.#verify(state, edge, message)
    buffer.take()
    this.#limits?.end(to)
    state.moveTo(allowed.branch.next, allowed.scope)
    const facts = { sid: this.sid, epoch: this.#epoch, from, to, label: message.label }
    this.#drain?.taken(from, () => this.underWay(from))
    this.#host.tell({ type: 'Received', ...facts }, allowed.choice ? { type: 'Offered', ...facts } : undefined)
    this.#drained()
    return message
  }

  /** Nothing has come: it may be that nothing will, or that it is not waited for any longer. */
  #wait(state: EndpointState, edge: Edge): EdgeMessage | undefined {
    const { from } = edge
    const { role } = state
    const { local, scope } = state.head()
    if (local.kind !== 'receive' || local.from !== from) throw unexpectedAction(this, state, `receive from ${from}`)
    const loss = unsaidBranch(local, 'lost')
    const delay = unsaidBranch(local, 'late')
    const isThere = this.has(from)
    if (!isThere) edge.isOwed = false
    if (loss && !isThere) return this.#goWithout(state, loss, scope)
    if (delay && this.#limits?.isLate(role)) {
      edge.isOwed = isThere
      return this.#goWithout(state, delay, scope)
    }
    if (!isThere && !delay)
      throw this.cannot('lost-peer', role, `receive from ${from}: it is lost, and its type has no branch for that`)
    // It may have been lost otherwise, while nobody asked.
    const lose = () => this.has(from) && this.lose(from)
    if (loss?.lost?.afterMs !== undefined) this.#limit(role, 'lost', loss.lost.afterMs, lose)
    // What was late comes first, and is not late once more.
    if (delay?.late && !edge.isOwed) this.#limit(role, 'late', delay.late.afterMs, () => this.#late(edge))
    return undefined
  }

  #limit(role: string, kind: UnsaidKind, afterMs: number, expire: () => void): void {
    this.#limits ??= new WaitingLimits(this.#host.clock)
    this.#limits.begin(role, kind, afterMs, expire)
  }

  /** Whoever waits asks again, and goes on. */
  #late(edge: Edge): void {
    const { from, to } = edge
    Edge.bufferOf(edge).wake()
    this.#host.tell({ type: 'Late', sid: this.sid, epoch: this.#epoch, from, to })
  }

  #goWithout(state: EndpointState, { label, next }: LocalBranch, scope: Scope): EdgeMessage {
    this.#limits?.end(state.role)
    state.moveTo(next, scope)
    this.#drained()
    return { label, payload: undefined, epoch: this.#epoch }
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
    if (this.allDone) this.#end({ kind: 'closed' })
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

  #drained(): void {
    if (this.#status.kind === 'draining' && this.unfinished.length === 0) this.#end({ kind: 'closed' })
  }

  #end(status: EndStatus): void {
    if (this.#ended) return
    const undelivered = this.underWay()
    const unfinished = status.kind === 'closed' ? this.unfinished : []
    const { sid } = this
    const epoch = this.#epoch
    this.#status = status
    this.#epoch++
    this.#drain?.end()
    this.#limits?.endAll()
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
    throw this.cannot('invalid-payload', from, `send "${label}": ${parsed.fault}`)
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

  /** A message that was late: its receiver has gone on without it. */
  #drop(state: EndpointState, edge: Edge, message: EdgeMessage, allowed: Allowed): SendOutcome {
    edge.isOwed = false
    // For the next one there may be a time limit, which begins now.
    Edge.bufferOf(edge).wake()
    return this.#sent(state, edge, message, allowed, 'dropped')
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
}
