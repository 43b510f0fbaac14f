import { sleep, type Clock } from '../kernel/clock.ts'
import type { Still } from './contract/still.ts'

export interface StillDeskOptions {
  readonly clock: Clock
  /** Asks the process for one; false when there is none to ask. */
  readonly ask: () => boolean
}

/** No still is made sooner than this after the last one, however many want one. */
export const stillPeriodMs = 2000
/** A process that does not answer for so long has other troubles. */
const patienceMs = 5000

/** Hands out stills: whoever wants one at about the same time gets the same one. */
export class StillDesk {
  readonly #options: StillDeskOptions
  #latest: Still | undefined
  #askedMs = -Infinity
  #answer: PromiseWithResolvers<void> | undefined

  constructor(options: StillDeskOptions) {
    this.#options = options
  }

  /** The newest one, made now when the last is too old; undefined when there is nothing to see. */
  async want(): Promise<Still | undefined> {
    const { clock } = this.#options
    if (!this.#answer && clock.nowMs() - this.#askedMs >= stillPeriodMs) this.#ask()
    await this.#answer?.promise
    return this.#latest
  }

  arrived(still: Still): void {
    this.#latest = still
    this.#settle()
  }

  /** `same`: the last one is as good as a new one. `none`: there is nothing to see. */
  refused(reason: 'same' | 'none'): void {
    if (reason === 'none') this.#latest = undefined
    this.#settle()
  }

  /** The source is gone, and what it showed. */
  lost(): void {
    this.refused('none')
    this.#askedMs = -Infinity
  }

  #ask(): void {
    const { clock, ask } = this.#options
    const answer = Promise.withResolvers<void>()
    this.#answer = answer
    if (!ask()) return this.#settle()
    this.#askedMs = clock.nowMs()
    void this.#giveUpLater(answer)
  }

  #settle(): void {
    this.#answer?.resolve()
    this.#answer = undefined
  }

  async #giveUpLater(answer: PromiseWithResolvers<void>): Promise<void> {
    const answered = new AbortController()
    void answer.promise.then(() => answered.abort())
    await sleep(this.#options.clock, patienceMs, answered.signal).catch(() => {})
    if (this.#answer === answer) this.refused('none')
  }
}
