/** Stops a subscription; idempotent. */
export type Unsubscribe = () => void

/** A value that changes: it can be read at any time and its changes can be listened to. */
export interface Readable<T> {
  readonly value: T
  /** Calls `listener` with each new value, not with the present one. */
  subscribe(listener: (value: T) => void): Unsubscribe
}

/**
 * The writing end of a {@link Readable}. Setting an identical value (`Object.is`) tells nobody. What a listener throws goes to
 * `onListenerError` and hurts nobody else; without one, to whoever sets the value.
 */
export class Writable<T> implements Readable<T> {
  #value: T
  readonly #onListenerError: ((error: unknown) => void) | undefined
  readonly #listeners = new Set<(value: T) => void>()

  constructor(initial: T, onListenerError?: (error: unknown) => void) {
    this.#value = initial
    this.#onListenerError = onListenerError
  }

  get value(): T {
    return this.#value
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return
    this.#value = value
    for (const listener of this.#listeners) {
      try {
        listener(value)
      } catch (error) {
        if (!this.#onListenerError) throw error
        this.#onListenerError(error)
      }
    }
  }

  subscribe(listener: (value: T) => void): Unsubscribe {
    // A wrapper of its own, so that one function can be subscribed twice and ended once.
    const entry = (value: T) => listener(value)
    this.#listeners.add(entry)
    return () => void this.#listeners.delete(entry)
  }
}

/** Resolves with the first value, present or future, that satisfies `accept`. */
export function until<T, U extends T>(
  readable: Readable<T>,
  accept: (value: T) => value is U,
  signal?: AbortSignal,
): Promise<U>
export function until<T>(readable: Readable<T>, accept: (value: T) => boolean, signal?: AbortSignal): Promise<T>
export function until<T>(readable: Readable<T>, accept: (value: T) => boolean, signal?: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  if (signal?.aborted) {
    reject(signal.reason)
  } else if (accept(readable.value)) {
    resolve(readable.value)
  } else {
    const end = () => {
      unsubscribe()
      signal?.removeEventListener('abort', onAbort)
    }
    const onAbort = () => {
      end()
      reject(signal?.reason)
    }
    const unsubscribe = readable.subscribe((value) => {
      if (!accept(value)) return
      end()
      resolve(value)
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  }
  return promise
}
