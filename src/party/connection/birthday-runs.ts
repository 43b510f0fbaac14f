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
  #isRunning = false
  #counts: BirthdayCounts = { runs: 0, opened: 0, probes: 0 }

  constructor(options: {
    readonly openSocket: () => Promise<SpareSocket>
    readonly random: () => number
    /** Whether this machine takes direct paths at all. */
    readonly mayBegin: () => boolean
  }) {
    this.openSocket = options.openSocket
    this.random = options.random
    this.#mayBegin = options.mayBegin
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

  count({ hasOpened, probes }: BirthdayOutcome): void {
    const { runs, opened, probes: before } = this.#counts
    this.#counts = { runs: runs + 1, opened: opened + (hasOpened ? 1 : 0), probes: before + probes }
  }
}
