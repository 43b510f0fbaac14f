import { WireError } from '../wire-error.ts'
import { keyBytes, type NoiseCrypto } from './noise-crypto.ts'
import { cookieBytes, cookieNonceBytes, macBytes } from './packet.ts'

/**
 * The two proofs of an initiation, after WireGuard (section 5.4.4 of its paper), and the cookie by which an address is proved. The
 * first shows that the sender knows whom it speaks to; whoever looks for hosts without it hears nothing. The second shows that it
 * receives what is sent to its address. Where WireGuard has keyed BLAKE2s and XChaCha20, there are HMAC with BLAKE2s and a key of its
 * own for each nonce: they have the same strength, and Node has them.
 */
interface ProofParts {
  readonly crypto: NoiseCrypto
  /** The responder's public key; undefined on first contact without it, where the first proof shows nothing. */
  readonly responderKey: Uint8Array | undefined
}

/** Writes both proofs at the end of an initiation, the second only with a cookie. Returns the first. */
export function proveInitiation(
  bytes: Uint8Array,
  { crypto, responderKey, cookie }: ProofParts & { readonly cookie: Uint8Array | undefined },
): Uint8Array {
  const end = bytes.length - 2 * macBytes
  const mac1 = firstProof(bytes.subarray(0, end), { crypto, responderKey })
  bytes.set(mac1, end)
  if (cookie) bytes.set(secondProof(bytes.subarray(0, end + macBytes), { crypto, cookie }), end + macBytes)
  return mac1
}

export function firstProof(proved: Uint8Array, { crypto, responderKey }: ProofParts): Uint8Array {
  return crypto.hmac(labelled(crypto, 'first proof', responderKey), proved).subarray(0, macBytes)
}

export function secondProof(
  proved: Uint8Array,
  { crypto, cookie }: { readonly crypto: NoiseCrypto; readonly cookie: Uint8Array },
): Uint8Array {
  return crypto.hmac(cookie, proved).subarray(0, macBytes)
}

/** A cookie for nobody but the sender of the initiation that had this first proof. */
export function sealCookie(
  cookie: Uint8Array,
  { crypto, responderKey, mac1 }: ProofParts & { readonly mac1: Uint8Array },
): { readonly nonce: Uint8Array; readonly sealed: Uint8Array } {
  const nonce = crypto.random(cookieNonceBytes)
  const key = crypto.hmac(labelled(crypto, 'cookie', responderKey), nonce)
  return { nonce, sealed: crypto.seal(key, 0, mac1, cookie) }
}

/** Throws WireError `malformed` for one that is not for this initiation. */
export function openCookie(
  { nonce, sealed }: { readonly nonce: Uint8Array; readonly sealed: Uint8Array },
  { crypto, responderKey, mac1 }: ProofParts & { readonly mac1: Uint8Array },
): Uint8Array {
  const cookie = crypto.open(crypto.hmac(labelled(crypto, 'cookie', responderKey), nonce), 0, mac1, sealed)
  if (cookie?.length !== cookieBytes) throw new WireError('malformed', 'A cookie came that answers no initiation')
  return cookie
}

/** Compares in a time that does not tell where the difference is. */
export function isSameProof(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false
  let difference = 0
  for (const [index, byte] of one.entries()) difference |= byte ^ (other[index] as number)
  return difference === 0
}

function labelled(crypto: NoiseCrypto, label: string, responderKey: Uint8Array | undefined): Uint8Array {
  return crypto.hash(new TextEncoder().encode(`porchlight native ${label}`), responderKey ?? new Uint8Array(keyBytes))
}
