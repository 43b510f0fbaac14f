import { createHmac, timingSafeEqual } from 'node:crypto'
import type { WireAddress } from '../../wire/address-bytes.ts'
import { encodeStun, type StunSeal } from '../../wire/stun/stun-codec.ts'
import type { ReceivedStun } from '../../wire/stun/stun-message.ts'

/** By which two ends know each other's checks: told by signalling, good for one session. */
export interface PathCredentials {
  /** Names the end; four characters or more, without a colon. */
  readonly fragment: string
  /** What its checks are sealed with; at least 128 random bits, as text. */
  readonly password: string
}

/** What a check says besides that it is one. */
export interface CheckContents {
  readonly transactionId: Uint8Array
  readonly isControlling: boolean
  /** Set on the path that the deciding end has chosen; a later choice has a higher number. */
  readonly nomination: number | undefined
}

const noTieBreak = new Uint8Array(8)

/** A binding request of RFC 8445, sealed with the other end's password. */
export function encodeCheck(
  { transactionId, isControlling, nomination }: CheckContents,
  ends: { readonly local: PathCredentials; readonly remote: PathCredentials },
): Uint8Array {
  const attributes = {
    username: `${ends.remote.fragment}:${ends.local.fragment}`,
    // Who decides is agreed on by signalling: the viewer. So there is no tie to break.
    ...(isControlling ? { iceControlling: noTieBreak } : { iceControlled: noTieBreak }),
    ...(nomination !== undefined && { useCandidate: true as const, nomination }),
  }
  return encodeStun({ kind: 'request', transactionId, attributes }, sealOf(ends.remote.password))
}

/** The answer to one, which tells where it was seen to come from. */
export function encodeCheckAnswer(
  transactionId: Uint8Array,
  from: WireAddress | undefined,
  password: string,
): Uint8Array {
  const attributes = from === undefined ? {} : { xorMappedAddress: from }
  return encodeStun({ kind: 'success', transactionId, attributes }, sealOf(password))
}

/** Whether it was sealed with that password. */
export function isSealedWith({ integrity }: ReceivedStun, password: string): boolean {
  const seal = integrity.find(({ kind }) => kind === 'sha256')
  return seal?.mac.length === 32 && timingSafeEqual(seal.mac, hmac(password, seal.covered))
}

/** The fragments of a check that came: whose it is, and who sent it. */
export function fragmentsOf(check: ReceivedStun): { readonly own: string; readonly other: string } | undefined {
  const [own, other, ...more] = check.attributes.username?.split(':') ?? []
  return own !== undefined && other !== undefined && more.length === 0 ? { own, other } : undefined
}

function sealOf(password: string): StunSeal {
  return { kind: 'sha256', mac: (bytes) => hmac(password, bytes) }
}

function hmac(password: string, bytes: Uint8Array): Buffer {
  return createHmac('sha256', password).update(bytes).digest()
}
