import { createHash } from 'node:crypto'
import type { Clock } from '../../kernel/clock.ts'

interface Entry<Grant> {
  readonly grant: Grant
  readonly expiresAtMs: number
}

/** Opening a WebSocket takes a few round trips. */
const lifetimeMs = 10_000
const ticketBytes = 32

/** Who may open a media socket: each ticket once, soon, and for one thing. Only the hash of a ticket is kept. */
export class MediaTickets<Grant> {
  readonly #clock: Clock
  readonly #randomBytes: (count: number) => Uint8Array
  readonly #entries = new Map<string, Entry<Grant>>()

  constructor(options: { clock: Clock; randomBytes: (count: number) => Uint8Array }) {
    this.#clock = options.clock
    this.#randomBytes = options.randomBytes
  }

  /** Tickets that can still be used. */
  get size(): number {
    this.#forgetExpired()
    return this.#entries.size
  }

  /** A new ticket. Whoever asks keeps to one at a time, by taking back the one before. */
  issue(grant: Grant): { readonly ticket: string; readonly takeBack: () => void } {
    this.#forgetExpired()
    const ticket = Buffer.from(this.#randomBytes(ticketBytes)).toString('base64url')
    const key = hash(ticket)
    this.#entries.set(key, { grant, expiresAtMs: this.#clock.nowMs() + lifetimeMs })
    return { ticket, takeBack: () => void this.#entries.delete(key) }
  }

  /** What the ticket is good for; it is good no more. */
  redeem(ticket: string): Grant | undefined {
    this.#forgetExpired()
    const key = hash(ticket)
    const entry = this.#entries.get(key)
    this.#entries.delete(key)
    return entry?.grant
  }

  /** They expire in the order in which they were issued. */
  #forgetExpired(): void {
    const nowMs = this.#clock.nowMs()
    for (const [key, { expiresAtMs }] of this.#entries) {
      if (expiresAtMs > nowMs) return
      this.#entries.delete(key)
    }
  }
}

/** Looked up by it: how long that takes tells nothing about the tickets. */
function hash(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64')
}
