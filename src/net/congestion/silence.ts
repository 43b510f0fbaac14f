/** So few packets can all be lost without the path being dead. */
const minPackets = 8
const shrinkEveryUs = 500_000

/** Notices that packets go out and no feedback comes back. */
export class Silence {
  #packets = 0
  #sinceUs = 0
  #shrunkUs: number | undefined

  /** True from the first halving on until feedback comes. */
  get active(): boolean {
    return this.#shrunkUs !== undefined
  }

  onSent(nowUs: number): void {
    if (this.#packets === 0) this.#sinceUs = nowUs
    this.#packets++
  }

  /** Feedback came. */
  end(): void {
    this.#packets = 0
    this.#shrunkUs = undefined
  }

  /** True when the rate is to be halved now: after `patienceMs` of silence, and every half second after that. */
  poll(patienceMs: number, nowUs: number): boolean {
    if (this.#packets < minPackets || nowUs - this.#sinceUs < patienceMs * 1000) return false
    if (this.#shrunkUs !== undefined && nowUs - this.#shrunkUs < shrinkEveryUs) return false
    this.#shrunkUs = nowUs
    return true
  }
}
