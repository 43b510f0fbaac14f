import { CodedError } from './coded-error.ts'

/** `fifo` keeps every value in order; `latestValue` keeps the newest only. */
export type BufferMode = 'fifo' | 'latestValue'

/** What a full buffer does with one value more. */
export type BackpressurePolicy = 'block' | 'drop' | 'error' | { readonly resize: { readonly maxCapacity: number } }

export interface BufferConfig {
  readonly mode: BufferMode
  /** Values it holds; under `resize` before it first grows. */
  readonly capacity: number
  readonly policy: BackpressurePolicy
}

export const defaultBufferConfig: BufferConfig = { mode: 'fifo', capacity: 64, policy: 'block' }

export class BufferError extends CodedError<'buffer-full' | 'buffer-closed'> {}

/** `full` means that the value was not taken and that its sender has to wait. */
export type PutResult = 'stored' | 'replaced' | 'dropped' | 'full'

/** Stands for every list that has nothing in it; a session has a few, and most stay empty. */
const empty: never[] = []

/**
 * A queue that never holds more than its bound, not even while it grows. Iterating takes values out as they come, until it
 * is closed; leaving the loop closes it.
 */
export class BoundedBuffer<T> implements AsyncIterable<T> {
  readonly #config: BufferConfig
  readonly #bound: number
  /** Values it holds before it grows; what the ring has room for comes after it, as it is needed. */
  #room: number
  #ring: (T | undefined)[] = empty
  #head = 0
  #size = 0
  #closed = false
  #waiting: (() => void)[] = empty

  constructor(config: BufferConfig = defaultBufferConfig) {
    const { mode, capacity, policy } = config
    const bound = typeof policy === 'object' ? policy?.resize?.maxCapacity : capacity
    if (!Number.isInteger(capacity) || capacity < 1 || !Number.isInteger(bound) || bound < capacity) {
      throw new RangeError(
        `Cannot make a buffer of ${capacity} values that may grow to ${bound}: want 1 <= capacity <= maxCapacity`,
      )
    }
    if (mode !== 'fifo' && mode !== 'latestValue') throw new RangeError(`There is no buffer mode ${String(mode)}`)
    if (typeof policy === 'string' ? !['block', 'drop', 'error'].includes(policy) : !policy?.resize) {
      throw new RangeError(`There is no backpressure policy ${JSON.stringify(policy)}`)
    }
    this.#config = config
    this.#room = Math.min(capacity, mode === 'latestValue' ? 1 : bound)
    this.#bound = mode === 'latestValue' ? 1 : bound
  }

  get size(): number {
    return this.#size
  }

  /** Whether the next value would not simply be stored: it would wait, be dropped or be refused. */
  get isFull(): boolean {
    return this.#config.mode === 'fifo' && this.#size === this.#bound
  }

  get closed(): boolean {
    return this.#closed
  }

  get policy(): BackpressurePolicy {
    return this.#config.policy
  }

  /** How many values it holds now: under `resize` it doubles when it is full, up to its bound, and does not shrink. */
  get capacity(): number {
    return this.#room
  }

  /** Takes a value in, or says why not. Throws a {@link BufferError} when closed, or when full under policy `error`. */
  put(value: T): PutResult {
    if (this.#closed) throw new BufferError('buffer-closed', 'Cannot put a value into a closed buffer')
    if (this.#config.mode === 'latestValue' && this.#size === 1) {
      this.#ring[this.#head] = value
      return 'replaced'
    }
    if (this.#size === this.#room) {
      if (this.#room === this.#bound) return this.#refuse()
      this.#room = Math.min(this.#bound, this.#room * 2)
    }
    if (this.#size === this.#ring.length) this.#grow()
    this.#ring[(this.#head + this.#size) % this.#ring.length] = value
    this.#size++
    this.#wake()
    return 'stored'
  }

  /** The oldest value without taking it; undefined when empty. */
  peek(): T | undefined {
    return this.#size > 0 ? this.#ring[this.#head] : undefined
  }

  /** What is in it, oldest first. */
  *values(): Generator<T, void, undefined> {
    for (let index = 0; index < this.#size; index++) yield this.#ring[(this.#head + index) % this.#ring.length] as T
  }

  /** Takes the oldest value out; undefined when empty. */
  take(): T | undefined {
    if (this.#size === 0) return undefined
    const value = this.#ring[this.#head]
    this.#ring[this.#head] = undefined
    this.#head = (this.#head + 1) % this.#ring.length
    this.#size--
    this.#wake()
    return value
  }

  /** Resolves at the next change: a value came or went, or the buffer was closed. */
  changed(): Promise<void> {
    if (this.#closed) return Promise.resolve()
    return new Promise((resolve) => {
      if (this.#waiting === empty) this.#waiting = []
      this.#waiting.push(resolve)
    })
  }

  /** Wakes those who wait, for a change that is not in the buffer itself. */
  wake(): void {
    this.#wake()
  }

  /** Forgets everything in it, refuses everything from now on and wakes those who wait. Idempotent. */
  close(): void {
    this.#closed = true
    this.#ring = empty
    this.#head = 0
    this.#size = 0
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      while (!this.#closed) {
        while (this.#size > 0) yield this.take() as T
        await this.changed()
      }
    } finally {
      this.close()
    }
  }

  #refuse(): PutResult {
    if (this.#config.policy === 'drop') return 'dropped'
    if (this.#config.policy === 'error') {
      throw new BufferError('buffer-full', `Cannot put a value into the buffer: ${this.#size} already wait`)
    }
    return 'full'
  }

  /** Room is made when it is first needed: most edges of most sessions carry little. */
  #grow(): void {
    const ring: (T | undefined)[] = Array.from({ length: Math.min(this.#room, Math.max(1, this.#ring.length * 2)) })
    for (let index = 0; index < this.#size; index++) ring[index] = this.#ring[(this.#head + index) % this.#ring.length]
    this.#ring = ring
    this.#head = 0
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = empty
    for (const wake of waiting) wake()
  }
}
