/**
 * The packets of the native transport, as they leave a socket. Numbers are little endian, as in Noise. The first byte lies where no
 * STUN, DTLS, TURN, RTP or RTCP begins (RFC 7983, RFC 9443), so that one socket serves them all.
 *
 *     initiation, 512 bytes at least: no answer to it is longer
 *     0      1         2         3      4        8        10        10 + n    end - 32   end - 16
 *     +------+---------+---------+------+--------+--------+---------+---------+----------+--------+
 *     | 0xd1 | version | pattern | role | sender | n      | noise   | zeros   | mac 1    | mac 2  |
 *     |      | 1       | 1 or 2  |      | uint32 | uint16 | n bytes |         | 16 bytes | 16     |
 *     +------+---------+---------+------+--------+--------+---------+---------+----------+--------+
 *
 *     cookie, the answer to an address that is not proved       refusal, which proves nothing
 *     0      1          5          29                           0      1          5
 *     +------+----------+----------+-----------------+          +------+----------+-------+
 *     | 0xd2 | receiver | nonce    | sealed cookie   |          | 0xd6 | receiver | cause |
 *     |      | uint32   | 24 bytes | 32 bytes        |          |      | uint32   | uint8 |
 *     +------+----------+----------+-----------------+          +------+----------+-------+
 *
 *     response                                          finish, of XX alone
 *     0      1        5          9                      0      1          5
 *     +------+--------+----------+------                +------+----------+------
 *     | 0xd3 | sender | receiver | noise                | 0xd4 | receiver | noise
 *     |      | uint32 | uint32   |                      |      | uint32   |
 *     +------+--------+----------+------                +------+----------+------
 *
 *     reset, of a channel that the sender does not know (any more); shorter than what it answers
 *     0      1        5
 *     +------+--------+----------+
 *     | 0xd7 | sender | token    |
 *     |      | uint32 | 16 bytes |
 *     +------+--------+----------+
 *
 *     data; what stands before the sealed part is authenticated with it
 *     0      1       2          6         14
 *     +------+-------+----------+---------+-----------------------
 *     | 0xd5 | epoch | receiver | counter | sealed message, 16 bytes of tag at its end
 *     |      | uint8 | uint32   | uint64  |
 *     +------+-------+----------+---------+-----------------------
 *
 * `sender` is a number that the sender has chosen, by which it is to be called as `receiver`: packets are told apart by it
 * and never by the address that they come from.
 */
import { WireError } from '../wire-error.ts'
import { tagBytes } from './noise-crypto.ts'
import type { NoisePattern } from './noise.ts'

export const nativeVersion = 1

/** What a session is for: ends that mean different things have no keys in common. */
export const nativeRoles = ['viewer', 'peer'] as const
export type NativeRole = (typeof nativeRoles)[number]

/** Why no handshake comes about, as far as it can be told to somebody who has proved nothing. */
export const refusalCauses = [
  /** It does not speak this version. */
  'version',
  /** There is no room for one more. */
  'busy',
  /** It takes only those who know its key. */
  'key-required',
  /** It lets nobody in, for now. */
  'closed',
] as const
export type RefusalCause = (typeof refusalCauses)[number]

export type NativePacket =
  | {
      readonly type: 'initiation'
      readonly pattern: NoisePattern
      readonly role: NativeRole
      readonly sender: number
      readonly noise: Uint8Array
      /** What `mac1` was made of, and what `mac2` was made of. */
      readonly proved: { readonly mac1: Uint8Array; readonly mac2: Uint8Array }
      readonly mac1: Uint8Array
      readonly mac2: Uint8Array
    }
  /** An initiation of another version; nothing else of it can be known. */
  | { readonly type: 'other-version'; readonly version: number; readonly sender: number }
  | {
      readonly type: 'cookie'
      readonly receiver: number
      readonly nonce: Uint8Array
      readonly sealed: Uint8Array
    }
  | { readonly type: 'refusal'; readonly receiver: number; readonly cause: RefusalCause }
  | { readonly type: 'response'; readonly sender: number; readonly receiver: number; readonly noise: Uint8Array }
  | { readonly type: 'finish'; readonly receiver: number; readonly noise: Uint8Array }
  | { readonly type: 'reset'; readonly sender: number; readonly token: Uint8Array }
  | {
      readonly type: 'data'
      readonly epoch: number
      readonly receiver: number
      readonly counter: number
      readonly head: Uint8Array
      readonly sealed: Uint8Array
    }

