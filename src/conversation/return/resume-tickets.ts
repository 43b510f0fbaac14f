import { createHash, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../kernel/clock.ts'
import { resumableMs } from '../../wire/signal/protocol.ts'
import type { Whereabouts } from './whereabouts.ts'

/** What a valid ticket gives back. */
export type ResumeTicket =
  /** Its conversation is lost. `gone`: the session has ended, so that another one can have its id. */
  | { readonly kind: 'lost'; readonly stay: Whereabouts; readonly gone: Promise<unknown> }
  /** Its conversation still stands, as far as this end knows. It gives the session up and tells where it was. */
  | { readonly kind: 'held'; readonly surrender: () => Promise<Whereabouts> }

/** The SHA-256 of a resume token. */
export type TokenHash = Uint8Array

export interface RedeemedTicket {
  readonly sessionId: string
  readonly ticket: ResumeTicket
  /** Of the token that was used up. */
  readonly tokenHash: TokenHash
  readonly putBack: (stay: Whereabouts, gone: Promise<unknown>) => void
}

/** Where the session was, once it has ended; a conversation that has it still gives it up for that. */
export async function claim({ ticket }: Pick<RedeemedTicket, 'ticket'>): Promise<Whereabouts> {
  if (ticket.kind === 'held') return await ticket.surrender()
  await ticket.gone
  return ticket.stay
}

interface Entry {
  /** Those that are good until they are used. */
  readonly tokens: readonly TokenHash[]
  /** The one before, until its successor is known to have arrived. */
  readonly former: TokenHash | undefined
  readonly memberId: string
  readonly ticket: ResumeTicket
  /** Undefined while the conversation stands. */
  readonly expiresAtMs: number | undefined
}

/** Lost sessions that are remembered at most; the oldest give way. */
const maxLost = 1024
const tokenBytes = 32

/**
 * Who may come back to which session. A ticket belongs to one session and one member, is good for one use and, once the
 * conversation is lost, for a minute. Only hashes of its tokens are kept.
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

  /**
   * A new token for a session whose conversation stands; an older one is good no more, but for `former`: the one that was
   * used up for this one, which its client still has should this one be lost on its way. `alias` is as good as the new one.
   */
  issue(session: {
    readonly id: string
    readonly memberId: string
    readonly former: TokenHash | undefined
    readonly alias?: TokenHash | undefined
    readonly surrender: () => Promise<Whereabouts>
  }): string {
    const token = Buffer.from(this.#randomBytes(tokenBytes)).toString('base64url')
    const { id, memberId, former, alias, surrender } = session
    this.#lost.delete(id)
    this.#held.set(id, {
      tokens: alias ? [hashOf(token), alias] : [hashOf(token)],
      former,
      memberId,
      ticket: { kind: 'held', surrender },
      expiresAtMs: undefined,
    })
    return token
  }

  /** The token that was issued last has reached its client: the former one is good no more. */
  confirm(sessionId: string): void {
    const entry = this.#held.get(sessionId)
    if (entry) this.#held.set(sessionId, { ...entry, former: undefined })
  }

  /** The conversation of a session is lost; its ticket is good for a minute from now. */
  keep(sessionId: string, stay: Whereabouts, gone: Promise<unknown>): void {
    const entry = this.#held.get(sessionId)
    if (!entry) return
    this.#held.delete(sessionId)
    this.#remember(sessionId, entry, { kind: 'lost', stay, gone })
  }

  /** Whether a token is one of a session whose conversation stands. */
  standsFor(sessionId: string, token: string): boolean {
    const entry = this.#held.get(sessionId)
    const given = hashOf(token)
    return entry !== undefined && tokensOf(entry).some((one) => timingSafeEqual(one, given))
  }

  /** Nobody comes back to this session. */
  drop(sessionId: string): void {
    this.#held.delete(sessionId)
    this.#lost.delete(sessionId)
  }

  /**
   * Takes the ticket out when everything fits; a wrong token takes nothing. Without a session's id, which a client of seed 003
   * does not know, whichever session the token is for.
   */
  redeem(asked: { sessionId: string | undefined; token: string; memberId: string }): RedeemedTicket | undefined {
    this.#forgetExpired()
    const given = hashOf(asked.token)
    const sessionId = asked.sessionId ?? this.#sessionOf(given)
    if (sessionId === undefined) return undefined
    const entry = this.#held.get(sessionId) ?? this.#lost.get(sessionId)
    const tokenHash = entry && tokensOf(entry).find((one) => timingSafeEqual(one, given))
    if (!tokenHash || entry.memberId !== asked.memberId) return undefined
    this.drop(sessionId)
    return {
      sessionId,
      ticket: entry.ticket,
      tokenHash,
      // Whoever was lost again before the new token reached them still has this one.
      putBack: (stay, gone) => this.#remember(sessionId, entry, { kind: 'lost', stay, gone }),
    }
  }

  #sessionOf(given: TokenHash): string | undefined {
    for (const entries of [this.#held, this.#lost]) {
      for (const [sessionId, entry] of entries) {
        if (tokensOf(entry).some((one) => timingSafeEqual(one, given))) return sessionId
      }
    }
    return undefined
  }

  #remember(sessionId: string, entry: Entry, ticket: ResumeTicket): void {
    this.#forgetExpired()
    this.#lost.set(sessionId, {
      ...entry,
      ticket,
      expiresAtMs: this.#clock.nowMs() + resumableMs,
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

function tokensOf({ tokens, former }: Entry): readonly TokenHash[] {
  return former ? [...tokens, former] : tokens
}

export function hashOf(token: string): TokenHash {
  return createHash('sha256').update(token).digest()
}
