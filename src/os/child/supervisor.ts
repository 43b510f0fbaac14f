import { Backoff, type BackoffPolicy } from '../../kernel/backoff.ts'
import { type Clock, sleep } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { type Closable, type End, Ending } from '../../kernel/ending.ts'
import type { Log } from '../../kernel/log.ts'

export interface SupervisorOptions<Run extends Closable> {
  /** For the log: `media process`. */
  readonly name: string
  readonly policy: BackoffPolicy
  readonly clock: Clock
  /** Uniform in [0, 1); spreads retries. */
  readonly random: () => number
  readonly log: Log
  readonly start: () => Promise<Run>
  /** There is one (again); it knows nothing yet. */
  readonly onUp: (run: Run) => void
  /** It has ended, and another will come. It was replaced, or else it ended by itself. */
  readonly onDown: (run: Run, reason: string, isReplaced: boolean) => void
}

/** Keeps one process running: one that crashes, is killed or hangs is started again. */
export class Supervisor<Run extends Closable> implements Closable {
  readonly closed: Promise<End>
  readonly #options: SupervisorOptions<Run>
  readonly #backoff: Backoff
  readonly #stopping = new AbortController()
  readonly #ending: Ending
  #run: Run | undefined
  /** The one that runs is being ended for another: resolves when that was tried. */
  #replacing: PromiseWithResolvers<void> | undefined
  #supervision: Promise<void> | undefined
  #restarts = 0

  constructor(options: SupervisorOptions<Run>) {
    this.#options = options
    this.#backoff = new Backoff(options.policy, options.clock, options.random)
    this.#ending = new Ending(() => this.#release())
    this.closed = this.#ending.closed
  }

  /** Starts the first; rejects as `start` does. */
  async begin(): Promise<void> {
    this.#supervision = this.#supervise(await this.#start())
  }

  /** Undefined while there is none. */
  get run(): Run | undefined {
    return this.#run
  }

  /** How often it had to be started again. */
  get restarts(): number {
    return this.#restarts
  }

  /** Ends the one that runs, in order, and starts another at once; resolves when that is up, or has failed to be. */
  async replace(reason: string): Promise<void> {
    const run = this.#run
    if (!run || this.#ending.begun) return
    this.#replacing ??= Promise.withResolvers()
    void run.close(reason)
    await this.#replacing.promise
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #start(): Promise<Run> {
    const run = await this.#options.start()
    this.#run = run
    this.#backoff.succeeded()
    this.#options.onUp(run)
    return run
  }

  /** Waits for the end of each and starts another, until all is to end. */
  async #supervise(first: Run): Promise<void> {
    const { clock, log, name } = this.#options
    const { signal } = this.#stopping
    let run: Run | undefined = first
    for (;;) {
      if (run) {
        const end = await run.closed
        this.#run = undefined
        if (signal.aborted) return
        this.#ended(run, end)
      }
      if (!this.#replacing) await sleep(clock, this.#backoff.failed(), signal).catch(() => {})
      if (signal.aborted) return
      run = await this.#start().catch((error: unknown) => {
        log.error(`The ${name} could not be started`, { reason: messageOf(error) })
        return undefined
      })
      this.#replacing?.resolve()
      this.#replacing = undefined
      if (signal.aborted) await run?.close()
    }
  }

  #ended(run: Run, end: End): void {
    const { log, name, onDown } = this.#options
    const reason = end.kind === 'error' ? end.error.message : end.reason
    if (this.#replacing && end.kind === 'clean') return onDown(run, reason, true)
    this.#restarts++
    log.error(`The ${name} has ended and is started again`, { reason })
    onDown(run, reason, false)
  }

  async #release(): Promise<void> {
    this.#stopping.abort()
    await this.#run?.close()
    await this.#supervision
    this.#replacing?.resolve()
  }
}
