import { messageOf } from '../../kernel/coded-error.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Host } from '../../host/contract/host.ts'
import type { Member } from '../../domain/member.ts'
import type { Doorkeeper } from './doorkeeper.ts'
import { keyOf, type LiveConnections } from './live-connections.ts'

/** How long a member may stay, or keep a role, after an expiry or a change by another process. */
export const departureCheckMs = 1000

/**
 * Shows members out whose token was revoked, has expired or was replaced: their connections are closed and their
 * sessions destroyed; of one whose device was revoked, those that came on it. Members whose role was changed get the new one where they are. One look a second covers it all,
 * whichever process did it.
 */
export class Departures implements Disposable {
  readonly #doorkeeper: Doorkeeper
  readonly #connections: LiveConnections
  readonly #host: Host
  readonly #onScope: (member: Member) => void
  readonly #log: Log
  readonly #timer: { cancel(): void }

  constructor(options: {
    doorkeeper: Doorkeeper
    connections: LiveConnections
    host: Host
    /** A member who is here has to do with other lobbies from now on. */
    onScope: (member: Member) => void
    clock: Clock
    log: Log
  }) {
    this.#doorkeeper = options.doorkeeper
    this.#connections = options.connections
    this.#host = options.host
    this.#onScope = options.onScope
    this.#log = options.log
    this.#timer = options.clock.every(departureCheckMs, () => void this.check())
  }

  /** Looks at everybody who is here now. Never rejects. */
  async check(): Promise<void> {
    const present = new Map(this.#connections.members.map((member) => [keyOf(member), member]))
    for (const { member } of this.#host.sessions.values()) present.set(keyOf(member), member)
    try {
      for (const member of present.values()) {
        const now = await this.#doorkeeper.asOfNow(member)
        if (!now) this.#showOut(member)
        else this.#change(member, now)
      }
    } catch (error) {
      this.#log.error('Cannot tell who may still be here', { error: messageOf(error) })
    }
  }

  #change(before: Member, now: Member): void {
    const isSameScope = String(now.lobbies) === String(before.lobbies)
    if (now.role === before.role && isSameScope) return
    this.#connections.change(now)
    this.#host.changeRole(now.id, now.role)
    if (isSameScope) return
    this.#host.changeScope(now.id, now.lobbies)
    this.#onScope(now)
  }

  #showOut(member: Member): void {
    this.#log.info('A member has no right to be here any more', { memberId: member.id, deviceId: member.device?.id })
    this.#connections.end(member)
    for (const session of this.#host.sessions.values()) {
      if (keyOf(session.member) === keyOf(member)) void session.close('revoked')
    }
  }

  [Symbol.dispose](): void {
    this.#timer.cancel()
  }
}
