import type { Coroutine } from './coroutine.ts'

/** What a coroutine waits for: a session by its number or a layer by its name, and to do what then. */
export interface Wait {
  readonly on: number | string
  readonly to: string
}

/** Who waits for something to happen in a session (its number) or to a layer (its name). */
export class Waiting {
  readonly #coroutines = new Map<number | string, Set<Coroutine>>()

  add(coroutine: Coroutine, { on, to }: Wait): void {
    coroutine.state = { kind: 'blocked', what: `coroutine ${coroutine.id} waits to ${to} (${on})` }
    this.#coroutines.set(on, (this.#coroutines.get(on) ?? new Set()).add(coroutine))
  }

  /** Those who waited for it and are still there: they are ready to try again. */
  take(on: number | string): Coroutine[] {
    const waiting = [...(this.#coroutines.get(on) ?? [])].filter((coroutine) => coroutine.alive)
    this.#coroutines.delete(on)
    for (const coroutine of waiting) coroutine.state = { kind: 'ready' }
    return waiting
  }
}

/** Who waits for what, for people. */
export function describeWaiting(coroutines: Iterable<Coroutine>): string[] {
  return [...coroutines].flatMap(({ state }) => (state.kind === 'blocked' ? [state.what] : []))
}
