const windowUs = 1_000_000
const slots = 10

/** Bits a second over the last second, in tenths of it. */
export class RateMeter {
  readonly #bytes = new Float64Array(slots)
  #slot = 0

  add(bytes: number, nowUs: number): void {
    this.#moveTo(nowUs)
    this.#bytes[this.#slot % slots] = (this.#bytes[this.#slot % slots] as number) + bytes
  }

  bitsPerSecond(nowUs: number): number {
    this.#moveTo(nowUs)
    let bytes = 0
    for (const part of this.#bytes) bytes += part
    return (bytes * 8 * 1_000_000) / windowUs
  }

  #moveTo(nowUs: number): void {
    const slot = Math.floor(nowUs / (windowUs / slots))
    const passed = Math.min(slots, slot - this.#slot)
    for (let index = 1; index <= passed; index++) this.#bytes[(slot - passed + index) % slots] = 0
    this.#slot = Math.max(this.#slot, slot)
  }
}
