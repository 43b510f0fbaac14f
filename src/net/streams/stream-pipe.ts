import type { Pipe, PipeEnd, PipeListener, PipeMessage } from '../../kernel/pipe.ts'
import type { ByteStream } from './byte-stream.ts'

/**
 * Messages on a stream of bytes:
 *
 *     | kind (8): 0 text, 1 bytes, 2 the end | length (24) | data ... |      the data of the end is its code (16)
 */
const kinds = { text: 0, bytes: 1, end: 2 } as const
const headBytes = 4
/** Whoever sends on into a pipe of which nobody reads so much loses it. */
const capacityBytes = 16 * 1024 * 1024
/** A stream that was given up tells this, which means nothing. */
const cutCode = 0

export interface StreamPipeOptions {
  /** Longer messages are a fault of the other end. */
  readonly maxMessageBytes: number
}

/** A pipe for messages on a stream, which is its own from now on. */
export function pipeOnStream(stream: ByteStream, options: StreamPipeOptions): Pipe {
  return new StreamPipe(stream, options)
}

class StreamPipe implements Pipe {
  readonly closed: Promise<PipeEnd>
  readonly #settleClosed: (end: PipeEnd) => void
  readonly #stream: ByteStream
  readonly #maxBytes: number
  #state: 'open' | 'closing' | 'closed' = 'open'
  #isPaused = false
  /** Handed to the stream, and not taken by it. */
  #waitingBytes = 0

  constructor(stream: ByteStream, { maxMessageBytes }: StreamPipeOptions) {
    const { promise, resolve } = Promise.withResolvers<PipeEnd>()
    this.closed = promise
    this.#settleClosed = resolve
    this.#stream = stream
    this.#maxBytes = maxMessageBytes
    void stream.closed.then(() => this.#end(undefined))
  }

  get open(): boolean {
    return this.#state === 'open'
  }

  get buffered(): number {
    return this.#waitingBytes + this.#stream.buffered
  }

  listen(listener: PipeListener): void {
    void this.#read(listener)
  }

  send(message: PipeMessage): void {
    if (!this.open) return
    const data = typeof message === 'string' ? new TextEncoder().encode(message) : message
    if (this.buffered + data.length > capacityBytes) return this.close(undefined, 'Nobody reads')
    this.#write(typeof message === 'string' ? kinds.text : kinds.bytes, data)
  }

  pause(): void {
    this.#isPaused = true
  }

  close(code: number | undefined, _reason: string): void {
    if (code === undefined) {
      this.#stream.reset(cutCode)
      this.#end(undefined)
    } else if (this.open) {
      this.#state = 'closing'
      this.#write(kinds.end, Uint8Array.of(code >> 8, code & 0xff))
      this.#stream.finish().then(
        () => this.#end(code),
        () => this.#end(undefined),
      )
    }
  }

  #write(kind: number, data: Uint8Array): void {
    const framed = new Uint8Array(headBytes + data.length)
    new DataView(framed.buffer).setUint32(0, (kind << 24) | data.length)
    framed.set(data, headBytes)
    this.#waitingBytes += framed.length
    this.#stream.write(framed).then(
      () => (this.#waitingBytes -= framed.length),
      () => this.#end(undefined),
    )
  }

  async #read(listener: PipeListener): Promise<void> {
    const chunks = this.#stream.incoming[Symbol.asyncIterator]()
    let came = new Uint8Array(0)
    try {
      // Not left when it is paused: the other end is to wait, not to hear that nobody reads.
      while (this.#state !== 'closed' && !this.#isPaused) {
        const { value, done } = await chunks.next()
        if (done) return this.#end(undefined)
        came = joined(came, value)
        const taken = this.#handOver(came, listener)
        if (taken === undefined) return
        came = came.slice(taken)
      }
    } catch {
      this.#end(undefined)
    }
  }

  /** Hands over the messages that are whole. How many bytes they were; undefined when nothing more is to be read. */
  #handOver(came: Uint8Array, listener: PipeListener): number | undefined {
    let at = 0
    while (came.length - at >= headBytes && this.#state !== 'closed' && !this.#isPaused) {
      const head = new DataView(came.buffer, came.byteOffset + at).getUint32(0)
      const [kind, bytes] = [head >>> 24, head & 0xff_ffff]
      if (bytes > this.#maxBytes) return this.#fault(listener, 'too-long', `A message of ${bytes} bytes`)
      if (came.length - at < headBytes + bytes) break
      const data = came.slice(at + headBytes, at + headBytes + bytes)
      at += headBytes + bytes
      if (kind === kinds.bytes) listener.message(data)
      else if (kind === kinds.text) {
        const text = textOf(data)
        if (text === undefined) return this.#fault(listener, 'malformed', 'A text that is not UTF-8')
        listener.message(text)
      } else if (kind === kinds.end && bytes === 2) {
        this.#goodbye(((data[0] as number) << 8) | (data[1] as number))
        return undefined
      } else return this.#fault(listener, 'malformed', 'A message of no known kind')
    }
    return at
  }

  /** The other end closes it: so does this one. */
  #goodbye(code: number): void {
    this.#state = 'closed'
    this.#settleClosed({ code })
    const release = () => this.#stream.reset(cutCode)
    this.#stream.finish().then(release, release)
  }

  #fault(listener: PipeListener, code: 'malformed' | 'too-long', message: string): undefined {
    if (this.open) listener.fault(code, message)
    this.#stream.reset(cutCode)
    this.#end(undefined)
  }

  #end(code: number | undefined): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#settleClosed({ code })
    // Nothing of either way is of use any more.
    this.#stream.reset(cutCode)
  }
}

function joined(one: Uint8Array<ArrayBuffer>, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length)
  both.set(one)
  both.set(other, one.length)
  return both
}

function textOf(data: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data)
  } catch {
    return undefined
  }
}
