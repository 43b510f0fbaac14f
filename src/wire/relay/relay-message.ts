import { WireError } from '../wire-error.ts'
import { leaseBytes, readUint48, signatureBytes, writeUint48 } from './lease.ts'

/**
 * What an end and a relay say to each other, each in one datagram. The first byte is the type; no other protocol on the socket begins
 * with 0x60 to 0x6f.
 *
 *     present   | 60 | zeros (128 + 512) | lease                              as long as what follows it
 *     prove     | 61 | cookie (128) | proof (512) | lease
 *     renew     | 62 | zeros (128) | proof (512) | lease
 *     revoke    | 63 | zeros (128 + 512) | revocation
 *     leave     | 64 | session (48) |
 *     forward   | 65 | session (48) | what the ends say, at most 1,400 bytes | both ways, unchanged
 *     turn      | 66 | cookie (128) | proof (512) | lease | key of X25519 (256) |
 *     turned    | 67 | session (48) | key of X25519 (256) | sealed, at most 1,024 bytes |
 *     challenge | 68 | session (48) | cookie (128) |
 *     ack       | 69 | session (48) | other end there (8) | seconds left (32) |
 *     renewed   | 6a | the same
 *     reject    | 6b | session (48) | reason (8) |
 *     refused   | 6c | the same, of a renewal
 *     presence  | 6d | session (48) | other end there (8) |
 *     end       | 6e | session (48) | reason (8) |
 *     revoked   | 6f | session (48) |
 */
export type PeerMessage =
  | { readonly type: 'present' | 'revoke'; readonly lease: Uint8Array }
  | { readonly type: 'prove'; readonly lease: Uint8Array; readonly cookie: Uint8Array; readonly proof: Uint8Array }
  | { readonly type: 'renew'; readonly lease: Uint8Array; readonly proof: Uint8Array }
  | {
      /** In the place of `prove`: what is asked for are credentials of the TURN server beside the relay. */
      readonly type: 'turn'
      readonly lease: Uint8Array
      readonly cookie: Uint8Array
      readonly proof: Uint8Array
      /** Made for this answer, which is sealed for whoever holds it. */
      readonly key: Uint8Array
    }
  | { readonly type: 'leave'; readonly session: number }

export type RelayMessage =
  | { readonly type: 'challenge'; readonly session: number; readonly cookie: Uint8Array }
  | {
      readonly type: 'ack' | 'renewed'
      readonly session: number
      readonly isOtherThere: boolean
      readonly secondsLeft: number
    }
  | { readonly type: 'reject' | 'refused' | 'end'; readonly session: number; readonly reason: RelayReason }
  | { readonly type: 'presence'; readonly session: number; readonly isOtherThere: boolean }
  | { readonly type: 'revoked'; readonly session: number }
  | { readonly type: 'turned'; readonly session: number; readonly key: Uint8Array; readonly sealed: Uint8Array }

/** Why a relay does not serve, or serves no longer. */
export const relayReasons = [
  'malformed',
  'unknown-issuer',
  'other-relay',
  'expired',
  'not-yet-valid',
  'too-long-lived',
  'not-the-holder',
  'stale-cookie',
  'revoked',
  'session-taken',
  'full',
  'peer-wait',
  'idle',
  'left',
  'closing',
  /** The relay has no such session from this address: it was started again, or the address is another one now. */
  'unknown-session',
  /** There is no TURN server beside it. */
  'no-turn',
] as const
export type RelayReason = (typeof relayReasons)[number]

export const cookieBytes = 16
export const forwardType = 0x65
/** Before what is forwarded. */
export const forwardHeadBytes = 7
export const mostForwardedBytes = 1400
/** That a session has ended. */
export const endBytes = forwardHeadBytes + 1
const turnKeyBytes = 32
export const mostSealedBytes = 1024
const noCookie = new Uint8Array(cookieBytes)
const noProof = new Uint8Array(signatureBytes)

