import { WireError } from '../wire-error.ts'
import { crc32 } from './crc32.ts'
import { magicCookie, stunAttributes } from './stun-attributes.ts'
import type { ReceivedStun, StunIntegrity, StunIntegrityKind, StunMessage } from './stun-message.ts'

/**
 * Messages of STUN, RFC 8489:
 *
 *     | 0 0 | class and method (14) | length of what follows the head (16) |
 *     | cookie 2112a442 (32)                                               |
 *     | transaction (96)                                                   |
 *     | type (16) | length (16) | value, padded to four bytes | ...
 */
const headBytes = 20
const classes = [
  ['request', 0x0001],
  ['indication', 0x0011],
  ['success', 0x0101],
  ['error', 0x0111],
] as const
const integrityTypes: Readonly<Record<StunIntegrityKind, number>> = { sha1: 0x0008, sha256: 0x001c }
const macBytes: Readonly<Record<StunIntegrityKind, number>> = { sha1: 20, sha256: 32 }
const fingerprintType = 0x8028
/** "STUN": a fingerprint is told from other uses of the same CRC by it. */
const fingerprintMask = 0x5354554e

/** What fits into a datagram that nothing on its way has to take apart. */
export const mostStunBytes = 1280

const byType = new Map(stunAttributes.map((attribute) => [attribute.type, attribute]))

/** Whether it can be STUN, by its first bits and its cookie: what else goes over the same socket begins with other bytes. */
export function isStun(bytes: Uint8Array): boolean {
  return bytes.length >= headBytes && (bytes[0] as number) < 4 && viewOf(bytes).getUint32(4) === magicCookie
}

/**
 * Throws WireError: `too-short`, `too-long` beyond {@link mostStunBytes}, `unknown-type` for another method, `malformed` for what
 * contradicts the layout or its fingerprint. Of an attribute that is there twice the first counts.
 */
export function decodeStun(bytes: Uint8Array): ReceivedStun {
  if (bytes.length < headBytes) throw new WireError('too-short', `Cannot read STUN of ${bytes.length} bytes`)
  if (bytes.length > mostStunBytes) throw new WireError('too-long', `Cannot read STUN of ${bytes.length} bytes`)
  const view = viewOf(bytes)
  want(isStun(bytes), 'the cookie')
  want(view.getUint16(2) === bytes.length - headBytes && bytes.length % 4 === 0, 'the length that the head tells')
  const kind = classes.find(([, type]) => type === view.getUint16(0))?.[0]
  if (kind === undefined) throw new WireError('unknown-type', 'Cannot read STUN of another method than Binding')
  const transactionId = bytes.slice(8, headBytes)
  const attributes: Record<string, unknown> = {}
  const integrity: StunIntegrity[] = []
  const notUnderstood: number[] = []
  let hasFingerprint = false
  for (let at = headBytes; at < bytes.length;) {
    want(!hasFingerprint && at + 4 <= bytes.length, 'nothing behind the last attribute')
    const type = view.getUint16(at)
    const end = at + 4 + view.getUint16(at + 2)
    want(end <= bytes.length, 'attributes that end with the message')
    const value = bytes.subarray(at + 4, end)
    const known = byType.get(type)
    const mac = macKindOf(type)
    if (type === fingerprintType) {
      want(value.length === 4 && viewOf(value).getUint32(0) === fingerprintOf(bytes, at), 'its fingerprint')
      hasFingerprint = true
    } else if (mac !== undefined) {
      const isWhole =
        mac === 'sha1' ? value.length === 20 : value.length >= 16 && value.length <= 32 && value.length % 4 === 0
      want(isWhole, 'a keyed hash of the length that its kind has')
      if (!integrity.some(({ kind: other }) => other === mac)) {
        integrity.push({ kind: mac, mac: value.slice(), covered: coveredBy(bytes, at, value.length) })
      }
    } else if (integrity.length === 0 && known !== undefined && !Object.hasOwn(attributes, known.name)) {
      attributes[known.name] = known.read(value, transactionId)
    } else if (integrity.length === 0 && known === undefined && type < 0x8000) notUnderstood.push(type)
    at = end + padding(end)
  }
  return {
    kind,
    transactionId,
    attributes,
    integrity,
    hasFingerprint,
    notUnderstood,
  }
}

/** With what a message is sealed. */
export interface StunSeal {
  readonly kind: StunIntegrityKind
  /** The keyed hash of the bytes, 20 or 32 of them. */
  mac(bytes: Uint8Array): Uint8Array
}

/**
 * Writes a message, sealed where there is a seal, and with a fingerprint unless `hasFingerprint` is false. Throws WireError
 * `out-of-range` or `too-long`.
 */
export function encodeStun(message: StunMessage, seal?: StunSeal, hasFingerprint = true): Uint8Array {
  const { kind, transactionId, attributes } = message
  if (transactionId.length !== 12)
    throw new WireError('out-of-range', 'Cannot write STUN: wanted a transaction of 12 bytes')
  const parts = stunAttributes.flatMap(({ name, type, write }) => {
    const value = (attributes as Record<string, unknown>)[name]
    return value === undefined ? [] : [{ type, value: write(value as never, transactionId) }]
  })
  const bodyBytes = parts.reduce((sum, { value }) => sum + 4 + value.length + padding(value.length), 0)
  const sealBytes = seal === undefined ? 0 : 4 + macBytes[seal.kind]
  const bytes = new Uint8Array(headBytes + bodyBytes + sealBytes + (hasFingerprint ? 8 : 0))
  if (bytes.length > mostStunBytes) throw new WireError('too-long', `Cannot write STUN of ${bytes.length} bytes`)
  const view = viewOf(bytes)
  view.setUint16(0, classes.find(([each]) => each === kind)?.[1] ?? 0)
  view.setUint16(2, bytes.length - headBytes)
  view.setUint32(4, magicCookie)
  bytes.set(transactionId, 8)
  let at = headBytes
  const put = (type: number, value: Uint8Array) => {
    view.setUint16(at, type)
    view.setUint16(at + 2, value.length)
    bytes.set(value, at + 4)
    at += 4 + value.length + padding(value.length)
  }
  for (const { type, value } of parts) put(type, value)
  if (seal) put(integrityTypes[seal.kind], seal.mac(coveredBy(bytes, at, macBytes[seal.kind])))
  if (hasFingerprint) {
    const value = new Uint8Array(4)
    viewOf(value).setUint32(0, fingerprintOf(bytes, at))
    put(fingerprintType, value)
  }
  return bytes
}

function macKindOf(type: number): StunIntegrityKind | undefined {
  return type === integrityTypes.sha1 ? 'sha1' : type === integrityTypes.sha256 ? 'sha256' : undefined
}

/** What a keyed hash at `at` is of: all before it, with a length that ends behind it. */
function coveredBy(bytes: Uint8Array, at: number, ownBytes: number): Uint8Array {
  // A copy: `slice` of Node's buffers is none, and what came is not to be written into.
  const covered = Uint8Array.from(bytes.subarray(0, at))
  viewOf(covered).setUint16(2, at + 4 + ownBytes - headBytes)
  return covered
}

function fingerprintOf(bytes: Uint8Array, at: number): number {
  return (crc32(bytes.subarray(0, at)) ^ fingerprintMask) >>> 0
}

function padding(length: number): number {
  return -length & 3
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function want(holds: boolean, what: string): void {
  if (!holds) throw new WireError('malformed', `Cannot read STUN: wanted ${what}`)
}
