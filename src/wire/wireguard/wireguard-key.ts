import { WireError } from '../wire-error.ts'

const keyBytes = 32

/** 64 hexadecimal digits, as UAPI has keys. Throws WireError `out-of-range` for what has no 32 bytes. */
export function encodeHexKey(key: Uint8Array): string {
  return Array.from(wanted(key), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Throws WireError `malformed`. */
export function decodeHexKey(text: string): Uint8Array {
  if (!/^[\da-f]{64}$/.test(text)) throw new WireError('malformed', 'Cannot read a key: wanted 64 hexadecimal digits')
  return Uint8Array.from({ length: keyBytes }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16))
}

/** 44 characters of base64, as people and control planes have keys. Throws WireError `out-of-range`. */
export function encodeKey(key: Uint8Array): string {
  return btoa(String.fromCharCode(...wanted(key)))
}

/** Throws WireError `malformed`. */
export function decodeKey(text: string): Uint8Array {
  // The last character before the sign has two bits that mean nothing, and are zero in the one right way to write it.
  if (!/^[\w+/]{42}[AEIMQUYcgkosw048]=$/.test(text)) {
    throw new WireError('malformed', 'Cannot read a key of WireGuard: wanted 44 characters of base64')
  }
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}

function wanted(key: Uint8Array): Uint8Array {
  if (key.length !== keyBytes) throw new WireError('out-of-range', `A key of WireGuard has 32 bytes, not ${key.length}`)
  return key
}
