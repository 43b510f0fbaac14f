/** Packets that come more than this behind the newest are taken for repeated. */
const windowBits = 2048
/** One word more than the window needs, so that a step forward never clears what still counts (RFC 6479). */
const words = windowBits / 32 + 1

/** Which packets have come, by their numbers, which never wrap: each is taken once (RFC 6479). */
export class ReplayWindow {
  readonly #seen = new Uint32Array(words)
  #newest = -1

  /** The highest number that was taken; -1 before the first. */
  get newest(): number {
    return this.#newest
  }

  /** False for a number that was taken, or is too old to tell. */
  isNew(number: number): boolean {
    if (number > this.#newest) return true
    if (this.#newest - number >= windowBits) return false
    return ((this.#seen[Math.floor(number / 32) % words] as number) & (1 << (number % 32))) === 0
  }

  /** From now on it is not new any more. Only for numbers that are, and whose packets are genuine: others would move the window. */
  take(number: number): void {
    const word = Math.floor(number / 32)
    const newestWord = Math.floor(this.#newest / 32)
    if (word > newestWord) {
      const first = Math.max(newestWord + 1, word - words + 1)
      for (let skipped = first; skipped <= word; skipped++) this.#seen[skipped % words] = 0
    }
    this.#newest = Math.max(this.#newest, number)
    this.#seen[word % words] = (this.#seen[word % words] as number) | (1 << (number % 32))
  }
}
