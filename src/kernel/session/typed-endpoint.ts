import type { Body } from '../protocol/notation.ts'
import type { Protocol } from '../protocol/protocol.ts'
import type { ActionAt, EndAction, PointType, ReceiveAction, SendAction, StartOf } from '../protocol/typed-local.ts'
import { type Point, unfoldIfVarWithScope } from '../protocol/unfold.ts'
import type { SessionAuth } from './auth/signed-edge.ts'
import type { BufferConfig } from '../bounded-buffer.ts'
import { type EdgeHandler, type EdgeName, edgesOf, passThrough, valueOf } from './edge.ts'
import { describeAllowed } from './endpoint-state.ts'
import { SessionError } from './contract/session-error.ts'
import type { Endpoint } from './endpoint.ts'
import type { SessionStore } from './session-store.ts'

/**
 * A role's end of a conversation of which the compiler knows where it is: it offers what the protocol allows next and
 * nothing else. Each action gives the endpoint for the next one and spends this one: using it again rejects with
 * `endpoint-spent`. An action that rejects has changed nothing and may be tried again.
 */
export type TypedEndpoint<P extends PointType, R extends string> = EndpointFor<ActionAt<P, R>, R>

type EndpointFor<A, R extends string> = [A] extends [SendAction<string, unknown>]
  ? Sender<A, R>
  : [A] extends [ReceiveAction<string, unknown>]
    ? Receiver<A, R>
    : [A] extends [EndAction]
      ? Ended
      : never

interface Cancellable {
  /** Ends the session at once for all its roles, with a reason. Does nothing when it has ended. */
  cancel(reason: string): void
}

interface Sender<A, R extends string> extends Cancellable {
  /** Sends one of the messages allowed here; waits while the edge is full. Rejects with a {@link SessionError}. */
  send<Label extends LabelOf<A>>(
    label: Label,
    ...payload: PayloadArgument<WayOf<A, Label>>
  ): Promise<NextOf<A, Label, R>>
}

interface Receiver<A, R extends string> extends Cancellable {
  /**
   * Waits for the next message. Rejects with a {@link SessionError} when the session ends first, which says how it ended.
   * Where more than one may come, `label` tells which it was: look at it before using the payload or the endpoint.
   */
  receive(): Promise<OutcomeOf<A, R>>
  /**
   * Waits for the next message and gives it to the case of its label. Each label has to have its case; rejects with
   * `missing-branch`, before anything was received, where the compiler was overruled.
   */
  match<const Cases extends CasesOf<A, R>>(cases: Cases): Promise<Awaited<ResultOf<Cases>>>
}

/** One function for each label that may come. */
type CasesOf<A, R extends string> = {
  readonly [Label in LabelOf<A>]: CaseOf<WayOf<A, Label>, R>
}
type CaseOf<Way, R extends string> = Way extends { payload: infer Payload; next: infer P extends PointType }
  ? (payload: Payload, endpoint: TypedEndpoint<P, R>) => unknown
  : never
type ResultOf<Cases> = {
  [Label in keyof Cases]: Cases[Label] extends (...args: never) => infer T ? T : never
}[keyof Cases]

/** Nothing more is to be said. */
export interface Ended extends Cancellable {
  /**
   * Says that this role is done. Resolves when the others have taken what it sent; the session ends when all have come to
   * their ends, or when the time to drain is over. See `SessionStore.close`.
   */
  close(): Promise<void>
}

type WaysOf<A> = A extends SendAction<string, infer Ways> | ReceiveAction<string, infer Ways> ? Ways : never
type LabelOf<A> = WaysOf<A> extends infer Ways ? (Ways extends unknown ? keyof Ways & string : never) : never
type WayOf<A, Label> =
  WaysOf<A> extends infer Ways
    ? Ways extends unknown
      ? Label extends keyof Ways
        ? Ways[Label]
        : never
      : never
    : never
type PayloadArgument<Way> = Way extends { input: infer Input }
  ? [Input] extends [undefined]
    ? []
    : [payload: Input]
  : never
type NextOf<A, Label, R extends string> =
  WayOf<A, Label> extends infer Way
    ? Way extends { next: infer P extends PointType }
      ? TypedEndpoint<P, R>
      : never
    : never
type OutcomeOf<A, R extends string> = { [Label in LabelOf<A>]: Outcome<Label, WayOf<A, Label>, R> }[LabelOf<A>]
type Outcome<Label, Way, R extends string> = Way extends { payload: infer Payload; next: infer P extends PointType }
  ? { readonly label: Label; readonly payload: Payload; readonly endpoint: TypedEndpoint<P, R> }
  : never

/** The endpoints of all roles of a protocol at its start. */
export type TypedEndpoints<Roles extends readonly string[], B extends Body> = {
  readonly [R in Roles[number]]: TypedEndpoint<StartOf<B>, R>
}

