import type { ByteStream } from '../../net/streams/byte-stream.ts'
import { countOfTaken, takenOf, type StreamFrame } from '../link/protocol.ts'

/** Read of a request, and not taken by the server. */
const windowBytes = 64 * 1024
const nothing = new Uint8Array(0)

interface Relayed {
  readonly stream: ByteStream
  untakenBytes: number
  /** Goes on reading, once the server has taken enough. */
  wake: () => void
  /** The server has said all that it says there. */
  isAnswered: boolean
}

/**
 * The streams of one channel on which the server is asked something: what comes by each goes to the server, and what that answers goes
 * back, each way no faster than the other end reads.
 */
export class RequestStreams {
  readonly #channel: number
  readonly #send: (frame: StreamFrame) => void
  readonly #relayed = new Map<number, Relayed>()
  #next = 0

  constructor({ channel, send }: { readonly channel: number; readonly send: (frame: StreamFrame) => void }) {
    this.#channel = channel
    this.#send = send
  }

  /** The client has opened one. */
  take(stream: ByteStream): void {
    const id = this.#next++
    const relayed: Relayed = { stream, untakenBytes: 0, wake: () => {}, isAnswered: false }
    this.#relayed.set(id, relayed)
    this.#say(id, 'open')
    void this.#read(id, relayed)
    void stream.closed.then((end) => {
      this.#relayed.delete(id)
      relayed.wake()
      if (end.kind === 'error') this.#say(id, 'reset')
    })
  }

  /** What the server says on one. */
  hear(frame: StreamFrame): void {
    const relayed = this.#relayed.get(frame.stream)
    if (!relayed) return
    const { stream } = relayed
    switch (frame.kind) {
      case 'data':
        // A copy, since the frame's memory is the splitter's.
        stream.write(Uint8Array.from(frame.data)).then(
          () => this.#say(frame.stream, 'taken', takenOf(frame.data.length)),
          () => {},
        )
        break
      case 'end':
        relayed.isAnswered = true
        stream.finish().catch(() => {})
        break
      case 'reset':
        // What was said before the end is still on its way.
        if (!relayed.isAnswered) stream.reset(0)
        break
      case 'taken':
        relayed.untakenBytes -= countOfTaken(frame)
        relayed.wake()
        break
      case 'open':
    }
  }

  async #read(id: number, relayed: Relayed): Promise<void> {
    try {
      for await (const bytes of relayed.stream.incoming) {
        relayed.untakenBytes += bytes.length
        this.#say(id, 'data', bytes)
        while (relayed.untakenBytes > windowBytes && this.#relayed.has(id)) {
          await new Promise<void>((resolve) => (relayed.wake = resolve))
        }
      }
      this.#say(id, 'end')
    } catch {
      // The stream has ended with an error, and that is told.
    }
  }

  #say(stream: number, kind: StreamFrame['kind'], data: Uint8Array = nothing): void {
    this.#send({ channel: this.#channel, stream, kind, data })
  }
}
