import type { Timer } from '../clock.ts'

/** The last part of a session's life: who has said to be done, and waits for the others to take what it has sent. */
export class Drain {
  readonly #deadline: Timer
  readonly #closers = new Map<string, PromiseWithResolvers<void>>()

  constructor(deadline: Timer) {
    this.#deadline = deadline
  }

  /** Resolves when nothing that `role` has sent is under way any more. */
  closing(role: string, underWay: () => number): Promise<void> {
    const closer = this.#closers.get(role) ?? Promise.withResolvers<void>()
    this.#closers.set(role, closer)
    this.taken(role, underWay)
    return closer.promise
  }

  /** A message of `from` was taken; `underWay` counts those that are left. */
  taken(from: string, underWay: () => number): void {
    const closer = this.#closers.get(from)
    if (closer && underWay() === 0) closer.resolve()
  }

  end(): void {
    this.#deadline.cancel()
    for (const { resolve } of this.#closers.values()) resolve()
  }
}
