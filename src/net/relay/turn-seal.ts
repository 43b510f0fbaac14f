import { tagBytes, type KeyPair } from '../../wire/native/noise-crypto.ts'
import { mostSealedBytes } from '../../wire/relay/relay-message.ts'
import { readTurnGrant, type TurnGrant } from '../../wire/relay/turn-grant.ts'
import { nodeCrypto } from '../native/node-crypto.ts'

/** For the holder of that key alone, with a key that is made for it; undefined for a key of nobody, or for more than fits. */
export function sealTurnGrant(
  grant: TurnGrant,
  theirs: Uint8Array,
): { readonly key: Uint8Array; readonly sealed: Uint8Array } | undefined {
  const own = nodeCrypto.newKeyPair()
  const plain = new TextEncoder().encode(JSON.stringify(grant))
  const shared = own.agree(theirs)
  if (!shared || plain.length + tagBytes > mostSealedBytes) return undefined
  const key = nodeCrypto.hash(shared, theirs, own.publicKey)
  return { key: own.publicKey, sealed: nodeCrypto.seal(key, 0, new Uint8Array(0), plain) }
}

/** Undefined for what was sealed for somebody else, changed on the way, or is none. */
export function openTurnGrant(own: KeyPair, said: { readonly key: Uint8Array; readonly sealed: Uint8Array }) {
  const shared = own.agree(said.key)
  if (!shared) return undefined
  const key = nodeCrypto.hash(shared, own.publicKey, said.key)
  const plain = nodeCrypto.open(key, 0, new Uint8Array(0), said.sealed)
  return plain && readTurnGrant(plain)
}
