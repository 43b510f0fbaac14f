import { defaultLimits } from '../../host/host-options.ts'
import type { Member } from '../../domain/member.ts'
import { ApiError, type ApiErrorCode } from './api-error.ts'

/** What a host has only so much of. */
export type Shared = 'connections' | 'requests' | 'sessions' | 'event-streams' | 'media-sockets'

/** How much of it may be held at once. */
export interface ShareLimits {
  /** By one member. */
  readonly member: number
  /** By all who came by one invitation. */
  readonly invitation: number
  /** By everybody but the owner. What is above it is kept for the owner. */
  readonly guests: number
  readonly inAll: number
}

/**
 * A page takes a session, an event stream, two WebSockets and some connections for requests. A member gets what a desk full of
 * devices takes, an invitation about half of the host.
 */
export const defaultShares: Readonly<Record<Shared, ShareLimits>> = {
  connections: { member: 96, invitation: 384, guests: 640, inAll: 768 },
  requests: { member: 16, invitation: 64, guests: 128, inAll: 256 },
  sessions: { member: 16, invitation: 64, guests: 120, inAll: defaultLimits.sessions },
  'event-streams': { member: 16, invitation: 128, guests: 240, inAll: 256 },
  'media-sockets': { member: 16, invitation: 64, guests: 120, inAll: 128 },
}

/** The code of what is too much for one member or invitation, what it is called, and what helps. */
const words: Readonly<Record<Shared, readonly [code: ApiErrorCode, what: string, remedy: string]>> = {
  connections: ['too-many-connections', 'connections', 'Close some, or use one for many requests'],
  requests: ['too-many-requests', 'requests under way', 'Wait for the answers to some'],
  sessions: ['too-many-sessions', 'sessions', 'Close another page or program that watches'],
  'event-streams': ['too-many-streams', 'event streams', 'Close another page or program that follows'],
  'media-sockets': ['too-many-streams', 'media sockets', 'Close another one'],
}

interface Bound {
  /** Whose share it is, and of what. */
  readonly key: string
  readonly most: number
  readonly refusal: (most: number) => ApiError
}

/** Seconds after which somebody else may have given something back. */
const retryAfter = { 'Retry-After': '5' }

/** Who holds how much. No guest and no invitation can take so much that others, or the owner, get nothing. */
export class Shares {
  readonly #limits: Readonly<Record<Shared, ShareLimits>>
  /** By what it is, and by whom. */
  readonly #held = new Map<string, number>()

  constructor(limits: Readonly<Record<Shared, ShareLimits>> = defaultShares) {
    this.#limits = limits
  }

  /** How much of it is held by everybody. */
  held(what: Shared): number {
    return this.#count(`${what} all`)
  }

  /**
   * Takes one for a member; the returned function gives it back, and is idempotent. Throws ApiError: the code of what the
   * member or the invitation has too much of, or `busy` when there is none left.
   */
  take(what: Shared, member: Member): () => void {
    const bounds = this.#boundsOf(what, member)
    const reached = bounds.find(({ key, most }) => this.#count(key) >= most)
    if (reached) throw reached.refusal(reached.most)
    for (const { key } of bounds) this.#held.set(key, this.#count(key) + 1)
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      for (const { key } of bounds) this.#giveBack(key)
    }
  }

  #boundsOf(what: Shared, { id, role, invitationId }: Member): readonly Bound[] {
    const limits = this.#limits[what]
    const [code, things, remedy] = words[what]
    const tooMany = (whose: string) => (most: number) =>
      new ApiError(code, `Cannot take one more: ${whose} ${most} ${things}, the limit here. ${remedy}.`, retryAfter)
    const busy = (most: number) =>
      new ApiError(
        'busy',
        `Cannot take one more: there are ${most} ${things}, the limit here. Try again soon.`,
        retryAfter,
      )
    const all = { key: `${what} all`, most: limits.inAll, refusal: busy }
    if (role === 'owner') return [all]
    const guests = { key: `${what} guests`, most: limits.guests, refusal: busy }
    const own = { key: `${what} ${id}`, most: limits.member, refusal: tooMany('you have') }
    if (invitationId === undefined) return [own, guests, all]
    const invitation = {
      key: `${what} by ${invitationId}`,
      most: limits.invitation,
      refusal: tooMany('those who came by your link have'),
    }
    // Whoever comes by a link as it is, is one member with all who do.
    return id === invitationId ? [invitation, guests, all] : [own, invitation, guests, all]
  }

  #count(key: string): number {
    return this.#held.get(key) ?? 0
  }

  #giveBack(key: string): void {
    const count = this.#count(key)
    if (count > 1) this.#held.set(key, count - 1)
    else this.#held.delete(key)
  }
}
