import { createCounters, type GatewayCounters } from '../contract/gateway-counters.ts'
import type { Report } from '../link/messages.ts'

/** More in one report say nothing more about how long pictures take. */
const mostLatencies = 256

type TallyReport = Extract<Report, { type: 'tally' }>

/** What a process has counted and measured of the viewers on one wire, and has not told yet. */
export class Tally {
  readonly #wire: TallyReport['wire']
  readonly counters: GatewayCounters = createCounters()
  readonly #told = createCounters()
  #latenciesMs: number[] = []
  /** What came to nothing of what strangers sent, by why. */
  #refusals: Record<string, number> = {}

  constructor(wire: TallyReport['wire']) {
    this.#wire = wire
  }

  /** How long a picture took from its capture to its last packet. */
  add(durationMs: number): void {
    if (this.#latenciesMs.length < mostLatencies) this.#latenciesMs.push(durationMs)
  }

  /** Something that a stranger has sent came to nothing. */
  refused(cause: string): void {
    this.#refusals[cause] = (this.#refusals[cause] ?? 0) + 1
  }

  /** What is new since the last time; undefined when nothing is. */
  take(): TallyReport | undefined {
    const counts: Record<string, number> = {}
    for (const name of Object.keys(this.counters) as (keyof GatewayCounters)[]) {
      const more = this.counters[name] - this.#told[name]
      if (more === 0) continue
      counts[name] = more
      this.#told[name] = this.counters[name]
    }
    const latenciesMs = this.#latenciesMs
    const refusals = this.#refusals
    const isNothing = [counts, refusals].every((each) => Object.keys(each).length === 0) && latenciesMs.length === 0
    if (isNothing) return undefined
    this.#latenciesMs = []
    this.#refusals = {}
    return { type: 'tally', wire: this.#wire, counts, latenciesMs, refusals }
  }
}

/** Adds what another process has counted. A name that is not known here is dropped. */
export function addCounts(counters: GatewayCounters, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) {
    if (Object.hasOwn(counters, name)) counters[name as keyof GatewayCounters] += count
  }
}
