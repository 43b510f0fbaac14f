import { violation } from './child-error.ts'
import { frameHeaderBytes, maxFrameBytes } from './frame.ts'

/**
 * Cuts the byte stream back into frames. A body that arrives whole in one chunk is a view of that chunk, one that comes
 * in pieces is put together once in a buffer of its own: nothing is copied twice, and never more than one frame waits.
 */
export class FrameSplitter {
  readonly #onFrame: (type: number, body: Buffer) => void
  readonly #header = Buffer.alloc(frameHeaderBytes)
  #headerFilled = 0
  #body: Buffer | undefined
  #bodyFilled = 0

  constructor(onFrame: (type: number, body: Buffer) => void) {
    this.#onFrame = onFrame
  }

  /** Takes the next chunk, which must not be changed afterwards. Throws ChildError `protocol-violation`. */
  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#body) {
        at += this.#fillBody(this.#body, chunk.subarray(at))
        continue
      }
      const taken = chunk.copy(this.#header, this.#headerFilled, at)
      this.#headerFilled += taken
      at += taken
      if (this.#headerFilled < frameHeaderBytes) return
      this.#headerFilled = 0
      at += this.#begin(chunk.subarray(at))
    }
  }

  /** Begins the frame of the header that is complete; returns how much of `rest` it has used. */
  #begin(rest: Buffer): number {
    const bodyBytes = this.#header.readUInt32LE(0) - 1
    if (bodyBytes < 0 || bodyBytes > maxFrameBytes) throw violation(`a frame of ${bodyBytes} bytes is announced`)
    if (bodyBytes <= rest.length) {
      this.#onFrame(this.#header.readUInt8(4), rest.subarray(0, bodyBytes))
      return bodyBytes
    }
    this.#body = Buffer.allocUnsafe(bodyBytes)
    this.#bodyFilled = 0
    return 0
  }

  #fillBody(body: Buffer, rest: Buffer): number {
    const taken = rest.copy(body, this.#bodyFilled)
    this.#bodyFilled += taken
    if (this.#bodyFilled === body.length) {
      this.#body = undefined
      this.#onFrame(this.#header.readUInt8(4), body)
    }
    return taken
  }
}
