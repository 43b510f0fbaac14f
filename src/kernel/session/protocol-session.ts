import type { Clock, Timer } from '../clock.ts'
import { messageOf } from '../coded-error.ts'
import type { LocalBranch, LocalType } from '../protocol/local-type.ts'
import { findFault } from '../protocol/schema.ts'
import { emptyScope, type Point, unfoldIfVarWithScope } from '../protocol/unfold.ts'
import { type Edge, type EdgeMessage, edgeName, type EdgeName } from './edge.ts'
import { admit, type OpenRequest, type Owner } from './open-request.ts'
import { SessionError } from './session-error.ts'
import type { SessionEvent, SessionStatus } from './session-event.ts'

/** One role's end: the type it was opened with, where it is now, and who may act for it. */
export interface EndpointState {
  original: LocalType
  current: Point
  owner: Owner
}

/** What became of a send: `blocked` means that nothing happened, because the edge is full. */
export type SendOutcome = 'sent' | 'dropped' | 'blocked'

const active: SessionStatus = { kind: 'active' }

/** One running conversation: its roles' types and the messages under way between them. */
export class ProtocolSession {
  readonly sid: number
  readonly protocol: string
  readonly roles: readonly string[]
  readonly edges: ReadonlyMap<EdgeName, Edge>
  /** One for each role, in the same order; undefined when it was removed. */
  readonly #endpoints: (EndpointState | undefined)[]
  readonly #clock: Clock
  readonly #emit: (event: SessionEvent) => void
  readonly #onEnded: () => void
  #status: SessionStatus = active
  #epoch = 0
  #drain: { readonly deadline: Timer; readonly ended: PromiseWithResolvers<void> } | undefined

