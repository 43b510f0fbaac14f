import type { HostStats, StatsSample } from './viewer-stats.ts'

/** What the host has told of rest is good for freezes that are seen within this time. */
const memoryMs = 2_500
/** Less than this is a matter of how two clocks are read. */
const leastMs = 100

type Seen = Pick<StatsSample, 'freezes' | 'frozenS'>

/**
 * Counts freezes when pictures were due. A browser takes every pause for one, also that of a screen at rest: what the host had nothing to
 * show for is left out. The host tells of it about once a second, so that a freeze counts a look later than it is seen.
 */
export class FreezeCount {
  #freezes = 0
  #frozenMs = 0
  #previous: Seen | undefined
  #toldMs: number | undefined
  #excusedMs = 0
  #pending = { freezes: 0, frozenMs: 0 }

  look(sample: Seen, host: Partial<HostStats> | undefined): { readonly freezes: number; readonly frozenMs: number } {
    const restMs = host?.restMs
    if (restMs !== undefined) {
      this.#excusedMs = Math.min(memoryMs, this.#excusedMs + Math.max(0, restMs - (this.#toldMs ?? restMs)))
      this.#toldMs = restMs
    }
    this.#settle()
    const before = this.#previous ?? sample
    this.#previous = sample
    this.#pending.freezes += Math.max(0, sample.freezes - before.freezes)
    this.#pending.frozenMs += Math.max(0, sample.frozenS - before.frozenS) * 1000
    return { freezes: this.#freezes, frozenMs: this.#frozenMs }
  }

  #settle(): void {
    const { freezes, frozenMs } = this.#pending
    this.#pending = { freezes: 0, frozenMs: 0 }
    const excusedMs = Math.min(this.#excusedMs, frozenMs)
    this.#excusedMs -= excusedMs
    if (frozenMs - excusedMs < leastMs) return
    this.#freezes += excusedMs > 0 ? 1 : freezes
    this.#frozenMs += frozenMs - excusedMs
  }
}
