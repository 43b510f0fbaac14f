import type { RecordEntry } from './session-record.ts'

/** What there can be many of, first what is missed least. */
const dispensableKinds = ['adaptation', 'parity', 'rendition', 'wish', 'mode', 'freeze', 'probing'] as const

/**
 * The entries of a record, `maxEntries` at most. Where there are too many it is thinned out where it is densest, so that
 * a long stay is told from its beginning to its end.
 */
export class EntryList {
  readonly #maxEntries: number
  readonly #entries: RecordEntry[] = []
  #dropped = 0

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries
  }

  /** How many had to go. */
  get dropped(): number {
    return this.#dropped
  }

  add(entry: RecordEntry): void {
    if (this.#entries.length >= this.#maxEntries) {
      this.#entries.splice(this.#leastMissed(), 1)
      this.#dropped++
    }
    this.#entries.push(entry)
  }

  read(): readonly RecordEntry[] {
    return [...this.#entries]
  }

  /** The index of the one that comes soonest after the one before it; the oldest of all when none is dispensable. */
  #leastMissed(): number {
    for (const kind of dispensableKinds) {
      let found: { readonly index: number; readonly gapMs: number } | undefined
      for (const [index, entry] of this.#entries.entries()) {
        if (entry.kind !== kind) continue
        const gapMs = entry.atMs - (this.#entries[index - 1]?.atMs ?? -Infinity)
        if (!found || gapMs < found.gapMs) found = { index, gapMs }
      }
      if (found) return found.index
    }
    return 0
  }
}
