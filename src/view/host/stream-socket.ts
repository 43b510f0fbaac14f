import { Duplex } from 'node:stream'
import type { ByteStream } from '../../net/streams/byte-stream.ts'

/** A stream of a channel as Node's HTTP client takes it in the place of a socket. */
export class StreamSocket extends Duplex {
  readonly #stream: ByteStream
  readonly #incoming: AsyncIterator<Uint8Array>
  #isReading = false

  constructor(stream: ByteStream) {
    super({ allowHalfOpen: true })
    this.#stream = stream
    this.#incoming = stream.incoming[Symbol.asyncIterator]()
  }

  override _read(): void {
    if (this.#isReading) return
    this.#isReading = true
    this.#incoming.next().then(
      ({ value, done }) => {
        this.#isReading = false
        this.push(done === true ? null : Buffer.from(value))
      },
      (error: Error) => this.destroy(error),
    )
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    void settle(this.#stream.write(chunk), done)
  }

  override _final(done: (error?: Error) => void): void {
    void settle(this.#stream.finish(), done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#stream.reset(0)
    done(error)
  }
}

async function settle(done: Promise<void>, tell: (error?: Error) => void): Promise<void> {
  const error = await done.then(
    () => undefined,
    (found: Error) => found,
  )
  tell(error)
}
