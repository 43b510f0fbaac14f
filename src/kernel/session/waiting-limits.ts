import type { Clock, Timer } from '../clock.ts'
import type { LocalBranch, LocalType } from '../protocol/local-type.ts'

/** The branch that a role takes when the one it waits for is lost, if its type has one. */
export function lossOf(local: LocalType): LocalBranch | undefined {
  return local.kind === 'receive' ? local.branches.find((branch) => branch.lost) : undefined
}

/** How long each role has left to wait for the one that it has asked. */
export class WaitingLimits {
  readonly #clock: Clock
  readonly #limits = new Map<string, Timer>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Begins to count when `role` first asks at this point. */
  begin(role: string, afterMs: number, expire: () => void): void {
    if (this.#limits.has(role)) return
    const timer = this.#clock.after(afterMs, () => {
      this.#limits.delete(role)
      expire()
    })
    this.#limits.set(role, timer)
  }

  /** It has gone on. */
  end(role: string): void {
    this.#limits.get(role)?.cancel()
    this.#limits.delete(role)
  }

  endAll(): void {
    for (const timer of this.#limits.values()) timer.cancel()
    this.#limits.clear()
  }
}
