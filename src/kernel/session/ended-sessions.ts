import type { Clock } from '../clock.ts'
import type { EndStatus } from './contract/session-error.ts'

/** What is still known of a session that has ended. */
export interface EndedSession {
  readonly protocol: string
  readonly status: EndStatus
  readonly endedAtMs: number
}

/** The sessions that ended last: at most so many, and none for longer than so long. */
export class EndedSessions {
  readonly #clock: Clock
  readonly #most: number
  readonly #keepMs: number
  /** Oldest first. */
  readonly #kept = new Map<number, EndedSession>()

  constructor(clock: Clock, most: number, keepMs: number) {
    this.#clock = clock
    this.#most = most
    this.#keepMs = keepMs
  }

  add(sid: number, protocol: string, status: EndStatus): void {
    this.#kept.set(sid, { protocol, status, endedAtMs: this.#clock.nowMs() })
    this.#forget()
  }

  get(sid: number): EndedSession | undefined {
    this.#forget()
    return this.#kept.get(sid)
  }

  #forget(): void {
    const oldestMs = this.#clock.nowMs() - this.#keepMs
    for (const [sid, { endedAtMs }] of this.#kept) {
      if (this.#kept.size <= this.#most && endedAtMs > oldestMs) return
      this.#kept.delete(sid)
    }
  }
}
