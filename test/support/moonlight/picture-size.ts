/** The size of H.264 pictures as their sequence parameter set has it (ITU-T H.264, 7.3.2.1.1): `1280x720`. Written from the standard. */
export function pictureSizeOf(parameterSet: Uint8Array): string {
  const bits = new Bits(withoutEscapes(parameterSet.subarray(1)))
  const profile = bits.read(8)
  bits.read(16)
  bits.golomb()
  if ([100, 110, 122, 244].includes(profile)) {
    if (bits.golomb() === 3) bits.read(1)
    bits.golomb()
    bits.golomb()
    bits.read(1)
    if (bits.read(1) === 1) throw new Error('Cannot read a parameter set with scaling matrices')
  }
  bits.golomb()
  const order = bits.golomb()
  if (order === 0) bits.golomb()
  else if (order === 1) throw new Error('Cannot read a parameter set with picture orders of type 1')
  bits.golomb()
  bits.read(1)
  const width = 16 * (bits.golomb() + 1)
  const rows = 16 * (bits.golomb() + 1)
  const isWhole = bits.read(1) === 1
  if (!isWhole) bits.read(1)
  const height = isWhole ? rows : 2 * rows
  bits.read(1)
  const [left, right, top, bottom] = bits.read(1) === 1 ? Array.from({ length: 4 }, () => bits.golomb()) : [0, 0, 0, 0]
  return `${width - 2 * ((left ?? 0) + (right ?? 0))}x${height - 2 * ((top ?? 0) + (bottom ?? 0))}`
}

class Bits {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  read(count: number): number {
    let value = 0
    for (let index = 0; index < count; index++, this.#at++) {
      value = value * 2 + (((this.#bytes[this.#at >>> 3] ?? 0) >>> (7 - (this.#at & 7))) & 1)
    }
    return value
  }

  golomb(): number {
    let zeros = 0
    while (this.read(1) === 0) if (++zeros > 31) throw new Error('Cannot read a number of so many bits')
    return 2 ** zeros - 1 + this.read(zeros)
  }
}

/** Without the bytes that keep start codes out of the data. */
function withoutEscapes(bytes: Uint8Array): Uint8Array {
  return bytes.filter((byte, index) => !(byte === 3 && bytes[index - 1] === 0 && bytes[index - 2] === 0))
}
