/**
 * What of a rendition's pictures cannot have been sent yet if the path carries the rendition's rate and no more. An estimate: the
 * queue itself is in another process.
 */
export class Backlog {
  #bits = 0
  #atUs = 0

  /** A picture was coded. */
  add(bits: number, bitrateBps: number, nowUs: number): void {
    this.#bits = this.#bitsAt(bitrateBps, nowUs) + bits
    this.#atUs = nowUs
  }

  /** How long it takes at this rate to send what is left, in microseconds. */
  lastsUs(bitrateBps: number, nowUs: number): number {
    return (this.#bitsAt(bitrateBps, nowUs) / bitrateBps) * 1_000_000
  }

  #bitsAt(bitrateBps: number, nowUs: number): number {
    return Math.max(0, this.#bits - ((nowUs - this.#atUs) * bitrateBps) / 1_000_000)
  }
}
