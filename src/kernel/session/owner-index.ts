import type { Owner } from './endpoint.ts'
import type { ProtocolSession } from './protocol-session.ts'

/** Which sessions somebody owns an endpoint of. */
export class OwnerIndex {
  readonly #sessions = new Map<Owner, Set<ProtocolSession>>()

  constructor(sessions: Iterable<ProtocolSession>) {
    for (const session of sessions) this.add(session)
  }

  add(session: ProtocolSession): void {
    for (const owner of session.owners) this.give(session, owner)
  }

  delete(session: ProtocolSession): void {
    for (const owner of session.owners) this.#drop(session, owner)
  }

  give(session: ProtocolSession, to: Owner): void {
    this.#sessions.set(to, (this.#sessions.get(to) ?? new Set<ProtocolSession>()).add(session))
  }

  /** `from` has handed over an endpoint of the session, and may have others. */
  take(session: ProtocolSession, from: Owner): void {
    if (!session.owners.includes(from)) this.#drop(session, from)
  }

  of(owner: Owner): Iterable<ProtocolSession> {
    return this.#sessions.get(owner) ?? []
  }

  #drop(session: ProtocolSession, owner: Owner): void {
    const sessions = this.#sessions.get(owner)
    sessions?.delete(session)
    if (sessions?.size === 0) this.#sessions.delete(owner)
  }
}
