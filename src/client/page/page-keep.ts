import * as v from 'valibot'
import { delivery } from '../../wire/signal/deliveries.ts'
import type { StorageLike } from './storage-like.ts'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const kept = v.object({
  /** The session that is to be resumed; absent when there is none. */
  session: v.optional(v.object({ id: v.string(), resumeToken: v.string() })),
  /** The lobby that was wanted. */
  lobbyId: v.optional(v.string()),
  outbox: v.object({ id: v.string(), nextSequence: count, sentThrough: count, items: v.array(delivery) }),
})
/** What a client that is made anew, after its page was loaded again, needs to go on as if nothing had been. */
export type KeptState = v.InferOutput<typeof kept>

/**
 * What a page leaves for itself when it goes, maybe only to be loaded again. It is written then and not before, and taken
 * out by whoever uses it: a tab that is duplicated takes its storage along, and a session is one tab's.
 */
export class PageKeep {
  readonly #storage: StorageLike
  readonly #key: string
  /** What was put last, until it was taken back. */
  #written: string | undefined

  /** For one host, and for whom a token is: nobody else's texts are sent, nor their session asked for. */
  constructor(options: { readonly storage: StorageLike; readonly host: string; readonly token: string | undefined }) {
    this.#storage = options.storage
    this.#key = `porchlight.page ${options.host} ${fingerprint(options.token ?? '')}`
  }

  /** Keeps it as far as the browser lets it. */
  put(state: KeptState): void {
    const text = JSON.stringify(state)
    try {
      this.#storage.setItem(this.#key, text)
      this.#written = text
    } catch {
      // It is full, or forbidden: the page begins anew.
    }
  }

  /** Undefined when there is nothing, or nothing that makes sense. */
  take(): KeptState | undefined {
    const text = this.#storage.getItem(this.#key)
    this.#storage.removeItem(this.#key)
    try {
      const result = v.safeParse(kept, JSON.parse(text ?? 'null'))
      return result.success ? result.output : undefined
    } catch {
      return undefined
    }
  }

  /**
   * The page stays after all. False when somebody has taken what it left, a page in a duplicated tab for instance: that one goes
   * on with it.
   */
  takeBack(): boolean {
    const written = this.#written
    this.#written = undefined
    if (written === undefined) return true
    if (this.#storage.getItem(this.#key) !== written) return false
    this.#storage.removeItem(this.#key)
    return true
  }
}

/** Tells tokens apart without telling them: FNV-1a, 32 bits. */
function fingerprint(token: string): string {
  let hash = 0x811c9dc5
  for (const character of token) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return (hash >>> 0).toString(16)
}
