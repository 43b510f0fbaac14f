import type { Clock, Timer } from '../clock.ts'
import type { LocalBranch, LocalType } from '../protocol/local-type.ts'

/** What a receiver does without its sender. */
export type UnsaidKind = 'lost' | 'late'

/** The branch that a role takes when the one it waits for is lost, or what it says is late, if its type has one. */
export function unsaidBranch(local: LocalType, kind: UnsaidKind): LocalBranch | undefined {
  return local.kind === 'receive' ? local.branches.find((branch) => branch[kind]) : undefined
}

/** How long each role has left to wait for the one that it has asked. */
export class WaitingLimits {
  readonly #clock: Clock
  readonly #limits: Readonly<Record<UnsaidKind, Map<string, Timer>>> = { lost: new Map(), late: new Map() }
  /** Roles that have waited long enough. */
  readonly #late = new Set<string>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Begins to count when `role` first asks at this point. */
  begin(role: string, kind: UnsaidKind, afterMs: number, expire: () => void): void {
    if (this.#limits[kind].has(role) || (kind === 'late' && this.#late.has(role))) return
    const timer = this.#clock.after(afterMs, () => {
      this.#limits[kind].delete(role)
      if (kind === 'late') this.#late.add(role)
      expire()
    })
    this.#limits[kind].set(role, timer)
  }

  /** Whether what a role waits for is late. */
  isLate(role: string): boolean {
    return this.#late.has(role)
  }

  /** It has gone on. */
  end(role: string): void {
    for (const timers of [this.#limits.lost, this.#limits.late]) {
      timers.get(role)?.cancel()
      timers.delete(role)
    }
    this.#late.delete(role)
  }

  endAll(): void {
    for (const timers of [this.#limits.lost, this.#limits.late]) {
      for (const timer of timers.values()) timer.cancel()
      timers.clear()
    }
    this.#late.clear()
  }
}
