import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import type { Unsubscribe } from '../../kernel/readable.ts'
import type { MemberWord } from '../../wire/party/members.ts'
import type { MemberListener } from '../contract/party-membership.ts'

/** Who listens to members, whichever party this machine is in. */
export class MemberListeners {
  readonly #listeners = new Set<MemberListener>()
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  get size(): number {
    return this.#listeners.size
  }

  add(listener: MemberListener): Unsubscribe {
    const entry = { ...listener }
    this.#listeners.add(entry)
    return () => void this.#listeners.delete(entry)
  }

  met(peerId: string): void {
    for (const { met } of this.#listeners) this.#guard('met', () => met?.(peerId))
  }

  doubted(peerId: string): void {
    for (const { doubted } of this.#listeners) this.#guard('doubted', () => doubted?.(peerId))
  }

  said(peerId: string, word: MemberWord): void {
    for (const listener of this.#listeners) {
      const hear = listener[word.type] as ((peerId: string, word: MemberWord) => void) | undefined
      if (hear) this.#guard(word.type, () => hear(peerId, word))
    }
  }

  #guard(what: string, deed: () => void): void {
    try {
      deed()
    } catch (error) {
      this.#log.error('A listener of the party failed', { what, error: messageOf(error) })
    }
  }
}