const types = {
  initiation: 0xd1,
  cookie: 0xd2,
  response: 0xd3,
  finish: 0xd4,
  data: 0xd5,
  refusal: 0xd6,
  reset: 0xd7,
} as const
const patterns: readonly NoisePattern[] = ['IK', 'XX']

/** The longest packet; whatever forwards it can add 32 bytes and still pass every path of IPv6. */
export const mostPacketBytes = 1200
export const leastInitiationBytes = 512
export const macBytes = 16
export const cookieBytes = 16
export const cookieNonceBytes = 24
export const dataHeadBytes = 14
export const resetTokenBytes = 16
const initiationHeadBytes = 10
/** Longer than any handshake message with its payload. */
const mostNoiseBytes = leastInitiationBytes - initiationHeadBytes - 2 * macBytes

/** Whether a packet is one of these by its first byte; anything else on the socket is somebody else's. */
export function isNative(bytes: Uint8Array): boolean {
  const [first = 0] = bytes
  return first >= types.initiation && first <= types.reset
}

/** An initiation without its two proofs, 32 bytes at its end that are zero: {@link decodePacket} tells what they are made of. */
export function encodeInitiation(options: {
  readonly pattern: NoisePattern
  readonly role: NativeRole
  readonly sender: number
  readonly noise: Uint8Array
}): Uint8Array {
  const { pattern, role, sender, noise } = options
  if (noise.length > mostNoiseBytes) {
    throw new WireError('too-long', `A handshake message of ${noise.length} bytes is too long for an initiation`)
  }
  const bytes = new Uint8Array(leastInitiationBytes)
  const view = new DataView(bytes.buffer)
  bytes[0] = types.initiation
  bytes[1] = nativeVersion
  bytes[2] = patterns.indexOf(pattern) + 1
  bytes[3] = nativeRoles.indexOf(role) + 1
  view.setUint32(4, sender, true)
  view.setUint16(8, noise.length, true)
  bytes.set(noise, initiationHeadBytes)
  return bytes
}

export function encodeCookie(receiver: number, nonce: Uint8Array, sealed: Uint8Array): Uint8Array {
  return numbered(types.cookie, [receiver], nonce, sealed)
}

export function encodeRefusal(receiver: number, cause: RefusalCause): Uint8Array {
  return numbered(types.refusal, [receiver], Uint8Array.of(refusalCauses.indexOf(cause) + 1))
}

export function encodeResponse(sender: number, receiver: number, noise: Uint8Array): Uint8Array {
  return numbered(types.response, [sender, receiver], noise)
}

export function encodeFinish(receiver: number, noise: Uint8Array): Uint8Array {
  return numbered(types.finish, [receiver], noise)
}

/** `index` is the number by which the sender was called. */
export function encodeReset(index: number, token: Uint8Array): Uint8Array {
  return numbered(types.reset, [index], token)
}

/** Writes what stands before the sealed part of a data packet. `counter` is a safe integer. */
export function writeDataHead(
  into: Uint8Array,
  { epoch, receiver, counter }: { readonly epoch: number; readonly receiver: number; readonly counter: number },
): void {
  into[0] = types.data
  into[1] = epoch & 0xff
  setUint32(into, 2, receiver)
  setUint32(into, 6, counter >>> 0)
  setUint32(into, 10, Math.floor(counter / 2 ** 32))
}

