/** Twenty-seven packets of the most bytes. A packet that somebody keeps keeps as much. */
const slabBytes = 2 ** 15

/**
 * Memory for packets, cut one after the other from larger pieces, as `Buffer.allocUnsafe` does; but Node's pieces are of 8 KiB, which is six
 * packets, and one more has to be made and freed for every two or three that come and go. Nothing is cut twice: what was cut may be kept.
 */
export class PacketMemory {
  #slab: ArrayBufferLike = new ArrayBuffer(0)
  #used = 0

  /** So many bytes, whatever was in them. */
  cut(bytes: number): Uint8Array {
    if (this.#used + bytes > this.#slab.byteLength) {
      if (bytes > slabBytes / 4) return new Uint8Array(bytes)
      this.#slab = Buffer.allocUnsafeSlow(slabBytes).buffer
      this.#used = 0
    }
    const cut = new Uint8Array(this.#slab, this.#used, bytes)
    this.#used += bytes
    return cut
  }
}
