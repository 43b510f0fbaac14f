import { WireError } from '../wire-error.ts'

/** A frame that grows larger than this is refused. */
const maxFrameBytes = 16 * 1024 * 1024

/** The pieces of one frame while it is put together. They are views: what they look at must stay as it is until `take`. */
export class FramePieces {
  #pieces: Uint8Array[] = []
  #bytes = 0

  get empty(): boolean {
    return this.#pieces.length === 0
  }

  /** Throws WireError `too-long`. */
  append(piece: Uint8Array): void {
    if (this.#bytes + piece.length > maxFrameBytes) {
      throw new WireError('too-long', `Cannot put frame together: more than ${maxFrameBytes} bytes`)
    }
    this.#pieces.push(piece)
    this.#bytes += piece.length
  }

  /** All pieces one behind the other, in memory of their own; starts anew. */
  take(): Uint8Array {
    const frame = new Uint8Array(this.#bytes)
    let offset = 0
    for (const piece of this.#pieces) {
      frame.set(piece, offset)
      offset += piece.length
    }
    this.#pieces = []
    this.#bytes = 0
    return frame
  }
}
