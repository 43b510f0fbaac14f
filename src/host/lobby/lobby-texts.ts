import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import type { Unsubscribe } from '../../kernel/readable.ts'
import type { LobbyText } from '../../domain/delivery.ts'
import type { Ledger } from '../contract/ledger.ts'

/** Whoever enters a lobby is told so many of the last texts. */
export const backlogTexts = 200

/** Oldest first. */
type TextsHeard = (texts: readonly LobbyText[]) => void

/** What is said in one lobby. */
export class LobbyTexts {
  readonly #lobbyId: string
  readonly #ledger: Ledger
  readonly #log: Log
  readonly #listeners = new Set<TextsHeard>()
  /** The last ones, oldest first; the same objects for everybody. Undefined until they have been read. */
  #recent: readonly LobbyText[] | undefined
  /** Said while they are being read. */
  #meanwhile: readonly LobbyText[] = []
  #reading: Promise<void> | undefined

  constructor(options: { readonly lobbyId: string; readonly ledger: Ledger; readonly log: Log }) {
    this.#lobbyId = options.lobbyId
    this.#ledger = options.ledger
    this.#log = options.log
  }

  /** Reads what was said before, so that nobody has to wait for it. Never rejects. */
  read(): Promise<void> {
    return (this.#reading ??= this.#read())
  }

  /** It is in the ledger: everybody is told. */
  publish(text: LobbyText): void {
    if (this.#recent) this.#recent = withText(this.#recent, text)
    else this.#meanwhile = withText(this.#meanwhile, text)
    for (const listener of this.#listeners) listener([text])
  }

  /** Tells the last texts, once, as soon as they are known, and then each that is said. */
  follow(listener: TextsHeard): Unsubscribe {
    // A wrapper of its own, so that one function can follow twice and stop once.
    const entry: TextsHeard = (texts) => listener(texts)
    let isFollowing = true
    const begin = () => {
      if (!isFollowing) return
      entry(this.#recent ?? this.#meanwhile)
      this.#listeners.add(entry)
    }
    if (this.#recent) begin()
    else void this.read().then(begin)
    return () => {
      isFollowing = false
      this.#listeners.delete(entry)
    }
  }

  close(): void {
    this.#listeners.clear()
  }

  async #read(): Promise<void> {
    try {
      const read = await this.#ledger.texts(this.#lobbyId, backlogTexts)
      const last = read.at(-1)?.id ?? 0
      // What was said while it was read may have been among it already.
      this.#recent = this.#meanwhile.filter(({ id }) => id > last).reduce(withText, read)
      this.#meanwhile = []
    } catch (error) {
      this.#log.error('What was said in a lobby cannot be read', { lobbyId: this.#lobbyId, error: messageOf(error) })
      // Whoever comes next makes it be tried again.
      this.#reading = undefined
    }
  }
}

function withText(texts: readonly LobbyText[], text: LobbyText): readonly LobbyText[] {
  return [...texts, text].slice(-backlogTexts)
}
