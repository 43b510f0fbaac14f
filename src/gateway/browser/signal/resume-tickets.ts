import { createHash, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../../kernel/clock.ts'

/** What a valid ticket gives back. */
export type ResumeTicket =
  /** Its conversation is lost: the session was in this lobby, or in none. */
  | { readonly kind: 'lost'; readonly lobbyId: string | undefined }
  /** Its conversation still stands, as far as this end knows. It gives the session up and tells its lobby. */
  | { readonly kind: 'held'; readonly surrender: () => Promise<string | undefined> }

interface Entry {
  readonly tokenHash: Uint8Array
  readonly memberId: string
  readonly ticket: ResumeTicket
  /** Undefined while the conversation stands. */
  readonly expiresAtMs: number | undefined
}

const lifetimeMs = 60_000
/** Lost sessions that are remembered at most; the oldest give way. */
const maxLost = 1024
const tokenBytes = 32

/**
 * Who may come back to which session. A ticket belongs to one session and one member, is good for one use and, once the
 * conversation is lost, for a minute. Only the hash of its token is kept.
 */
export class ResumeTickets {
  readonly #clock: Clock
  readonly #randomBytes: (count: number) => Uint8Array
  readonly #held = new Map<string, Entry>()
  readonly #lost = new Map<string, Entry>()

  constructor(options: { clock: Clock; randomBytes: (count: number) => Uint8Array }) {
    this.#clock = options.clock
    this.#randomBytes = options.randomBytes
  }

  /** Lost sessions that can still be asked for. */
  get lost(): number {
    this.#forgetExpired()
    return this.#lost.size
  }

  /** A new token for a session whose conversation stands; an older one is good no more. */
  issue(session: { id: string; memberId: string }, surrender: () => Promise<string | undefined>): string {
    const token = Buffer.from(this.#randomBytes(tokenBytes)).toString('base64url')
    const { id, memberId } = session
    this.#lost.delete(id)
    this.#held.set(id, {
      tokenHash: hash(token),
      memberId,
      ticket: { kind: 'held', surrender },
      expiresAtMs: undefined,
    })
    return token
  }

  /** The conversation of a session is lost; its ticket is good for a minute from now. */
  keep(sessionId: string, lobbyId: string | undefined): void {
    const entry = this.#held.get(sessionId)
    if (!entry) return
    this.#held.delete(sessionId)
    this.#remember(sessionId, entry, lobbyId)
  }

  /** Nobody comes back to this session. */
  drop(sessionId: string): void {
    this.#held.delete(sessionId)
    this.#lost.delete(sessionId)
  }

  /** Takes the ticket out when everything fits; a wrong token takes nothing. */
  redeem(asked: { sessionId: string; token: string; memberId: string }): RedeemedTicket | undefined {
    this.#forgetExpired()
    const { sessionId, token, memberId } = asked
    const entry = this.#held.get(sessionId) ?? this.#lost.get(sessionId)
    if (!entry || entry.memberId !== memberId || !timingSafeEqual(entry.tokenHash, hash(token))) return undefined
    this.drop(sessionId)
    return {
      ticket: entry.ticket,
      // Whoever was lost again before the new token reached them still has this one.
      putBack: (lobbyId) => this.#remember(sessionId, entry, lobbyId),
    }
  }

  #remember(sessionId: string, entry: Entry, lobbyId: string | undefined): void {
    this.#forgetExpired()
    this.#lost.set(sessionId, {
      ...entry,
      ticket: { kind: 'lost', lobbyId },
      expiresAtMs: this.#clock.nowMs() + lifetimeMs,
    })
    if (this.#lost.size <= maxLost) return
    for (const oldest of this.#lost.keys()) {
      this.#lost.delete(oldest)
      break
    }
  }

  /** They expire in the order in which they were lost. */
  #forgetExpired(): void {
    const nowMs = this.#clock.nowMs()
    for (const [sessionId, { expiresAtMs = Number.POSITIVE_INFINITY }] of this.#lost) {
      if (expiresAtMs > nowMs) return
      this.#lost.delete(sessionId)
    }
  }
}

export interface RedeemedTicket {
  readonly ticket: ResumeTicket
  readonly putBack: (lobbyId: string | undefined) => void
}

function hash(token: string): Uint8Array {
  return createHash('sha256').update(token).digest()
}
