/** What the store needs of a `Storage`. */
export type StorageLike = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

const tokenKey = 'porchlight.token'
const ownerKey = 'porchlight.owner-token'
const sessionKey = 'porchlight.session'

/** What a page that is loaded again needs to resume its session. */
export interface StoredSession {
  readonly sessionId: string
  readonly resumeToken: string
}

/**
 * Who this tab is. A token belongs to its tab, so that a share link in a second tab is a second person; an owner's token
 * is also kept for the whole browser, so that closing everything and coming back works.
 */
export class TokenStore {
  readonly #tab: StorageLike
  readonly #browser: StorageLike

  /** `tab` is the page's `sessionStorage`, `browser` its `localStorage`. */
  constructor(options: { tab: StorageLike; browser: StorageLike }) {
    this.#tab = options.tab
    this.#browser = options.browser
  }

  get token(): string | undefined {
    return this.#tab.getItem(tokenKey) ?? this.#browser.getItem(ownerKey) ?? undefined
  }

  /** This tab came in by a link. */
  adopt(token: string): void {
    if (this.#tab.getItem(tokenKey) !== token) this.#tab.removeItem(sessionKey)
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
    this.#tab.removeItem(sessionKey)
  }

  /** The session this tab was in before it was loaded again. Taking it out means using it: its secret is good for once. */
  takeSession(): StoredSession | undefined {
    const text = this.#tab.getItem(sessionKey)
    this.#tab.removeItem(sessionKey)
    const [sessionId, resumeToken] = text?.split(' ') ?? []
    return sessionId && resumeToken ? { sessionId, resumeToken } : undefined
  }

  keepSession({ sessionId, resumeToken }: StoredSession): void {
    this.#tab.setItem(sessionKey, `${sessionId} ${resumeToken}`)
  }
}
