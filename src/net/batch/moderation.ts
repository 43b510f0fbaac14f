/** Packets a millisecond from which on waiting saves more than it costs: it is a wake-up of its own. */
const leastPerMs = 15
/** So many are to come while it waits. */
const wanted = 8
const [leastUs, mostUs] = [200, 500]
/** The rate is looked at so often, and follows in about ten such times. */
const windowMs = 5
const share = 0.2
/** After so long it is what it is now, whatever it was. */
const forgottenMs = 50

/**
 * How long to leave packets where they come in before they are read, as a network card does with its interrupts: waking up costs as much as
 * several packets do. While few come each is read at once; while many do, a wait of 0.2 to 0.5 ms brings some of them by one call.
 */
export class Moderation {
  #perMs = 0
  #count = 0
  #sinceMs: number

  constructor(nowMs: number) {
    this.#sinceMs = nowMs
  }

  /** How long to wait when the first packets of some have come, in microseconds; 0 for not at all. */
  get pauseUs(): number {
    return this.#perMs < leastPerMs ? 0 : Math.min(mostUs, Math.max(leastUs, Math.round((wanted * 1000) / this.#perMs)))
  }

  /** So many were read. */
  add(count: number, nowMs: number): void {
    this.#count += count
    const tookMs = nowMs - this.#sinceMs
    if (tookMs >= windowMs) {
      const perMs = this.#count / tookMs
      this.#perMs = tookMs >= forgottenMs ? perMs : this.#perMs + (perMs - this.#perMs) * share
      this.#count = 0
      this.#sinceMs = nowMs
    }
  }
}
