/** A pending call; `cancel()` is idempotent and harmless after the call has happened. */
export interface Timer {
  cancel(): void
}

/** Time as a parameter, so that everything that waits can be tested in virtual time. */
export interface Clock {
  /** Monotonic milliseconds with a fraction; the origin is arbitrary. */
  nowMs(): number
  /** Milliseconds since the Unix epoch, for records and expiry dates only. */
  epochMs(): number
  /** Runs `call` once, `delayMs` from now. */
  after(delayMs: number, call: () => void): Timer
  /** Runs `call` every `periodMs` until cancelled. */
  every(periodMs: number, call: () => void): Timer
}

/** As a global it is looked up by a getter each time, which takes longer than its answer. */
const { performance } = globalThis

/** The clock of the machine. Its timers keep a Node process alive, like plain timers do. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  epochMs: () => Date.now(),
  after(delayMs, call) {
    const id = setTimeout(call, delayMs)
    return { cancel: () => clearTimeout(id) }
  },
  every(periodMs, call) {
    const id = setInterval(call, periodMs)
    return { cancel: () => clearInterval(id) }
  },
}

/** Resolves after `delayMs`; rejects with the signal's reason as soon as it is aborted. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  if (signal?.aborted) {
    reject(signal.reason)
    return promise
  }
  const onAbort = () => {
    timer.cancel()
    reject(signal?.reason)
  }
  const timer = clock.after(delayMs, () => {
    signal?.removeEventListener('abort', onAbort)
    resolve()
  })
  signal?.addEventListener('abort', onAbort, { once: true })
  return promise
}
