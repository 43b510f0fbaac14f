/** How a long-lived thing ended. */
export type End =
  | { readonly kind: 'clean'; readonly reason: string }
  | { readonly kind: 'error'; readonly error: Error }

/**
 * A thing that lives until it is closed. `close` is idempotent, never throws and resolves when the resource is really
 * gone; `closed` resolves (it never rejects) at the same moment and tells how it ended.
 */
export interface Closable extends AsyncDisposable {
  close(reason?: string): Promise<void>
  readonly closed: Promise<End>
}

/** Runs `release` once, whoever asks first, and keeps how it ended: the one implementation of {@link Closable}. */
export class Ending {
  readonly closed: Promise<End>
  readonly #settle: (end: End) => void
  readonly #release: (end: End) => Promise<void> | void
  #end: End | undefined

  constructor(release: (end: End) => Promise<void> | void) {
    const { promise, resolve } = Promise.withResolvers<End>()
    this.closed = promise
    this.#settle = resolve
    this.#release = release
  }

  /** True from the first call of `end` on, before the resource is gone. */
  get begun(): boolean {
    return this.#end !== undefined
  }

  /** Begins the end, or waits for the one that has begun. An error thrown by `release` becomes the ending's error. */
  async end(end: End): Promise<void> {
    if (!this.#end) {
      this.#end = end
      let last: End = end
      try {
        await this.#release(end)
      } catch (error) {
        last = { kind: 'error', error: error instanceof Error ? error : new Error(String(error)) }
      }
      this.#settle(last)
    }
    await this.closed
  }

  /** `close(reason)` of a {@link Closable}. */
  close(reason = 'closed'): Promise<void> {
    return this.end({ kind: 'clean', reason })
  }

  /** The end that came from inside. */
  fail(error: Error): Promise<void> {
    return this.end({ kind: 'error', error })
  }
}