  /** Throws the {@link SessionError} of `admit` and then leaves nothing behind. */
  constructor(
    sid: number,
    request: OpenRequest,
    clock: Clock,
    emit: (event: SessionEvent) => void,
    onEnded: () => void,
  ) {
    this.edges = admit(request)
    this.sid = sid
    this.protocol = request.protocol
    this.roles = [...request.roles]
    this.#clock = clock
    this.#emit = emit
    this.#onEnded = onEnded
    this.#endpoints = request.localTypes.map((original, index) => ({
      original,
      current: { local: original, scope: emptyScope },
      owner: request.owners[index] as Owner,
    }))
    emit({ type: 'Opened', sid, epoch: this.#epoch, roles: this.roles })
  }

  get status(): SessionStatus {
    return this.#status
  }

  get epoch(): number {
    return this.#epoch
  }

  /** Whether `role` has an endpoint that was not removed. */
  has(role: string): boolean {
    return this.#endpoints[this.roles.indexOf(role)] !== undefined
  }

  /** The endpoint of a role. Throws `unknown-role`, or `removed-endpoint` after `removeEndpoint`. */
  endpoint(role: string): EndpointState {
    const state = this.#endpoints[this.roles.indexOf(role)]
    if (state) return state
    const code = this.roles.includes(role) ? 'removed-endpoint' : 'unknown-role'
    throw new SessionError(code, `Session ${this.sid} ("${this.protocol}") has no endpoint of role "${role}"`)
  }

  removeEndpoint(role: string): void {
    this.endpoint(role)
    this.#endpoints[this.roles.indexOf(role)] = undefined
  }

  /** Sends a message. Throws a {@link SessionError} when the type of `from` does not allow it; then nothing has changed. */
  send(from: string, to: string, label: string, payload: unknown): SendOutcome {
    const allowed = this.#sendable(from, to, label, payload)
    const edge = this.#edge(from, to)
    const message = { label, payload, epoch: this.#epoch }
    // Asked first, so that nothing is signed or carried away that then finds no room.
    const refused = edge.buffer.isFull ? edge.buffer.put(message) : undefined
    if (refused) return refused === 'full' ? 'blocked' : this.#sent(edge, message, allowed, 'dropped')
    const proof = edge.signed?.sign(message)
    const signed = proof ? { ...message, proof } : message
    try {
      edge.handler(signed)
    } catch (error) {
      throw new SessionError('handler-refused', `${this.#at(from)} cannot send "${label}": ${messageOf(error)}`, {
        cause: error,
      })
    }
    return this.#accept(edge, signed, allowed)
  }

  /**
   * Takes in a message that `from` sent in another process, as if it had been sent here. Throws a {@link SessionError}:
   * `stale-epoch` for one of an epoch that is over, `forged` for one whose proof is wrong, and what `send` throws. Then
   * nothing has changed. `blocked` means that it has to be delivered again.
   */
  deliver(from: string, to: string, message: EdgeMessage): SendOutcome {
    if (message.epoch !== this.#epoch) {
      throw new SessionError(
        'stale-epoch',
        `${this.#at(from)} cannot send "${message.label}": it is of epoch ${message.epoch}, now is ${this.#epoch}`,
      )
    }
    const allowed = this.#sendable(from, to, message.label, message.payload)
    const edge = this.#edge(from, to)
    if (edge.buffer.isFull && edge.buffer.put(message) === 'full') return 'blocked'
    return this.#accept(edge, message, allowed)
  }

  /** Takes the next message of an edge, or undefined when none has come. Throws when the type of `to` does not allow it. */
  receive(to: string, from: string): EdgeMessage | undefined {
    this.#want(['active', 'draining'], 'receive')
    const edge = this.#edge(from, to)
    const message = edge.buffer.peek()
    const { local } = this.#head(to)
    if (!message) {
      if (local.kind === 'receive' && local.from === from) return undefined
      throw this.#unexpected(to, `receive from ${from}`)
    }
    const { branch, choice } = this.#allowed(to, 'receive', from, message.label)
    edge.buffer.take()
    this.#advance(to, branch)
    const facts = { sid: this.sid, epoch: this.#epoch, from, to, label: message.label }
    this.#emit({ type: 'Received', ...facts })
    if (choice) this.#emit({ type: 'Offered', ...facts })
    this.#finishDrain()
    return message
  }

  /**
   * Closes: refuses further sends and delivers what is under way, until nothing is left or `drainMs` have passed.
   * Resolves when the session has ended. Further calls wait for the same end.
   */
  close(drainMs: number): Promise<void> {
    if (this.#drain) return this.#drain.ended.promise
    if (this.#status.kind !== 'active') return Promise.resolve()
    if (this.#underWay === 0) {
      this.#end({ kind: 'closed' })
      return Promise.resolve()
    }
    this.#status = { kind: 'draining' }
    this.#drain = {
      deadline: this.#clock.after(drainMs, () => this.#end({ kind: 'closed' })),
      ended: Promise.withResolvers<void>(),
    }
    return this.#drain.ended.promise
  }

  /** Ends it at once because somebody no longer wants it. */
  cancel(reason: string): void {
    this.#end({ kind: 'cancelled', reason })
  }

  /** Ends it at once because somebody broke the protocol. */
  fault(reason: string): void {
    this.#end({ kind: 'faulted', reason })
  }

  get #underWay(): number {
    return this.edges.values().reduce((sum, edge) => sum + edge.buffer.size, 0)
  }

  #finishDrain(): void {
    if (this.#status.kind === 'draining' && this.#underWay === 0) this.#end({ kind: 'closed' })
  }

  #end(status: SessionStatus & { kind: 'closed' | 'cancelled' | 'faulted' }): void {
    if (this.#status.kind !== 'active' && this.#status.kind !== 'draining') return
    const undelivered = this.#underWay
    const { sid } = this
    const epoch = this.#epoch
    this.#status = status
    this.#epoch++
    this.#drain?.deadline.cancel()
    this.#drain?.ended.resolve()
    for (const edge of this.edges.values()) edge.buffer.close()
    this.#onEnded()
    // Told last, so that a listener that throws cannot keep a session half alive.
    if (status.kind === 'closed') this.#emit({ type: 'Closed', sid, epoch, undelivered })
    if (status.kind === 'cancelled') this.#emit({ type: 'Cancelled', sid, epoch, reason: status.reason })
    if (status.kind === 'faulted') this.#emit({ type: 'Faulted', sid, epoch, reason: status.reason })
    this.#emit({ type: 'EpochAdvanced', sid, epoch: this.#epoch })
  }

  #want(kinds: readonly SessionStatus['kind'][], what: string): void {
    if (kinds.includes(this.#status.kind)) return
    throw new SessionError(
      'not-active',
      `Cannot ${what}: session ${this.sid} ("${this.protocol}") is ${this.#status.kind}`,
    )
  }

  /** The action that a role is at, with all names in front resolved. */
  #head(role: string): Point {
    return unfoldIfVarWithScope(this.endpoint(role).current)
  }

  #allowed(
    role: string,
    kind: 'send' | 'receive',
    peer: string,
    label: string,
  ): { branch: LocalBranch; choice: boolean } {
    const { local } = this.#head(role)
    const partner = local.kind === 'send' ? local.to : local.kind === 'receive' ? local.from : undefined
    if (local.kind === kind && partner === peer) {
      const branch = local.branches.find((each) => each.label === label)
      if (branch) return { branch, choice: local.branches.length > 1 }
    }
    throw this.#unexpected(role, `${kind} "${label}" ${kind === 'send' ? 'to' : 'from'} ${peer}`)
  }

  #unexpected(role: string, what: string): SessionError {
    const { local } = this.#head(role)
    const wanted =
      local.kind === 'send' || local.kind === 'receive'
        ? `${local.kind} ${local.branches.map((branch) => `"${branch.label}"`).join(' or ')} ${local.kind === 'send' ? `to ${local.to}` : `from ${local.from}`}`
        : 'nothing more'
    return new SessionError('unexpected-action', `${this.#at(role)} cannot ${what}: its type allows ${wanted}`)
  }

  #advance(role: string, branch: LocalBranch): void {
    const state = this.endpoint(role)
    state.current = { local: branch.next, scope: unfoldIfVarWithScope(state.current).scope }
  }

  #edge(from: string, to: string): Edge {
    const edge = this.edges.get(edgeName(from, to))
    if (edge) return edge
    throw new SessionError('unknown-role', `Session ${this.sid} ("${this.protocol}") has no edge ${edgeName(from, to)}`)
  }

  /** What `from` may send, checked whole before anything is done. */
  #sendable(from: string, to: string, label: string, payload: unknown): Allowed {
    this.#want(['active'], `send "${label}"`)
    const allowed = this.#allowed(from, 'send', to, label)
    const fault = findFault(allowed.branch.payload, payload)
    if (fault) throw new SessionError('invalid-payload', `${this.#at(from)} cannot send "${label}": ${fault}`)
    return allowed
  }

  #accept(edge: Edge, message: EdgeMessage, allowed: Allowed): SendOutcome {
    edge.signed?.accept(message, message.proof)
    return this.#sent(edge, message, allowed, edge.buffer.put(message) === 'dropped' ? 'dropped' : 'sent')
  }

  #sent({ from, to }: Edge, { label }: EdgeMessage, { branch, choice }: Allowed, outcome: SendOutcome): SendOutcome {
    this.#advance(from, branch)
    const facts = { sid: this.sid, epoch: this.#epoch, from, to, label }
    if (choice) this.#emit({ type: 'Chose', ...facts })
    this.#emit({ type: 'Sent', ...facts })
    return outcome
  }

  #at(role: string): string {
    return `Session ${this.sid} ("${this.protocol}"): ${role}`
  }
}

/** A step that a type allows: the branch it takes, and whether there were others. */
interface Allowed {
  readonly branch: LocalBranch
  readonly choice: boolean
}