const types = {
  present: 0x60,
  prove: 0x61,
  renew: 0x62,
  revoke: 0x63,
  leave: 0x64,
  turn: 0x66,
  turned: 0x67,
  challenge: 0x68,
  ack: 0x69,
  renewed: 0x6a,
  reject: 0x6b,
  refused: 0x6c,
  presence: 0x6d,
  end: 0x6e,
  revoked: 0x6f,
} as const
const typeNames: ReadonlyMap<number, keyof typeof types> = new Map(
  Object.entries(types).map(([name, type]) => [type, name as keyof typeof types]),
)
const presentBytes = 1 + cookieBytes + signatureBytes + leaseBytes

/** Whether it is of this protocol, by its first byte. */
export function isRelayed(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & 0xf0) === 0x60
}

export function encodePeerMessage(message: PeerMessage): Uint8Array {
  if (message.type === 'leave') return headed(types.leave, message.session, 0)
  const bytes = new Uint8Array(presentBytes + (message.type === 'turn' ? turnKeyBytes : 0))
  bytes[0] = types[message.type]
  bytes.set('cookie' in message ? message.cookie : noCookie, 1)
  bytes.set('proof' in message ? message.proof : noProof, 1 + cookieBytes)
  bytes.set(message.lease, 1 + cookieBytes + signatureBytes)
  if (message.type === 'turn') bytes.set(message.key, presentBytes)
  return bytes
}

/** Throws WireError: `too-short`, `too-long`, `unknown-type`. The lease in it is not looked at. */
export function decodePeerMessage(bytes: Uint8Array): PeerMessage {
  const type = typeNames.get(bytes[0] ?? 0)
  switch (type) {
    case 'present':
    case 'revoke':
      wantLength(bytes, presentBytes)
      return { type, lease: bytes.slice(-leaseBytes) }
    case 'prove':
    case 'renew': {
      wantLength(bytes, presentBytes)
      const proof = bytes.slice(1 + cookieBytes, 1 + cookieBytes + signatureBytes)
      const lease = bytes.slice(-leaseBytes)
      return type === 'renew' ? { type, proof, lease } : { type, proof, lease, cookie: bytes.slice(1, 1 + cookieBytes) }
    }
    case 'turn':
      wantLength(bytes, presentBytes + turnKeyBytes)
      return {
        type,
        cookie: bytes.slice(1, 1 + cookieBytes),
        proof: bytes.slice(1 + cookieBytes, 1 + cookieBytes + signatureBytes),
        lease: bytes.slice(presentBytes - leaseBytes, presentBytes),
        key: bytes.slice(presentBytes),
      }
    case 'leave':
      wantLength(bytes, forwardHeadBytes)
      return { type, session: readUint48(bytes, 1) }
    default:
      throw new WireError('unknown-type', 'Cannot read a message to a relay: it is of no known type')
  }
}

export function encodeRelayMessage(message: RelayMessage): Uint8Array {
  const { type, session } = message
  switch (message.type) {
    case 'challenge': {
      const bytes = headed(types.challenge, session, cookieBytes)
      bytes.set(message.cookie, forwardHeadBytes)
      return bytes
    }
    case 'ack':
    case 'renewed': {
      const bytes = headed(types[message.type], session, 5)
      bytes[forwardHeadBytes] = message.isOtherThere ? 1 : 0
      new DataView(bytes.buffer).setUint32(forwardHeadBytes + 1, message.secondsLeft)
      return bytes
    }
    case 'reject':
    case 'refused':
    case 'end': {
      const bytes = headed(types[message.type], session, 1)
      bytes[forwardHeadBytes] = relayReasons.indexOf(message.reason)
      return bytes
    }
    case 'presence': {
      const bytes = headed(types.presence, session, 1)
      bytes[forwardHeadBytes] = message.isOtherThere ? 1 : 0
      return bytes
    }
    case 'turned': {
      const bytes = headed(types.turned, session, turnKeyBytes + message.sealed.length)
      bytes.set(message.key, forwardHeadBytes)
      bytes.set(message.sealed, forwardHeadBytes + turnKeyBytes)
      return bytes
    }
    case 'revoked':
      return headed(types[type], session, 0)
  }
}

