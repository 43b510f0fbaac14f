import type { Unsubscribe } from '../kernel/readable.ts'
import { reportUncaught } from './contract/report-uncaught.ts'

type Listener<Args extends unknown[]> = (...args: Args) => void

/** Named events, each with its own argument list. A listener that throws hurts nobody else; its error is reported as uncaught. */
export class Emitter<Events extends { [Name in keyof Events]: unknown[] }> {
  readonly #listeners: { [Name in keyof Events]?: Set<Listener<Events[Name]>> } = {}

  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): Unsubscribe {
    const listeners = (this.#listeners[name] ??= new Set())
    // A wrapper of its own, so that one function can be added twice and removed once.
    const entry: Listener<Events[Name]> = (...args) => listener(...args)
    listeners.add(entry)
    return () => void listeners.delete(entry)
  }

  emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): void {
    for (const listener of this.#listeners[name] ?? []) {
      try {
        listener(...args)
      } catch (error) {
        reportUncaught(error)
      }
    }
  }
}
