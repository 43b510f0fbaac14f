import { WireError } from '../wire-error.ts'

/** Number and string fields that the input messages share. */

/** Strict: bytes that are not UTF-8 throw, and a byte order mark is a character like any other. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A fraction of the picture in 16 bits: finer than a pixel on any screen. Clamped to 0 and 1. */
export function writeFraction(view: DataView, at: number, fraction: number): void {
  view.setUint16(at, Math.round(clampFinite(fraction, 0, 1) * 0xffff))
}

export function readFraction(view: DataView, at: number): number {
  return view.getUint16(at) / 0xffff
}

/** A 32-bit float within plus and minus `limit`. */
export function writeAmount(view: DataView, at: number, amount: number, limit: number): void {
  view.setFloat32(at, clampFinite(amount, -limit, limit))
}

/** Throws WireError `out-of-range` for what is not finite; clamps the rest. */
export function readAmount(view: DataView, at: number, limit: number): number {
  return clampFinite(view.getFloat32(at), -limit, limit)
}

/** Throws WireError `out-of-range` for what is not finite. Never minus zero. */
export function clampFinite(value: number, min: number, max: number): number {
  if (!Number.isFinite(value)) throw new WireError('out-of-range', 'Cannot take a coordinate that is not finite')
  return Math.max(min, Math.min(max, value)) + 0
}

/** Throws WireError `too-long`. A lone surrogate becomes U+FFFD. */
export function utf8BytesOf(text: string, maxBytes: number, name: string): Uint8Array {
  // No need to encode megabytes to find out that they are too many: a UTF-16 unit takes at least one byte.
  const bytes = text.length > maxBytes ? undefined : new TextEncoder().encode(text)
  if (!bytes || bytes.length > maxBytes) {
    throw new WireError('too-long', `Cannot write ${name}: wanted at most ${maxBytes} bytes of UTF-8`)
  }
  return bytes
}

/** Throws WireError `too-long`, or `malformed` for bytes that are not UTF-8. */
export function textOf(bytes: Uint8Array, maxBytes: number, name: string): string {
  if (bytes.length > maxBytes) {
    throw new WireError('too-long', `Cannot read ${name}: ${bytes.length} bytes, wanted at most ${maxBytes}`)
  }
  try {
    return utf8.decode(bytes)
  } catch {
    throw new WireError('malformed', `Cannot read ${name}: it is not UTF-8`)
  }
}

/** Throws WireError unless the message has exactly `wantedBytes`. */
export function wantExactly(bytes: Uint8Array, wantedBytes: number, name: string): void {
  if (bytes.length !== wantedBytes) {
    throw new WireError(
      bytes.length < wantedBytes ? 'too-short' : 'malformed',
      `Cannot read ${name}: ${bytes.length} bytes, wanted ${wantedBytes}`,
    )
  }
}
