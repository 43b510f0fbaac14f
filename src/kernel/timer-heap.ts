/** A call that falls due. */
export interface DueCall {
  readonly atMs: number
  /** Among those of the same time, the lower one is first. */
  readonly order: number
  readonly call: () => void
}

interface Entry extends DueCall {
  /** In the heap; -1 outside of it. */
  index: number
}

/** Calls by the time at which they fall due: a binary heap, so that each step costs the logarithm of how many wait. */
export class TimerHeap {
  readonly #entries: Entry[] = []

  get size(): number {
    return this.#entries.length
  }

  /** The one that falls due first. */
  get first(): DueCall | undefined {
    return this.#entries[0]
  }

  /** Returns what takes it out again, which does nothing when it is out. */
  add(call: DueCall): () => void {
    const entry: Entry = { ...call, index: this.#entries.length }
    this.#entries.push(entry)
    this.#rise(entry)
    return () => this.#remove(entry)
  }

  /** Takes out the one that falls due first. */
  takeFirst(): DueCall | undefined {
    const [first] = this.#entries
    if (first) this.#remove(first)
    return first
  }

  #remove(entry: Entry): void {
    const { index } = entry
    if (index < 0) return
    entry.index = -1
    const last = this.#entries.pop()
    if (!last || last === entry) return
    this.#put(last, index)
    this.#rise(last)
    this.#sink(last)
  }

  #rise(entry: Entry): void {
    while (entry.index > 0) {
      const parent = this.#entries[(entry.index - 1) >> 1]
      if (!parent || isBefore(parent, entry)) return
      this.#swap(parent, entry)
    }
  }

  #sink(entry: Entry): void {
    for (;;) {
      const left = this.#entries[entry.index * 2 + 1]
      const right = this.#entries[entry.index * 2 + 2]
      const sooner = left && right && isBefore(right, left) ? right : left
      if (!sooner || isBefore(entry, sooner)) return
      this.#swap(entry, sooner)
    }
  }

  #swap(upper: Entry, lower: Entry): void {
    const { index } = upper
    this.#put(upper, lower.index)
    this.#put(lower, index)
  }

  #put(entry: Entry, index: number): void {
    entry.index = index
    this.#entries[index] = entry
  }
}

function isBefore(one: DueCall, other: DueCall): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order)
}
