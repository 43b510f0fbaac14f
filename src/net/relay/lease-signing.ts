import { createHash, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto'
import { encodeLease, type RelayLease } from '../../wire/relay/lease.ts'

/** A key of Ed25519 with the 32 bytes that others know it by. */
export interface SigningKey {
  readonly privateKey: KeyObject
  readonly publicKey: Uint8Array
}

/** Before the 32 bytes of a public key, in the form that `node:crypto` reads (RFC 8410). */
const derHead = Buffer.from('302a300506032b6570032100', 'hex')

export function newSigningKey(): SigningKey {
  return signingKeyOf(generateKeyPairSync('ed25519').privateKey)
}

/** Throws a TypeError for a key of another kind. */
export function signingKeyOf(privateKey: KeyObject): SigningKey {
  if (privateKey.asymmetricKeyType !== 'ed25519')
    throw new TypeError('Cannot sign leases with it: wanted a key of Ed25519')
  const der = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  return { privateKey, publicKey: Uint8Array.from(der.subarray(-32)) }
}

/** Throws what `node:crypto` throws for 32 bytes that are no key. */
export function verifyingKeyOf(bytes: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([derHead, bytes]), format: 'der', type: 'spki' })
}

/** Signs a lease, or its revocation, as its issuer. */
export function issueLease(lease: RelayLease, issuer: SigningKey): Uint8Array {
  const signed = encodeLease(lease)
  return Uint8Array.from([...signed, ...signBytes(signed, issuer)])
}

export function signBytes(bytes: Uint8Array, { privateKey }: SigningKey): Uint8Array {
  return sign(null, bytes, privateKey)
}

export function isSigned(bytes: Uint8Array, signature: Uint8Array, key: KeyObject): boolean {
  return verify(null, bytes, key, signature)
}

/** By which a lease names its relay: the first half of the SHA-256 of what the relay is called, `relay.example.org:3478` for instance. */
export function relayIdOf(name: string): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(name).digest().subarray(0, 16))
}
