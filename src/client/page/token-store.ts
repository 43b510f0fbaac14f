import { GuestBook } from './guest-book.ts'
import type { StorageLike } from './storage-like.ts'

const tokenKey = 'porchlight.token'
const ownerKey = 'porchlight.owner-token'
const inviteKey = 'porchlight.invite'

/**
 * Who this tab is. A token belongs to its tab, so that an owner who opens a share link in a second tab is a second person
 * there. What an owner and a guest came in by is also kept for the whole browser, so that closing everything and coming
 * back works: as the owner first of all, else as the guest of the lobby in the address.
 */
export class TokenStore {
  readonly #tab: StorageLike
  readonly #browser: StorageLike
  /** Who this browser is as a guest. */
  readonly guests: GuestBook

  /** `tab` is the page's `sessionStorage`, `browser` its `localStorage`. */
  constructor(options: { tab: StorageLike; browser: StorageLike }) {
    this.#tab = options.tab
    this.#browser = options.browser
    this.guests = new GuestBook(options.browser)
  }

  /** Who one is at the door of a lobby, or at the front door. */
  tokenFor(lobbyId: string | undefined): string | undefined {
    const own = this.#tab.getItem(tokenKey) ?? this.#browser.getItem(ownerKey)
    return own ?? (this.guests.latest(lobbyId) ?? this.guests.latest(undefined))?.token
  }

  /** The token of a link that this tab has opened and not redeemed yet: loaded again, it is still at the door. */
  get invite(): string | undefined {
    return this.#tab.getItem(inviteKey) ?? undefined
  }

  keepInvite(token: string): void {
    this.#tab.setItem(inviteKey, token)
  }

  dropInvite(): void {
    this.#tab.removeItem(inviteKey)
  }

  /** This tab came in by a link. */
  adopt(token: string): void {
    this.#tab.setItem(tokenKey, token)
  }

  /** The token turned out to be an owner's. */
  rememberOwner(token: string): void {
    this.#browser.setItem(ownerKey, token)
  }

  /** The token was refused: nobody uses it again. Others stay. */
  forget(token: string): void {
    if (this.#tab.getItem(tokenKey) === token) this.#tab.removeItem(tokenKey)
    if (this.#browser.getItem(ownerKey) === token) this.#browser.removeItem(ownerKey)
    this.guests.forget(token)
  }
}
