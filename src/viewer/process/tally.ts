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

  constructor(wire: TallyReport['wire']) {
    this.#wire = wire
  }

  /** How long a picture took from its capture to its last packet. */
  add(durationMs: number): void {
    if (this.#latenciesMs.length < mostLatencies) this.#latenciesMs.push(durationMs)
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
    if (Object.keys(counts).length === 0 && latenciesMs.length === 0) return undefined
    this.#latenciesMs = []
    return { type: 'tally', wire: this.#wire, counts, latenciesMs }
  }
}

/** Adds what another process has counted. A name that is not known here is dropped. */
export function addCounts(counters: GatewayCounters, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) {
    if (Object.hasOwn(counters, name)) counters[name as keyof GatewayCounters] += count
  }
}
