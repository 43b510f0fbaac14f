import { CodedError } from './coded-error.ts'

/** What a full channel does with one value more: wait for room, drop one, or fail. */
export type OverflowPolicy = 'wait' | 'drop-oldest' | 'drop-newest' | 'fail'

export class ChannelError extends CodedError<'channel-full' | 'channel-closed'> {}

/** A named queue with a capacity and a policy. Iterating takes values out; leaving the loop closes the channel. */
export class Channel<T> implements AsyncIterable<T> {
  readonly name: string
  readonly capacity: number
  readonly policy: OverflowPolicy
  readonly #values: T[] = []
  readonly #receivers: ((result: IteratorResult<T, undefined>) => void)[] = []
  readonly #senders: { value: T; sent: () => void; refused: (error: Error) => void }[] = []
  #dropped = 0
  #closed = false

  constructor(options: { name: string; capacity: number; policy: OverflowPolicy }) {
    if (!Number.isInteger(options.capacity) || options.capacity < 1) {
      throw new RangeError(
        `Cannot open channel "${options.name}": capacity ${options.capacity} is not a positive integer`,
      )
    }
    this.name = options.name
    this.capacity = options.capacity
    this.policy = options.policy
  }

  /** Values that wait to be received. */
  get size(): number {
    return this.#values.length
  }

  /** Values dropped by the policy so far. */
  get dropped(): number {
    return this.#dropped
  }

  /** Sends without waiting; false when the policy dropped this very value or there is no room to wait in. */
  trySend(value: T): boolean {
    if (this.#closed) return false
    const receiver = this.#receivers.shift()
    if (receiver) {
      receiver({ done: false, value })
      return true
    }
    if (this.#values.length < this.capacity) {
      this.#values.push(value)
      return true
    }
    if (this.policy === 'wait') return false
    if (this.policy === 'fail')
      throw new ChannelError('channel-full', `Cannot send to "${this.name}": ${this.capacity} values already wait`)
    this.#dropped++
    if (this.policy === 'drop-newest') return false
    this.#values.shift()
    this.#values.push(value)
    return true
  }

  /** Sends, waiting for room under policy `wait`. Rejects with `channel-closed` or, under policy `fail`, `channel-full`. */
  async send(value: T): Promise<void> {
    if (this.#closed) throw new ChannelError('channel-closed', `Cannot send to "${this.name}": it is closed`)
    if (this.trySend(value) || this.policy !== 'wait') return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#senders.push({ value, sent: resolve, refused: reject })
    await promise
  }

  /** The next value; `done` once the channel is closed and empty. */
  receive(): Promise<IteratorResult<T, undefined>> {
    if (this.#values.length > 0) {
      const value = this.#values.shift() as T
      const waiting = this.#senders.shift()
      if (waiting) {
        this.#values.push(waiting.value)
        waiting.sent()
      }
      return Promise.resolve({ done: false, value })
    }
    if (this.#closed) return Promise.resolve({ done: true, value: undefined })
    const { promise, resolve } = Promise.withResolvers<IteratorResult<T, undefined>>()
    this.#receivers.push(resolve)
    return promise
  }

  /** Refuses further values and wakes everybody who waits; what is queued can still be received. Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const receiver of this.#receivers.splice(0)) receiver({ done: true, value: undefined })
    for (const sender of this.#senders.splice(0)) {
      sender.refused(new ChannelError('channel-closed', `Cannot send to "${this.name}": it was closed while waiting`))
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      for (let next = await this.receive(); !next.done; next = await this.receive()) yield next.value
    } finally {
      this.close()
    }
  }
}
