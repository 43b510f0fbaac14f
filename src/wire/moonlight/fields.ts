import { WireError } from '../wire-error.ts'

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Throws WireError `too-short`. More than that may follow: newer clients say more. */
export function wantBytes(bytes: Uint8Array, wanted: number, name: string): DataView {
  if (bytes.length < wanted) {
    throw new WireError('too-short', `Cannot read ${name}: ${bytes.length} bytes, wanted ${wanted}`)
  }
  return viewOf(bytes)
}
