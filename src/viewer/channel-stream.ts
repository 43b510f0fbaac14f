import { Duplex } from 'node:stream'
import { countOfTaken, takenOf, type StreamFrame } from './link/protocol.ts'

/** Written here, and not taken by the client's stream. */
const windowBytes = 256 * 1024
const nothing = Buffer.alloc(0)

/** The server's end of a stream on which a client asks something, over a channel that lives in the viewer process. */
export class ChannelStream extends Duplex {
  /** By which those who ask too often are told apart, as of a socket. */
  readonly remoteAddress: string
  readonly #send: (kind: StreamFrame['kind'], data: Uint8Array) => void
  #untakenBytes = 0
  #goOn: (() => void) | undefined
  /** Read by nobody yet. */
  #unreadBytes = 0

  constructor(options: {
    readonly remoteAddress: string
    readonly send: (kind: StreamFrame['kind'], data: Uint8Array) => void
  }) {
    super({ allowHalfOpen: true })
    this.remoteAddress = options.remoteAddress
    this.#send = options.send
    // A client that goes in the middle of it is nothing that anybody has to hear of.
    this.on('error', () => {})
  }

  /** What came of it. */
  hear(frame: StreamFrame): void {
    if (this.destroyed) return
    switch (frame.kind) {
      case 'data':
        this.#unreadBytes += frame.data.length
        if (this.push(Buffer.from(frame.data))) this.#taken()
        break
      case 'end':
        this.push(null)
        break
      case 'reset':
        this.destroy()
        break
      case 'taken':
        this.#untakenBytes -= countOfTaken(frame)
        if (this.#untakenBytes < windowBytes) this.#goOn?.()
        break
      case 'open':
    }
  }

  override _read(): void {
    this.#taken()
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#send('data', chunk)
    this.#untakenBytes += chunk.length
    if (this.#untakenBytes < windowBytes) return done()
    this.#goOn = () => {
      this.#goOn = undefined
      done()
    }
  }

  override _final(done: () => void): void {
    this.#send('end', nothing)
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#send('reset', nothing)
    this.#goOn?.()
    done(error)
  }

  #taken(): void {
    if (this.#unreadBytes === 0) return
    this.#send('taken', takenOf(this.#unreadBytes))
    this.#unreadBytes = 0
  }
}
