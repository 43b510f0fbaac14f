import type { EventEmitter } from 'node:events'

/** The signals that ask a server to stop: Ctrl+C, an init system, a terminal that goes away. */
export const stoppingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** What signals and lost errors are heard from: `process`. */
export type ProcessEvents = Pick<EventEmitter, 'on' | 'off'>

/** Why a process is to stop. */
export type StopCause =
  | { readonly kind: 'signal'; readonly signal: string }
  /** An error that nobody caught: the state of the process is not to be trusted any more. */
  | { readonly kind: 'crash'; readonly error: unknown }

/**
 * Hears why the process is to stop. `first` resolves with the first cause; every cause after it calls `again`, also while
 * the first is being dealt with.
 */
export class StopSignals implements Disposable {
  readonly first: Promise<StopCause>
  readonly #events: ProcessEvents
  readonly #listeners: readonly (readonly [string, (error: unknown) => void])[]

  constructor(events: ProcessEvents, again: (cause: StopCause) => void) {
    const { promise, resolve } = Promise.withResolvers<StopCause>()
    this.first = promise
    let heard = false
    const hear = (cause: StopCause) => {
      if (heard) again(cause)
      heard = true
      resolve(cause)
    }
    this.#events = events
    this.#listeners = [
      ...stoppingSignals.map((signal) => [signal, () => hear({ kind: 'signal', signal })] as const),
      ['uncaughtException', (error: unknown) => hear({ kind: 'crash', error })],
      ['unhandledRejection', (error: unknown) => hear({ kind: 'crash', error })],
    ]
    for (const [event, listener] of this.#listeners) events.on(event, listener)
  }

  [Symbol.dispose](): void {
    for (const [event, listener] of this.#listeners) this.#events.off(event, listener)
  }
}
