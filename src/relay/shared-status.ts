import { newRelayCounters, type RelayCounters } from './relay-limits.ts'
import type { RelayStatus } from './relay-worker.ts'

const names = Object.keys(newRelayCounters()) as (keyof RelayCounters)[]

/** What a worker has counted, in memory that two threads share: a message each time would wake both of them. */
export class SharedStatus {
  /** To be given to the other thread. */
  readonly memory: SharedArrayBuffer
  readonly #sessions: Float64Array
  readonly #counters: Float64Array

  constructor(memory = new SharedArrayBuffer((1 + names.length) * Float64Array.BYTES_PER_ELEMENT)) {
    this.memory = memory
    this.#sessions = new Float64Array(memory, 0, 1)
    this.#counters = new Float64Array(memory, Float64Array.BYTES_PER_ELEMENT)
  }

  write({ sessions, counters }: RelayStatus): void {
    this.#sessions[0] = sessions
    for (const [at, name] of names.entries()) this.#counters[at] = counters[name]
  }

  read(): RelayStatus {
    const counters = newRelayCounters()
    for (const [at, name] of names.entries()) counters[name] = this.#counters[at] ?? 0
    return { sessions: this.#sessions[0] ?? 0, counters }
  }
}
