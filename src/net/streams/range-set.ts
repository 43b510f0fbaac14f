/** Whole numbers as ranges, sorted and apart from each other, each up to but without its end. */
export class RangeSet {
  /** Beginning, end, beginning, end ... */
  readonly #edges: number[] = []

  /** How many ranges there are. */
  get size(): number {
    return this.#edges.length / 2
  }

  /** The lowest range, or undefined. */
  get lowest(): { readonly from: number; readonly to: number } | undefined {
    return this.#edges.length === 0 ? undefined : { from: this.#edges[0] as number, to: this.#edges[1] as number }
  }

  /** Behind the highest number; 0 when there is none. */
  get end(): number {
    return this.#edges.at(-1) ?? 0
  }

  has(number: number): boolean {
    return this.#edgesBelow(number + 1) % 2 === 1
  }

  /** Adds them. Returns how many were not in it. */
  add(from: number, to: number): number {
    if (from >= to) return 0
    // Ranges that only touch become one.
    let first = this.#edges.findIndex((edge, index) => index % 2 === 1 && edge >= from)
    first = first < 0 ? this.#edges.length : first - 1
    let last = first
    let had = 0
    let [lowest, highest] = [from, to]
    while (last < this.#edges.length && (this.#edges[last] as number) <= to) {
      const [begin, end] = [this.#edges[last] as number, this.#edges[last + 1] as number]
      had += Math.max(0, Math.min(end, to) - Math.max(begin, from))
      lowest = Math.min(lowest, begin)
      highest = Math.max(highest, end)
      last += 2
    }
    this.#edges.splice(first, last - first, lowest, highest)
    return to - from - had
  }

  remove(from: number, to: number): void {
    if (from >= to) return
    const kept: number[] = []
    let first = -1
    let count = 0
    for (let index = 0; index < this.#edges.length; index += 2) {
      const [begin, end] = [this.#edges[index] as number, this.#edges[index + 1] as number]
      if (end <= from) continue
      if (begin >= to) break
      if (first < 0) first = index
      count += 2
      if (begin < from) kept.push(begin, from)
      if (end > to) kept.push(to, end)
    }
    if (first >= 0) this.#edges.splice(first, count, ...kept)
  }

  dropLowest(): void {
    this.#edges.splice(0, 2)
  }

  /** The highest ranges, from above, so many at most; both ends of each are in it. */
  highest(most: number): { first: number; last: number }[] {
    const ranges: { first: number; last: number }[] = []
    for (let index = this.#edges.length - 2; index >= 0 && ranges.length < most; index -= 2) {
      ranges.push({ first: this.#edges[index] as number, last: (this.#edges[index + 1] as number) - 1 })
    }
    return ranges
  }

  /** How many edges are below `number`. */
  #edgesBelow(number: number): number {
    let [low, high] = [0, this.#edges.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#edges[middle] as number) < number) low = middle + 1
      else high = middle
    }
    return low
  }
}
