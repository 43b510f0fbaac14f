/** Of about so many pictures before. */
const memory = 50
/** A picture that would fill less than half of a path at 60 a second says nothing of those that do: the least parity outweighs it. */
const picturesPerSecond = 60

/**
 * How much of what goes over the wire for pictures is the pictures themselves: the rest is headers, padding to whole packets, and parity.
 */
export class PayloadShare {
  #pictureBytes = 0
  #wireBytes = 0

  /** A picture goes out on a path that is believed to carry `targetBps`. */
  add(pictureBytes: number, wireBytes: number, targetBps: number): void {
    if (wireBytes * 8 * 2 * picturesPerSecond < targetBps) return
    this.#pictureBytes += pictureBytes - this.#pictureBytes / memory
    this.#wireBytes += wireBytes - this.#wireBytes / memory
  }

  /** 0 to 1; undefined before the first picture that says something. */
  get value(): number | undefined {
    return this.#wireBytes === 0 ? undefined : Math.min(1, this.#pictureBytes / this.#wireBytes)
  }
}
