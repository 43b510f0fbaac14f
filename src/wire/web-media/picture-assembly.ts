import { WireError } from '../wire-error.ts'
import type { HostMediaMessage, WebPicture } from './host-media-message.ts'

/** Puts pictures together from their messages, one at a time. */
export class PictureAssembly {
  #head: Extract<HostMediaMessage, { type: 'picture' }> | undefined
  #data = new Uint8Array(0)
  #filledBytes = 0

  /**
   * The picture, when this message completes one. One that is followed by another before it is complete was given up by
   * the sender. Throws WireError `malformed` for a part that belongs to nothing.
   */
  add(message: Extract<HostMediaMessage, { type: 'picture' | 'part' }>): WebPicture | undefined {
    if (message.type === 'picture') {
      this.#head = message
      // Memory is taken as it is filled: a large size alone costs the sender nothing.
      this.#data = message.data.slice()
      this.#filledBytes = message.data.length
    } else {
      this.#append(message.data)
    }
    const head = this.#head
    if (!head || this.#filledBytes < head.totalBytes) return undefined
    const { codec, key, captureUs, width, height } = head
    const data = this.#data.subarray(0, head.totalBytes)
    this.#head = undefined
    this.#data = new Uint8Array(0)
    return { codec, key, captureUs, width, height, data }
  }

  #append(piece: Uint8Array): void {
    const head = this.#head
    if (!head || this.#filledBytes + piece.length > head.totalBytes) {
      throw new WireError('malformed', 'Cannot put a picture together: a part came that belongs to none')
    }
    if (this.#filledBytes + piece.length > this.#data.length) {
      const grown = new Uint8Array(Math.min(head.totalBytes, Math.max(2 * this.#data.length, 64 * 1024)))
      grown.set(this.#data.subarray(0, this.#filledBytes))
      this.#data = grown
    }
    this.#data.set(piece, this.#filledBytes)
    this.#filledBytes += piece.length
  }
}