/** Parts are views of `bytes`. Throws WireError for what is none of these packets. */
export function decodePacket(bytes: Uint8Array): NativePacket {
  if (bytes.length > mostPacketBytes) {
    throw new WireError(
      'too-long',
      `A packet of the native transport has at most ${mostPacketBytes} bytes, not ${bytes.length}`,
    )
  }
  switch (bytes[0]) {
    case types.data: {
      demand(bytes, dataHeadBytes + tagBytes)
      const counter = uint32At(bytes, 6) + uint32At(bytes, 10) * 2 ** 32
      if (!Number.isSafeInteger(counter))
        throw new WireError('out-of-range', 'A packet has a number that no sender comes to')
      return {
        type: 'data',
        epoch: bytes[1] as number,
        receiver: uint32At(bytes, 2),
        counter,
        head: bytes.subarray(0, dataHeadBytes),
        sealed: bytes.subarray(dataHeadBytes),
      }
    }
    case types.initiation:
      return decodeInitiation(bytes)
    case types.cookie:
      demandExactly(bytes, 5 + cookieNonceBytes + cookieBytes + tagBytes)
      return {
        type: 'cookie',
        receiver: uint32At(bytes, 1),
        nonce: bytes.subarray(5, 5 + cookieNonceBytes),
        sealed: bytes.subarray(5 + cookieNonceBytes),
      }
    case types.response:
      demand(bytes, 9 + tagBytes)
      return {
        type: 'response',
        sender: uint32At(bytes, 1),
        receiver: uint32At(bytes, 5),
        noise: bytes.subarray(9),
      }
    case types.finish:
      demand(bytes, 5 + tagBytes)
      return { type: 'finish', receiver: uint32At(bytes, 1), noise: bytes.subarray(5) }
    case types.refusal: {
      demandExactly(bytes, 6)
      const cause = refusalCauses[(bytes[5] as number) - 1]
      if (cause === undefined) throw new WireError('out-of-range', 'A refusal has a cause that is none')
      return { type: 'refusal', receiver: uint32At(bytes, 1), cause }
    }
    case types.reset:
      demandExactly(bytes, 5 + resetTokenBytes)
      return { type: 'reset', sender: uint32At(bytes, 1), token: bytes.subarray(5) }
    default:
      throw new WireError(
        bytes.length === 0 ? 'too-short' : 'unknown-type',
        'This is no packet of the native transport',
      )
  }
}

function decodeInitiation(bytes: Uint8Array): NativePacket {
  demand(bytes, leastInitiationBytes)
  const [, version, patternNumber, roleNumber] = bytes as unknown as readonly [number, number, number, number]
  const sender = uint32At(bytes, 4)
  if (version !== nativeVersion) return { type: 'other-version', version, sender }
  const pattern = patterns[patternNumber - 1]
  const role = nativeRoles[roleNumber - 1]
  if (pattern === undefined || role === undefined) {
    throw new WireError('unknown-type', 'An initiation asks for a handshake or a role that there is not')
  }
  const end = bytes.length - 2 * macBytes
  const length = (bytes[8] as number) | ((bytes[9] as number) << 8)
  if (initiationHeadBytes + length > end)
    throw new WireError('too-short', 'An initiation ends before its handshake message')
  return {
    type: 'initiation',
    pattern,
    role,
    sender,
    noise: bytes.subarray(initiationHeadBytes, initiationHeadBytes + length),
    proved: { mac1: bytes.subarray(0, end), mac2: bytes.subarray(0, end + macBytes) },
    mac1: bytes.subarray(end, end + macBytes),
    mac2: bytes.subarray(end + macBytes),
  }
}

/** Each packet comes by these two: an object to look at it through costs more than all that there is to see. */
function uint32At(bytes: Uint8Array, at: number): number {
  const [a, b, c, d] = [bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0]
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0
}

function setUint32(into: Uint8Array, at: number, value: number): void {
  into[at] = value
  into[at + 1] = value >>> 8
  into[at + 2] = value >>> 16
  into[at + 3] = value >>> 24
}

function demand(bytes: Uint8Array, least: number): void {
  if (bytes.length < least)
    throw new WireError('too-short', `A packet has ${bytes.length} bytes where ${least} are the least`)
}

function demandExactly(bytes: Uint8Array, count: number): void {
  demand(bytes, count)
  if (bytes.length > count)
    throw new WireError('too-long', `A packet has ${bytes.length} bytes where there are ${count}`)
}

/** A byte, numbers of 32 bits, and what follows. */
function numbered(type: number, numbers: readonly number[], ...parts: readonly Uint8Array[]): Uint8Array {
  const headBytes = 1 + 4 * numbers.length
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, headBytes))
  const view = new DataView(bytes.buffer)
  bytes[0] = type
  for (const [index, number] of numbers.entries()) view.setUint32(1 + 4 * index, number, true)
  let at = headBytes
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
