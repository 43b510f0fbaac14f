import type { ClientMessage, Place } from '../../wire/signal/messages.ts'
import type { ClientError } from '../contract/client-error.ts'

/** The host's codes for what it will not do about a wish. Others are not about it. */
const refusals: ReadonlySet<string> = new Set([
  'forbidden',
  'lobby-not-found',
  'lobby-ended',
  'session-closed',
  'host-closed',
])

/** Where somebody wants to be: a lobby, the waiting room, or wherever the host leads them. */
type Wish = { readonly lobbyId: string | undefined } | 'anywhere'

/**
 * Which lobby somebody wants to be in. It outlives connections: what the host was not told, or has forgotten together
 * with the session, it is told again. Whoever wants none in particular wants, from then on, the one they were led into.
 */
export class LobbyWish {
  readonly #tell: (message: ClientMessage) => boolean
  readonly #asksToBeLed: boolean
  #wanted: Wish = 'anywhere'
  /** What the present session was told last. */
  #told: Wish = 'anywhere'
  /** The host has done what it was told last, or refused it: it was not lost on the way. */
  #isAnswered = true
  /** Where somebody else has put it, while it is there. */
  #sentTo: { readonly lobbyId: string | undefined } | undefined
  #joining: ({ readonly lobbyId: string } & PromiseWithResolvers<void>) | undefined

  /**
   * `tell` is false when there is nobody to tell now. `asksToBeLed`: the host is asked to lead whoever wants no lobby in particular;
   * who wants media is led for that alone.
   */
  constructor(tell: (message: ClientMessage) => boolean, { asksToBeLed = false } = {}) {
    this.#tell = tell
    this.#asksToBeLed = asksToBeLed
  }

  /** The lobby that is wanted; undefined for none in particular. */
  get lobbyId(): string | undefined {
    return this.#wanted === 'anywhere' ? undefined : this.#wanted.lobbyId
  }

  /** Wants a lobby from the next greeting on. */
  want(lobbyId: string): void {
    this.#wanted = { lobbyId }
  }

  /** Resolves when the host has put the session there; a later wish takes the place of an earlier one. */
  join(lobbyId: string): Promise<void> {
    if (this.#joining?.lobbyId !== lobbyId) {
      this.#joining?.resolve()
      this.#joining = { lobbyId, ...Promise.withResolvers<void>() }
    }
    this.#wanted = { lobbyId }
    this.#catchUp()
    return this.#joining.promise
  }

  leave(): void {
    this.#joining?.resolve()
    this.#joining = undefined
    this.#wanted = { lobbyId: undefined }
    this.#catchUp()
  }

  /** A connection was greeted; `recovered` when its session still knows what it was told and has answered. */
  greeted(recovered: boolean): void {
    if (!recovered || !this.#isAnswered) this.#told = 'anywhere'
    if (!recovered && this.#wanted === 'anywhere' && this.#asksToBeLed) this.#tell({ type: 'lead' })
    this.#catchUp()
  }

  arrived({ lobbyId, sent }: Place): void {
    const isNews = sent !== undefined && (!this.#sentTo || this.#sentTo.lobbyId !== lobbyId)
    this.#sentTo = sent && { lobbyId }
    if (isNews) return this.#wasSent(lobbyId)
    if (this.#wanted === 'anywhere' && lobbyId !== undefined) {
      this.#wanted = { lobbyId }
      this.#told = this.#wanted
    }
    if (lobbyId === this.lobbyId) this.#isAnswered = true
    if (lobbyId !== this.#joining?.lobbyId) return
    this.#joining?.resolve()
    this.#joining = undefined
  }

  /** Somebody else decided where the session is: that is what is wanted from now on. */
  #wasSent(lobbyId: string | undefined): void {
    this.#joining?.resolve()
    this.#joining = undefined
    this.#wanted = { lobbyId }
    this.#told = this.#wanted
    this.#isAnswered = true
  }

  /** The host refused something, or there will be no host any more. True when nobody else needs to know. */
  refused(error: ClientError): boolean {
    if (error.hostCode === 'already-in-lobby') {
      // It moves from the lobby that it is still in.
      if (this.#tell({ type: 'leave' })) this.#tellWish()
      return true
    }
    if (error.hostCode !== undefined && !refusals.has(error.hostCode)) return false
    this.#isAnswered = true
    this.#joining?.reject(error)
    this.#joining = undefined
    return false
  }

  #catchUp(): void {
    if (this.#wanted === 'anywhere' || this.#wanted === this.#told) return
    if (this.#told !== 'anywhere' && this.#told.lobbyId === this.#wanted.lobbyId) return
    this.#tellWish()
  }

  #tellWish(): void {
    const { lobbyId } = this
    const message: ClientMessage = lobbyId === undefined ? { type: 'leave' } : { type: 'join', lobbyId }
    if (!this.#tell(message)) return
    this.#told = this.#wanted
    this.#isAnswered = false
  }
}
