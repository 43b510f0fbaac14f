import { Socket } from 'node:net'
import { encodeControl, frameOf, heartbeatType } from './frame.ts'
import { FrameSplitter } from './frame-splitter.ts'
import type { ChildVital } from './vital.ts'

export interface ParentLinkEvents {
  /** Takes what the server says. A throw ends the link. */
  onFrame(type: number, body: Buffer): void
  /** All that waited has been taken. */
  onDrain(): void
  /** The server has gone, or said what no server would. */
  onEnd(error: Error | undefined): void
}

/** The end of the socket pair in a process that ChildRun has started, on descriptor 3. */
export class ParentLink {
  readonly #socket: Socket
  #isGathering = false

  constructor(events: ParentLinkEvents, socket: Socket = new Socket({ fd: 3 })) {
    this.#socket = socket
    const splitter = new FrameSplitter((type, body) => events.onFrame(type, body))
    socket.on('data', (chunk: Buffer) => {
      try {
        splitter.push(chunk)
      } catch (error) {
        events.onEnd(error instanceof Error ? error : new Error(String(error)))
      }
    })
    socket.on('drain', () => events.onDrain())
    // A server that goes while something is sent to it shows as an error.
    socket.once('error', () => events.onEnd(undefined))
    socket.once('close', () => events.onEnd(undefined))
  }

  /** Bytes that the server has not taken yet. */
  get waitingBytes(): number {
    return this.#socket.writableLength
  }

  /** Comes before all else. */
  greet({ version }: ChildVital): void {
    this.write(encodeControl({ hello: version }))
  }

  /** It lives. */
  beat(): void {
    this.write(frameOf(heartbeatType, 0))
  }

  /** Sends a whole frame, together with all that is written in the same turn of the event loop. */
  write(frame: Uint8Array): void {
    if (!this.#isGathering) {
      this.#isGathering = true
      this.#socket.cork()
      setImmediate(() => {
        this.#isGathering = false
        this.#socket.uncork()
      })
    }
    this.#socket.write(frame)
  }
}
