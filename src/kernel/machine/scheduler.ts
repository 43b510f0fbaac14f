import type { Coroutine } from './coroutine.ts'
import { MachineError } from './machine-error.ts'

/**
 * Who runs next. `cooperative` lets a coroutine go on until it waits, yields or ends; `round-robin` gives each one
 * instruction in turn. Among those that could run, the seed decides who is first.
 */
export type SchedulerPolicy = 'cooperative' | 'round-robin'

/** Takes turns among the coroutines that are ready; a turn costs the same however many there are. */
export class Scheduler {
  readonly #policy: SchedulerPolicy
  readonly #random: () => number
  readonly #ready = new Set<Coroutine>()
  /** Those who have not had their turn in this round, the next one last. */
  #round: Coroutine[] = []
  #running: Coroutine | undefined

  /** Throws `malformed-option` for a policy that there is not. */
  constructor(policy: SchedulerPolicy, random: () => number) {
    if (policy !== 'cooperative' && policy !== 'round-robin') {
      throw new MachineError('malformed-option', `There is no scheduler "${String(policy)}"`)
    }
    this.#policy = policy
    this.#random = random
  }

  add(coroutine: Coroutine): void {
    this.#ready.add(coroutine)
  }

  remove(coroutine: Coroutine): void {
    this.#ready.delete(coroutine)
  }

  /** The next that is ready, or undefined when none is. */
  next(): Coroutine | undefined {
    if (this.#policy === 'cooperative' && this.#running && this.#ready.has(this.#running)) return this.#running
    this.#running = this.#fromRound() ?? this.#fromNewRound()
    return this.#running
  }

  /** The running coroutine gives up its turn. */
  yield(): void {
    this.#running = undefined
  }

  #fromRound(): Coroutine | undefined {
    for (let next = this.#round.pop(); next; next = this.#round.pop()) {
      if (this.#ready.has(next)) return next
    }
    return undefined
  }

  #fromNewRound(): Coroutine | undefined {
    this.#round = shuffled([...this.#ready], this.#random)
    return this.#round.pop()
  }
}

/** Fisher and Yates, in place. */
function shuffled<T>(values: T[], random: () => number): T[] {
  for (let last = values.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const moved = values[last] as T
    values[last] = values[other] as T
    values[other] = moved
  }
  return values
}