/** Throws WireError: `too-short`, `too-long`, `unknown-type`, `malformed` for a reason that is none. */
export function decodeRelayMessage(bytes: Uint8Array): RelayMessage {
  const type = typeNames.get(bytes[0] ?? 0)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const session = () => readUint48(bytes, 1)
  switch (type) {
    case 'challenge':
      wantLength(bytes, forwardHeadBytes + cookieBytes)
      return { type, session: session(), cookie: bytes.slice(forwardHeadBytes) }
    case 'ack':
    case 'renewed': {
      wantLength(bytes, forwardHeadBytes + 5)
      const secondsLeft = view.getUint32(forwardHeadBytes + 1)
      return { type, session: session(), isOtherThere: bytes[forwardHeadBytes] === 1, secondsLeft }
    }
    case 'reject':
    case 'refused':
    case 'end': {
      wantLength(bytes, endBytes)
      const reason = relayReasons[bytes[forwardHeadBytes] as number]
      if (!reason) throw new WireError('malformed', 'Cannot read what a relay says: its reason is none')
      return { type, session: session(), reason }
    }
    case 'presence':
      wantLength(bytes, forwardHeadBytes + 1)
      return { type, session: session(), isOtherThere: bytes[forwardHeadBytes] === 1 }
    case 'turned': {
      const head = forwardHeadBytes + turnKeyBytes
      wantLength(bytes, Math.min(Math.max(bytes.length, head), head + mostSealedBytes))
      return { type, session: session(), key: bytes.slice(forwardHeadBytes, head), sealed: bytes.slice(head) }
    }
    case 'revoked':
      wantLength(bytes, forwardHeadBytes)
      return { type, session: session() }
    default:
      throw new WireError('unknown-type', 'Cannot read what a relay says: it is of no known type')
  }
}

/** What is to be forwarded to the other end of a session. Throws WireError `too-long`. */
export function encodeForward(session: number, bytes: Uint8Array): Uint8Array {
  if (bytes.length > mostForwardedBytes) {
    throw new WireError('too-long', `Cannot forward ${bytes.length} bytes: ${mostForwardedBytes} fit`)
  }
  const framed = headed(forwardType, session, bytes.length)
  framed.set(bytes, forwardHeadBytes)
  return framed
}

/** The session of the datagram at that place, which has {@link forwardType}; undefined where it is cut. */
export function sessionOfForward(bytes: Uint8Array, at = 0, length = bytes.length): number | undefined {
  return length < forwardHeadBytes ? undefined : readUint48(bytes, at + 1)
}

/** What the proof of a holder is over: what is asked for, the cookie of this address, and the lease; for `turn` with the key behind it. */
export function provenBy(type: 'prove' | 'renew' | 'turn', cookie: Uint8Array, lease: Uint8Array): Uint8Array {
  const said = new TextEncoder().encode(`porchlight relay ${type} `)
  const bytes = new Uint8Array(said.length + cookieBytes + lease.length)
  bytes.set(said)
  bytes.set(cookie, said.length)
  bytes.set(lease, said.length + cookieBytes)
  return bytes
}

function headed(type: number, session: number, more: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(forwardHeadBytes + more)
  bytes[0] = type
  writeUint48(bytes, 1, session)
  return bytes
}

function wantLength(bytes: Uint8Array, length: number): void {
  if (bytes.length === length) return
  const code = bytes.length < length ? 'too-short' : 'too-long'
  throw new WireError(code, `Cannot read a message of ${bytes.length} bytes: wanted ${length}`)
}
