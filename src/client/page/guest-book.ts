import type { StorageLike } from './storage-like.ts'

/** What a browser remembers of an invitation that was opened in it. */
export interface StoredGuest {
  readonly invitationId: string
  readonly lobbyId: string
  /** What it is redeemed with, so that it is one use however often, and in however many tabs, it is opened. */
  readonly claim: string
  /** What it was redeemed for; undefined before, and when that has been refused since. */
  readonly token: string | undefined
}

const guestsKey = 'porchlight.guests'
/** The invitation that was opened last comes first; the oldest gives way. */
const maxGuests = 32

/** Who this browser's user is to those who invited them: one and the same guest each time they come by the same link. */
export class GuestBook {
  readonly #browser: StorageLike

  /** `browser` is the page's `localStorage`. */
  constructor(browser: StorageLike) {
    this.#browser = browser
  }

  get(invitationId: string): StoredGuest | undefined {
    return this.#read().find((guest) => guest.invitationId === invitationId)
  }

  /** Whoever came last into this lobby, or into any. */
  latest(lobbyId: string | undefined): StoredGuest | undefined {
    return this.#read().find(
      ({ token, lobbyId: own }) => token !== undefined && (lobbyId === undefined || own === lobbyId),
    )
  }

  /** Whether it is a guest's token, of this browser's. */
  knows(token: string): boolean {
    return this.#read().some((guest) => guest.token === token)
  }

  put(guest: StoredGuest): void {
    const others = this.#read().filter(({ invitationId }) => invitationId !== guest.invitationId)
    this.#write([guest, ...others].slice(0, maxGuests))
  }

  /** The token was refused. The claim stays: who was shown out does not come back as somebody else. */
  forget(token: string): void {
    const guests = this.#read()
    if (!guests.some((guest) => guest.token === token)) return
    this.#write(guests.map((guest) => (guest.token === token ? { ...guest, token: undefined } : guest)))
  }

  #read(): readonly StoredGuest[] {
    try {
      const stored: unknown = JSON.parse(this.#browser.getItem(guestsKey) ?? '[]')
      return Array.isArray(stored) ? stored.flatMap(guestOf) : []
    } catch {
      return []
    }
  }

  #write(guests: readonly StoredGuest[]): void {
    this.#browser.setItem(guestsKey, JSON.stringify(guests))
  }
}

function guestOf(stored: Partial<Record<keyof StoredGuest, unknown>> | null): StoredGuest[] {
  const { invitationId, lobbyId, claim, token } = stored ?? {}
  if (typeof invitationId !== 'string' || typeof lobbyId !== 'string' || typeof claim !== 'string') return []
  return [{ invitationId, lobbyId, claim, token: typeof token === 'string' ? token : undefined }]
}
