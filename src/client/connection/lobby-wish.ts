import type { ClientMessage, Place } from '../../wire/signal/messages.ts'
import type { ClientError } from '../client-error.ts'

/**
 * Which lobby somebody wants to be in. It outlives connections: what the host was not told, or has forgotten together
 * with the session, it is told again.
 */
export class LobbyWish {
  readonly #tell: (message: ClientMessage) => boolean
  #wanted: string | undefined
  /** What the present session was told last. */
  #told: string | undefined
  #joining: ({ readonly lobbyId: string } & PromiseWithResolvers<void>) | undefined

  /** `tell` is false when there is nobody to tell now. */
  constructor(tell: (message: ClientMessage) => boolean) {
    this.#tell = tell
  }

  /** Wants a lobby from the next greeting on. */
  want(lobbyId: string): void {
    this.#wanted = lobbyId
  }

  /** Resolves when the host has put the session there; a later wish takes the place of an earlier one. */
  join(lobbyId: string): Promise<void> {
    if (this.#joining?.lobbyId !== lobbyId) {
      this.#joining?.resolve()
      this.#joining = { lobbyId, ...Promise.withResolvers<void>() }
    }
    this.#wanted = lobbyId
    this.#catchUp()
    return this.#joining.promise
  }

  leave(): void {
    this.#joining?.resolve()
    this.#joining = undefined
    this.#wanted = undefined
    this.#catchUp()
  }

  /** A connection was greeted; `recovered` when its session still knows what it was told. */
  greeted(recovered: boolean): void {
    if (!recovered) this.#told = undefined
    this.#catchUp()
  }

  arrived(place: Place): void {
    if (place.lobbyId !== this.#joining?.lobbyId) return
    this.#joining?.resolve()
    this.#joining = undefined
  }

  /** The host refused something, or there will be no host any more. True when nobody else needs to know. */
  refused(error: ClientError): boolean {
    // A recovered session can be there before it is asked to.
    const isThere = error.hostCode === 'already-in-lobby'
    if (isThere) this.#joining?.resolve()
    else this.#joining?.reject(error)
    this.#joining = undefined
    return isThere
  }

  #catchUp(): void {
    if (this.#wanted === this.#told) return
    const message: ClientMessage =
      this.#wanted === undefined ? { type: 'leave' } : { type: 'join', lobbyId: this.#wanted }
    if (this.#tell(message)) this.#told = this.#wanted
  }
}
