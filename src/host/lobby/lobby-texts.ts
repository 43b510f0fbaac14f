import type { Unsubscribe } from '../../kernel/readable.ts'
import type { LobbyText } from '../../domain/delivery.ts'
import type { Ledger } from '../contract/ledger.ts'

/** Whoever enters a lobby is told so many of the last texts. */
export const backlogTexts = 200

/** What is said in one lobby. */
export class LobbyTexts {
  readonly #lobbyId: string
  readonly #ledger: Ledger
  readonly #listeners = new Set<(text: LobbyText) => void>()
  /** Read when somebody asks for it first. */
  #recent: readonly LobbyText[] | undefined

  constructor(options: { readonly lobbyId: string; readonly ledger: Ledger }) {
    this.#lobbyId = options.lobbyId
    this.#ledger = options.ledger
  }

  /** The last ones, oldest first; the same objects for everybody. May throw what the ledger throws. */
  get recent(): readonly LobbyText[] {
    return (this.#recent ??= this.#ledger.texts(this.#lobbyId, backlogTexts))
  }

  /** It is in the ledger: everybody is told. */
  publish(text: LobbyText): void {
    if (this.#recent) this.#recent = [...this.#recent, text].slice(-backlogTexts)
    for (const listener of this.#listeners) listener(text)
  }

  follow(listener: (text: LobbyText) => void): Unsubscribe {
    // A wrapper of its own, so that one function can follow twice and stop once.
    const entry = (text: LobbyText) => listener(text)
    this.#listeners.add(entry)
    return () => void this.#listeners.delete(entry)
  }

  close(): void {
    this.#listeners.clear()
  }
}
