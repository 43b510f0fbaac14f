import { Ending, type End } from '../../src/kernel/ending.ts'
import type { ByteStream } from '../../src/net/streams/byte-stream.ts'
import { StreamError } from '../../src/net/streams/stream-error.ts'

const capacityBytes = 64 * 1024

/** One way of a plain stream: bytes that wait to be read. */
class Way {
  waiting: Uint8Array[] = []
  waitingBytes = 0
  isFinished = false
  error: { readonly atWriter: StreamError; readonly atReader: StreamError } | undefined
  #changed = Promise.withResolvers<void>()

  get isOver(): boolean {
    return this.error !== undefined || (this.isFinished && this.waitingBytes === 0)
  }

  throwAtWriter(): void {
    if (this.error) throw this.error.atWriter
  }

  change(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers<void>()
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.#changed.promise
  }

  fail(atWriter: StreamError, atReader: StreamError): void {
    if (this.isOver) return
    this.error = { atWriter, atReader }
    this.waiting = []
    this.waitingBytes = 0
    this.change()
  }
}

class PlainStream implements ByteStream {
  isBulk = false
  readonly incoming: AsyncIterable<Uint8Array>
  readonly closed: Promise<End>
  readonly #out: Way
  readonly #in: Way
  #isFinishing = false

  constructor(out: Way, from: Way) {
    this.#out = out
    this.#in = from
    this.incoming = { [Symbol.asyncIterator]: () => this.#read() }
    const ending = new Ending(() => {})
    this.closed = ending.closed
    void Promise.all([out.until(() => out.isOver), from.until(() => from.isOver)]).then(() => {
      const error = out.error?.atWriter ?? from.error?.atReader
      return error ? ending.fail(error) : ending.close('finished')
    })
  }

  get buffered(): number {
    return this.#out.waitingBytes
  }

  async write(bytes: Uint8Array): Promise<void> {
    const way = this.#out
    if (this.#isFinishing) throw new StreamError('finished', 'Cannot write to a stream that was finished')
    way.throwAtWriter()
    way.waiting.push(Uint8Array.from(bytes))
    way.waitingBytes += bytes.length
    way.change()
    await way.until(() => way.waitingBytes < capacityBytes || way.error !== undefined)
    way.throwAtWriter()
  }

  async finish(): Promise<void> {
    this.#isFinishing = true
    const way = this.#out
    way.isFinished = true
    way.change()
    await way.until(() => way.isOver)
    way.throwAtWriter()
  }

  reset(): void {
    const own = new StreamError('finished', 'The stream was given up')
    this.#out.fail(own, new StreamError('reset', 'The other end gave the stream up'))
    this.#in.fail(new StreamError('stopped', 'The other end wants no more of the stream'), own)
  }

  async *#read(): AsyncGenerator<Uint8Array, void> {
    const way = this.#in
    try {
      for (;;) {
        await way.until(() => way.waiting.length > 0 || way.isOver)
        if (way.error) throw way.error.atReader
        const next = way.waiting.shift()
        if (!next) return
        way.waitingBytes -= next.length
        way.change()
        if (next.length > 0) yield next
      }
    } finally {
      const own = new StreamError('finished', 'Nobody reads the stream any more')
      way.fail(new StreamError('stopped', 'The other end wants no more of the stream'), own)
    }
  }
}

/** Both ends of a stream within one process that nothing carries. */
export function openPlainStream(): readonly [ByteStream, ByteStream] {
  const [there, back] = [new Way(), new Way()]
  return [new PlainStream(there, back), new PlainStream(back, there)]
}
