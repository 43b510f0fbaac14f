import { lengthBytes } from '../../wire/party/share.ts'
import { ShareError } from './share-error.ts'

/** Reads a stream by messages that tell their length, and then, where that is wanted, as it comes. */
export class FramedReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  #rest: Uint8Array = new Uint8Array(0)

  constructor(incoming: AsyncIterable<Uint8Array>) {
    this.#chunks = incoming[Symbol.asyncIterator]()
  }

  /** The next message; undefined at the end. Rejects with ShareError `violation` for one that is cut off, or what the stream throws. */
  async message(): Promise<Uint8Array | undefined> {
    const head = await this.#take(lengthBytes)
    if (!head) return undefined
    const length = new DataView(head.buffer, head.byteOffset).getUint16(0)
    const message = length === 0 ? new Uint8Array(0) : await this.#take(length)
    if (!message) throw new ShareError('violation', 'Cannot read what a member sends: it ends within a message')
    return message
  }

  /** All that is left, as it comes. Whoever leaves the loop wants no more of the stream. */
  async *rest(): AsyncIterable<Uint8Array> {
    try {
      if (this.#rest.length > 0) yield this.#rest
      for (;;) {
        const { done, value } = await this.#chunks.next()
        if (done) return
        yield value
      }
    } finally {
      await this.close()
    }
  }

  /** No more of it is wanted. */
  async close(): Promise<void> {
    await this.#chunks.return?.()
  }

  async #take(bytes: number): Promise<Uint8Array | undefined> {
    while (this.#rest.length < bytes) {
      const { done, value } = await this.#chunks.next()
      if (done && this.#rest.length === 0) return undefined
      if (done) throw new ShareError('violation', 'Cannot read what a member sends: it ends within a message')
      this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value])
    }
    const taken = this.#rest.subarray(0, bytes)
    this.#rest = this.#rest.subarray(bytes)
    return taken
  }
}
