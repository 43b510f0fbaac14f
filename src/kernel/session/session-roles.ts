import { EndpointState } from './endpoint-state.ts'
import type { Owner } from './endpoint.ts'
import type { OpenRequest } from './open-request.ts'
import { SessionError } from './contract/session-error.ts'

/** Who takes part in a session, and where each of them is. */
export class SessionRoles {
  readonly sid: number
  readonly protocol: string
  readonly roles: readonly string[]
  /** One for each role, in the same order. */
  readonly #endpoints: readonly EndpointState[]

  /** The request was admitted. */
  constructor(sid: number, request: OpenRequest) {
    this.sid = sid
    this.protocol = request.protocol
    this.roles = Object.freeze([...request.roles])
    this.#endpoints = request.roles.map((_, index) => new EndpointState(request, index))
  }

  /** Who owns an endpoint of it, removed ones included, once for each. */
  get owners(): readonly Owner[] {
    return this.#endpoints.map(({ owner }) => owner)
  }

  /** Roles that have more to say or to hear. */
  get unfinished(): string[] {
    return this.#endpoints.flatMap(({ role, atEnd }) => (atEnd ? [] : [role]))
  }

  /** Whether all have said that they are done, or are gone. */
  get allDone(): boolean {
    return this.#endpoints.every(({ done, removed }) => done || removed)
  }

  /** Whether `role` has an endpoint that was not removed. */
  has(role: string): boolean {
    return this.#endpoints[this.roles.indexOf(role)]?.removed === false
  }

  /** The endpoint of a role. Throws `unknown-role`, or `removed-endpoint` after it was removed or lost. */
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
    throw this.cannot('busy-endpoint', role, `${what}: it is in the middle of another action`)
  }

  /** The error of a role that cannot do something. */
  protected cannot(code: SessionError['code'], role: string, what: string, cause?: unknown): SessionError {
    return new SessionError(
      code,
      `Session ${this.sid} ("${this.protocol}"): ${role} cannot ${what}`,
      cause === undefined ? {} : { cause },
    )
  }
}
