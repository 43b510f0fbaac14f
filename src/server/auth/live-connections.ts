import type { Member } from '../../domain/member.ts'

/** Ends one connection of a member whose right to be here has gone. */
export type EndConnection = () => void

/** The connections, sockets and event streams that are open now, by the member who opened them. */
export class LiveConnections {
  readonly #connections = new Map<string, { member: Member; readonly ends: Set<EndConnection> }>()

  /** Members with at least one connection. */
  get members(): readonly Member[] {
    return [...this.#connections.values()].map(({ member }) => member)
  }

  /** Adds a connection; the returned function takes it out again and is idempotent. */
  add(member: Member, end: EndConnection): () => void {
    const own = this.#connections.get(member.id) ?? { member, ends: new Set() }
    this.#connections.set(member.id, own)
    const entry = () => end()
    own.ends.add(entry)
    return () => {
      own.ends.delete(entry)
      if (own.ends.size === 0 && this.#connections.get(member.id) === own) this.#connections.delete(member.id)
    }
  }

  /** A member has to do with other lobbies from now on. */
  change(member: Member): void {
    const own = this.#connections.get(member.id)
    if (own) own.member = member
  }

  /** Ends all connections of a member. */
  end(memberId: string): void {
    for (const end of this.#connections.get(memberId)?.ends ?? []) end()
  }
}
