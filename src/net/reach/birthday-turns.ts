import type { Clock, Timer } from '../../kernel/clock.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'
import { BirthdayProbing, birthdayPart, type BirthdayOutcome, type SpareSocket } from '../paths/birthday-probing.ts'
import type { PathFinder } from '../paths/path-finder.ts'
import type { PathPorts } from '../paths/path-ports.ts'

/** What a port gives to those of its reaches that may probe. */
export interface BirthdayMeans {
  readonly openSocket: () => Promise<SpareSocket>
  /** Whether it may be done now; then {@link end} is to be called. */
  readonly begin: () => boolean
  readonly end: () => void
  /** Uniform in [0, 1). */
  readonly random: () => number
}

export interface BirthdayTurnsOptions {
  readonly means: BirthdayMeans
  readonly paths: PathPorts
  readonly clock: Clock
  readonly onEnd: (outcome: BirthdayOutcome) => void
}

/** For so long a direct path may come by itself; then it is probed for. */
const patienceMs = 2500
/** After a run that was in vain, doubled with each. */
const [shortestPauseMs, longestPauseMs] = [60_000, 3_600_000]
/** Of addresses of each end. */
const mostAddresses = 32

/** When one reach probes for a direct path by birthday: while it has none, and both ends do it, and it may help. */
export class BirthdayTurns implements Disposable {
  readonly #options: BirthdayTurnsOptions
  /** Where servers see this end, and where the other one is told to be. */
  readonly #seen: WireAddress[] = []
  readonly #told: WireAddress[] = []
  readonly #timer: Timer
  #finder: PathFinder | undefined
  #notBeforeMs: number
  #pauseMs = shortestPauseMs
  #run: BirthdayProbing | undefined
  #isRunning = false

  constructor(options: BirthdayTurnsOptions) {
    this.#options = options
    this.#notBeforeMs = options.clock.nowMs() + patienceMs
    this.#timer = options.clock.every(patienceMs / 5, () => this.#look())
  }

  /** The other end does it too. */
  meet(finder: PathFinder): void {
    this.#finder = finder
    this.#notBeforeMs = this.#options.clock.nowMs() + patienceMs
  }

  /** May be said again. */
  seen(at: readonly WireAddress[]): void {
    addNew(this.#seen, at)
  }

  /** May be said again. */
  told(at: readonly WireAddress[]): void {
    addNew(this.#told, at)
  }

  /** What was known of this end is of another network. */
  networkChanged(): void {
    this.#seen.length = 0
    this.#pauseMs = shortestPauseMs
    this.#notBeforeMs = this.#options.clock.nowMs() + patienceMs
  }

  [Symbol.dispose](): void {
    this.#timer.cancel()
    this.#run?.[Symbol.dispose]()
    if (this.#isRunning) this.#options.means.end()
    this.#isRunning = false
  }

  #look(): void {
    const { clock, means, paths, onEnd } = this.#options
    const finder = this.#finder
    if (!finder || this.#isRunning || clock.nowMs() < this.#notBeforeMs) return
    if (finder.paths.some(({ kind, state }) => kind === 'direct' && state === 'alive')) return
    const part = birthdayPart(this.#seen, this.#told)
    // Whoever answers by some path has proved to be there: others are not made to be probed.
    const answers = finder.paths.some(({ state }) => state === 'alive')
    if (!part || !answers || !means.begin()) return
    this.#isRunning = true
    this.#run?.[Symbol.dispose]()
    this.#run = new BirthdayProbing({
      part,
      finder,
      ports: paths,
      openSocket: means.openSocket,
      clock,
      random: means.random,
      onEnd: (outcome) => {
        this.#isRunning = false
        means.end()
        const hasOpened = outcome.result === 'opened'
        this.#notBeforeMs = clock.nowMs() + (hasOpened ? patienceMs : this.#pauseMs)
        if (!hasOpened) this.#pauseMs = Math.min(2 * this.#pauseMs, longestPauseMs)
        onEnd(outcome)
      },
    })
  }
}

function addNew(known: WireAddress[], more: readonly WireAddress[]): void {
  for (const each of more) {
    const isKnown = known.some(({ address, port }) => address === each.address && port === each.port)
    if (!isKnown && known.length < mostAddresses) known.push(each)
  }
}
