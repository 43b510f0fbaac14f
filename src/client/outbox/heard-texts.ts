import { Writable, type Readable } from '../../kernel/readable.ts'
import type { TextsMessage } from '../../wire/signal/deliveries.ts'
import type { LobbyText } from '../../domain/delivery.ts'
import { reportUncaught } from '../contract/report-uncaught.ts'

/** As many of the last texts are kept at hand. */
const keptTexts = 200
/** Lobbies of which is remembered what was heard there last. */
const maxLobbies = 16

/** What is said in the lobby that one is in: each text is heard once, though the host tells the last ones at every entering. */
export class HeardTexts {
  readonly #texts = new Writable<readonly LobbyText[]>([], reportUncaught)
  readonly #lastIds = new Map<string, number>()
  #lobbyId: string | undefined

  /** The last of them, oldest first; what was said before one came is among them. */
  get texts(): Readable<readonly LobbyText[]> {
    return this.#texts
  }

  /** Returns what was said since one was there for the first time and has not been heard yet. */
  receive({ lobbyId, texts }: TextsMessage): readonly LobbyText[] {
    const known = lobbyId === this.#lobbyId ? this.#texts.value : []
    const lastKnown = known.at(-1)?.id ?? 0
    this.#lobbyId = lobbyId
    this.#texts.set([...known, ...texts.filter(({ id }) => id > lastKnown)].slice(-keptTexts))
    const lastHeard = this.#lastIds.get(lobbyId)
    this.#remember(lobbyId, Math.max(lastHeard ?? 0, texts.at(-1)?.id ?? 0))
    return lastHeard === undefined ? [] : texts.filter(({ id }) => id > lastHeard)
  }

  #remember(lobbyId: string, id: number): void {
    this.#lastIds.delete(lobbyId)
    this.#lastIds.set(lobbyId, id)
    const [oldest] = this.#lastIds.keys()
    if (this.#lastIds.size > maxLobbies && oldest !== undefined) this.#lastIds.delete(oldest)
  }
}
