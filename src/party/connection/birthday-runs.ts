import type { BirthdayOutcome, SpareSocket } from '../../net/paths/birthday-probing.ts'
import type { BirthdayMeans } from '../../net/reach/birthday-turns.ts'

/** What was probed for by birthday since the party was entered. */
export interface BirthdayCounts {
  readonly runs: number
  /** That have opened a direct path. */
  readonly opened: number
  readonly probes: number
}

/** Probing by birthday for all peers of a party: one at a time, as each run takes sockets and sends what nobody may answer. */
export class BirthdayRuns implements BirthdayMeans {
  readonly openSocket: () => Promise<SpareSocket>
  readonly random: () => number
  readonly #mayBegin: () => boolean
  readonly #onProbed: (outcome: BirthdayOutcome) => void
  #isRunning = false
  #counts: BirthdayCounts = { runs: 0, opened: 0, probes: 0 }

  constructor(options: {
    readonly openSocket: () => Promise<SpareSocket>
    readonly random: () => number
    /** Whether this machine takes direct paths at all. */
    readonly mayBegin: () => boolean
    readonly onProbed: (outcome: BirthdayOutcome) => void
  }) {
    this.openSocket = options.openSocket
    this.random = options.random
    this.#mayBegin = options.mayBegin
    this.#onProbed = options.onProbed
  }

  get counts(): BirthdayCounts {
    return this.#counts
  }

  begin(): boolean {
    if (this.#isRunning || !this.#mayBegin()) return false
    this.#isRunning = true
    return true
  }

  end(): void {
    this.#isRunning = false
  }

  count(outcome: BirthdayOutcome): void {
    const { runs, opened, probes } = this.#counts
    const more = outcome.result === 'opened' ? 1 : 0
    this.#counts = { runs: runs + 1, opened: opened + more, probes: probes + outcome.probes }
    this.#onProbed(outcome)
  }
}
