import { timingSafeEqual } from 'node:crypto'
import type { KeyPair } from '../../wire/native/noise-crypto.ts'
import { nodeCrypto } from './node-crypto.ts'

/** What the proof is for: nothing else that is computed of a key agreement says the same. */
const purpose = new TextEncoder().encode('porchlight host registration 1')

/**
 * Shows the owner of a public key of X25519, which was made for this alone, that one has the secret half of `own`: a MAC under what both agree
 * on. Undefined for a challenge that is no key.
 */
export function proveKey(own: KeyPair, challenge: Uint8Array): Uint8Array | undefined {
  const agreed = own.agree(challenge)
  return agreed && nodeCrypto.hmac(agreed, purpose, challenge, own.publicKey)
}

/** Whether that is the proof of who has `publicKey`, for the challenge of this pair. */
export function isKeyProved(challenge: KeyPair, publicKey: Uint8Array, proof: Uint8Array): boolean {
  const agreed = challenge.agree(publicKey)
  if (!agreed) return false
  const wanted = nodeCrypto.hmac(agreed, purpose, challenge.publicKey, publicKey)
  return proof.length === wanted.length && timingSafeEqual(proof, wanted)
}
