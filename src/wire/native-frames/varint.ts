import { WireError } from '../wire-error.ts'

/**
 * Whole numbers of one, two, four or eight bytes (RFC 9000, section 16), of which those that JavaScript can count are taken.
 *
 *     | length (2): 0, 1, 2, 3 | 6, 14, 30 or 62 bits, big-endian |
 */
export function varintBytes(value: number): number {
  if (value < 0x40) return 1
  if (value < 0x4000) return 2
  return value < 0x4000_0000 ? 4 : 8
}

/** Writes into memory that has room for it. */
export class FieldWriter {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Where the next byte goes. */
  get at(): number {
    return this.#at
  }

  byte(value: number): void {
    if (this.#at >= this.#bytes.length) throw tooLong()
    this.#bytes[this.#at++] = value
  }

  /** Throws WireError `out-of-range` for what is no whole number from 0 to 2^53 - 1. */
  varint(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new WireError('out-of-range', 'Cannot write a number: wanted a whole one from 0 to 2^53 - 1')
    }
    const bytes = varintBytes(value)
    if (this.#at + bytes > this.#bytes.length) throw tooLong()
    let rest = value
    for (let place = bytes - 1; place >= 0; place--) {
      this.#bytes[this.#at + place] = rest % 256
      rest = Math.floor(rest / 256)
    }
    this.#bytes[this.#at] = (this.#bytes[this.#at] as number) | (Math.log2(bytes) << 6)
    this.#at += bytes
  }

  data(data: Uint8Array): void {
    if (this.#at + data.length > this.#bytes.length) throw tooLong()
    this.#bytes.set(data, this.#at)
    this.#at += data.length
  }
}

/** Reads what a writer wrote, or anything else: throws WireError `too-short` at the end, and never reads beyond it. */
export class FieldReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  byte(): number {
    if (this.left < 1) throw tooShort()
    return this.#bytes[this.#at++] as number
  }

  /** Throws WireError `out-of-range` for more than 2^53 - 1. A number may be written longer than it has to be. */
  varint(): number {
    const first = this.byte()
    let value = first & 0x3f
    const more = (1 << (first >> 6)) - 1
    if (this.left < more) throw tooShort()
    for (let count = 0; count < more; count++) value = value * 256 + (this.#bytes[this.#at++] as number)
    if (value > Number.MAX_SAFE_INTEGER) throw new WireError('out-of-range', 'Cannot read a number: more than 2^53 - 1')
    return value
  }

  /** The next `bytes`, in the same memory. */
  data(bytes: number): Uint8Array {
    if (this.left < bytes) throw tooShort()
    this.#at += bytes
    return this.#bytes.subarray(this.#at - bytes, this.#at)
  }

  /** Goes over zeros, and tells how many. */
  zeros(): number {
    const from = this.#at
    while (this.#bytes[this.#at] === 0) this.#at++
    return this.#at - from
  }
}

function tooLong(): WireError {
  return new WireError('too-long', 'Cannot write a datagram: it has no room for that')
}

function tooShort(): WireError {
  return new WireError('too-short', 'Cannot read a datagram: it ends within a frame')
}
