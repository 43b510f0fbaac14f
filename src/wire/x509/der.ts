import { WireError } from '../wire-error.ts'

/**
 * What a certificate needs of DER (ITU-T X.690): each value is a tag, the length of its contents, and the contents.
 *
 *     +-------+--------------------------+--------------+
 *     |  tag  | length: 0 to 127, or     |   contents   |
 *     | 8 bit | 0x80 + n and n bytes     |              |
 *     +-------+--------------------------+--------------+
 */
export function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const bytes = contents.reduce((sum, { length }) => sum + length, 0)
  const length = bytes < 0x80 ? [bytes] : lengthOf(bigEndian(bytes))
  const value = new Uint8Array(1 + length.length + bytes)
  value.set([tag, ...length])
  let offset = 1 + length.length
  for (const part of contents) {
    value.set(part, offset)
    offset += part.length
  }
  return value
}

export function sequence(...items: readonly Uint8Array[]): Uint8Array {
  return der(0x30, ...items)
}

export function set(...items: readonly Uint8Array[]): Uint8Array {
  return der(0x31, ...items)
}

/** `[number]` around a value, constructed (RFC 5280 marks optional fields by it). */
export function explicit(number: number, value: Uint8Array): Uint8Array {
  return der(0xa0 | number, value)
}

/** `[number]` in the place of a primitive value's own tag. */
export function implicit(number: number, contents: Uint8Array): Uint8Array {
  return der(0x80 | number, contents)
}

/** An INTEGER that is not negative, big-endian, in its shortest form. */
export function unsignedInteger(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0)
  const digits = start === -1 ? Uint8Array.of(0) : bytes.subarray(start)
  const isNegative = (digits[0] ?? 0) >= 0x80
  return isNegative ? der(0x02, Uint8Array.of(0), digits) : der(0x02, digits)
}

export function boolean(value: boolean): Uint8Array {
  return der(0x01, Uint8Array.of(value ? 0xff : 0))
}

export function nothing(): Uint8Array {
  return der(0x05)
}

export function octetString(contents: Uint8Array): Uint8Array {
  return der(0x04, contents)
}

/** `unusedBits` (0 to 7) at the end do not count. */
export function bitString(contents: Uint8Array, unusedBits = 0): Uint8Array {
  return der(0x03, Uint8Array.of(unusedBits), contents)
}

export function utf8String(text: string): Uint8Array {
  return der(0x0c, new TextEncoder().encode(text))
}

/** An OBJECT IDENTIFIER in dotted form: two arcs in the first byte, the others in base 128. */
export function objectIdentifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...arcs] = dotted.split('.').map(Number)
  return der(0x06, Uint8Array.of(40 * first + second, ...arcs.flatMap(base128)))
}

/** A moment in whole seconds: UTCTime until 2049, GeneralizedTime from then on (RFC 5280, section 4.1.2.5). */
export function time(epochMs: number): Uint8Array {
  const year = new Date(epochMs).getUTCFullYear()
  if (!(year >= 1950 && year <= 9999)) {
    throw new WireError('out-of-range', 'Cannot write a time: wanted one from 1950 to 9999')
  }
  const digits = new Date(epochMs).toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  const ascii = (text: string) => new TextEncoder().encode(text)
  return year < 2050 ? der(0x17, ascii(digits.slice(2))) : der(0x18, ascii(digits))
}

function lengthOf(bytes: readonly number[]): readonly number[] {
  return [0x80 | bytes.length, ...bytes]
}

function bigEndian(value: number): readonly number[] {
  return value < 0x100 ? [value] : [...bigEndian(Math.floor(value / 0x100)), value & 0xff]
}

function base128(arc: number): readonly number[] {
  const septets = [arc % 128]
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) {
    septets.unshift(0x80 | (rest % 128))
  }
  return septets
}
