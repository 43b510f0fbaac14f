/** Serial-number arithmetic (RFC 1982) on the 16-bit numbers of RTP, transport-wide feedback and pointer messages. */

/** How far `to` lies ahead of `from`, from -32,768 to 32,767. */
export function sequenceDistance(from: number, to: number): number {
  return ((to - from) << 16) >> 16
}

/** True when `sequence` was sent after `than`, across the wrap at 65,536. */
export function isNewer(sequence: number, than: number): boolean {
  return sequenceDistance(than, sequence) > 0
}

/** The number after `sequence`. */
export function nextSequence(sequence: number): number {
  return (sequence + 1) & 0xffff
}

/** The number with these low 16 bits that lies nearest to `near`, a number that never wraps. */
export function extendSequence(sequence: number, near: number): number {
  return near + sequenceDistance(near & 0xffff, sequence)
}

/** Extends 16-bit numbers to ones that never wrap, taking each to be near the newest so far. */
export class SequenceUnwrapper {
  #newest: number | undefined

  /** The extended number of `sequence`; it can be negative when the first numbers came out of order. */
  unwrap(sequence: number): number {
    if (this.#newest === undefined) {
      this.#newest = sequence
      return sequence
    }
    const unwrapped = extendSequence(sequence, this.#newest)
    if (unwrapped > this.#newest) this.#newest = unwrapped
    return unwrapped
  }
}
