import type { Member } from '../../domain/member.ts'

/** Ends one connection of a member whose right to be here has gone. */
export type EndConnection = () => void

/** The connections, sockets and event streams that are open now, by the member who opened them and the device that they came on. */
export class LiveConnections {
  readonly #connections = new Map<string, { member: Member; readonly ends: Set<EndConnection> }>()

  /** Members with at least one connection, once for each of their devices. */
  get members(): readonly Member[] {
    return [...this.#connections.values()].map(({ member }) => member)
  }

  /** Adds a connection; the returned function takes it out again and is idempotent. */
  add(member: Member, end: EndConnection): () => void {
    const key = keyOf(member)
    const own = this.#connections.get(key) ?? { member, ends: new Set() }
    this.#connections.set(key, own)
    const entry = () => end()
    own.ends.add(entry)
    return () => {
      own.ends.delete(entry)
      if (own.ends.size === 0 && this.#connections.get(key) === own) this.#connections.delete(key)
    }
  }

  /** A member may do something else from now on. */
  change(member: Member): void {
    const own = this.#connections.get(keyOf(member))
    if (own) own.member = member
  }

  /** Ends all connections of a member on the device that they came on. */
  end(member: Member): void {
    for (const end of this.#connections.get(keyOf(member))?.ends ?? []) end()
  }
}

/** A member on one of their kept devices, or on any other. */
export function keyOf({ id, device }: Member): string {
  return `${id} ${device?.id ?? ''}`
}