/** Handlers of the edges that are not simply to pass on; see `OpenRequest` for the rest. */
interface TypedOptions {
  readonly handlers?: ReadonlyMap<EdgeName, EdgeHandler>
  readonly buffers?: ReadonlyMap<EdgeName, BufferConfig>
  readonly auth?: SessionAuth
}

/** Opens a session of `protocol` with all its roles in this process. Throws what `SessionStore.open` throws. */
export function openTyped<const Roles extends readonly string[], const B extends Body>(
  store: SessionStore,
  protocol: Protocol<Roles, B>,
  options: TypedOptions = {},
): TypedEndpoints<Roles, B> {
  const locals: Readonly<Record<string, (typeof protocol.locals)[Roles[number]]>> = protocol.locals
  const { handlers = [], ...rest } = options
  const edges = Object.entries(locals).flatMap(([role, local]) => [...edgesOf(role, local).keys()])
  const opened = store.open({
    protocol: protocol.name,
    roles: protocol.roles,
    localTypes: protocol.roles.map((role) => locals[role] ?? { kind: 'end' }),
    owners: protocol.roles,
    handlers: new Map([...edges.map((edge) => [edge, passThrough] as const), ...handlers]),
    ...rest,
  })
  const endpoints = Object.fromEntries(opened.map((endpoint) => [endpoint.role, new Actor(store, endpoint)]))
  // The types above describe what Actor does at each point; only the run-time check can follow it there.
  return endpoints as unknown as TypedEndpoints<Roles, B>
}

/** Acts for an endpoint once. */
class Actor {
  readonly #store: SessionStore
  readonly #endpoint: Endpoint
  #spent = false

  constructor(store: SessionStore, endpoint: Endpoint) {
    this.#store = store
    this.#endpoint = endpoint
  }

  async send(label: string, payload?: unknown): Promise<Actor> {
    const partner = this.#spend('send')
    await this.#until(this.#endpoint.role, partner, () => {
      const outcome = this.#store.send(this.#endpoint, partner, label, payload)
      return outcome === 'blocked' ? undefined : outcome
    })
    return new Actor(this.#store, this.#endpoint)
  }

  async receive(): Promise<{ label: string; payload: unknown; endpoint: Actor }> {
    const partner = this.#spend('receive')
    const message = await this.#until(partner, this.#endpoint.role, () => this.#store.receive(this.#endpoint, partner))
    return { label: message.label, payload: valueOf(message), endpoint: new Actor(this.#store, this.#endpoint) }
  }

  async match(cases: Readonly<Record<string, (payload: unknown, endpoint: Actor) => unknown>>): Promise<unknown> {
    const { local } = this.#head('match')
    const labels = local.kind === 'receive' ? local.branches.map((branch) => branch.label) : []
    const missing = labels.find((label) => !Object.hasOwn(cases, label))
    if (missing !== undefined) {
      throw new SessionError('missing-branch', `Cannot match as "${this.#endpoint.role}": "${missing}" has no case`)
    }
    const { label, payload, endpoint } = await this.receive()
    return cases[label]?.(payload, endpoint)
  }

  async close(): Promise<void> {
    if (this.#store.isOpen(this.#endpoint)) this.#spend('end')
    await this.#store.close(this.#endpoint, this.#endpoint.role)
  }

  cancel(reason: string): void {
    if (this.#store.isOpen(this.#endpoint)) this.#store.cancel(this.#endpoint, this.#endpoint.role, reason)
  }

  /** The partner of the next action, if this endpoint has not acted and the action is of that kind. */
  #spend(kind: 'send' | 'receive' | 'end'): string {
    const what = kind === 'end' ? 'close' : kind
    const { local } = this.#head(what)
    if (local.kind !== kind) {
      throw new SessionError(
        'unexpected-action',
        `Cannot ${what} as "${this.#endpoint.role}": its type allows ${describeAllowed(local)}`,
      )
    }
    // Who is done may say so more than once.
    this.#spent = kind !== 'end'
    if (local.kind === 'send') return local.to
    return local.kind === 'receive' ? local.from : ''
  }

  #head(what: string): Point {
    if (this.#spent) {
      throw new SessionError(
        'endpoint-spent',
        `Cannot ${what}: this endpoint of "${this.#endpoint.role}" has acted, use the one its action gave`,
      )
    }
    return unfoldIfVarWithScope(this.#store.lookupType(this.#endpoint))
  }

  /** Tries an action again at each change of its edge, until it has an outcome. */
  async #until<T>(from: string, to: string, act: () => T | undefined): Promise<T> {
    try {
      for (;;) {
        const outcome = act()
        if (outcome !== undefined) return outcome
        await this.#changed(from, to)
      }
    } catch (error) {
      // Nothing has changed, unless only the news of it failed.
      this.#spent = error instanceof SessionError && error.code === 'listener-failed'
      throw error
    }
  }

  #changed(from: string, to: string): Promise<void> {
    const edge = this.#store.session(this.#endpoint).edges.get(`${from}->${to}`)
    return edge ? edge.buffer.changed() : Promise.resolve()
  }
}
