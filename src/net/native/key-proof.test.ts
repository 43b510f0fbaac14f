import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isKeyProved, proveKey } from './key-proof.ts'
import { nodeCrypto } from './node-crypto.ts'

test('proveKey convinces whoever made the challenge, of its own key alone', () => {
  const [own, other, challenge, later] = [1, 2, 3, 4].map(() => nodeCrypto.newKeyPair())
  assert.ok(own && other && challenge && later)
  const proof = proveKey(own, challenge.publicKey)
  assert.ok(proof)
  assert.equal(isKeyProved(challenge, own.publicKey, proof), true)
  assert.equal(isKeyProved(challenge, other.publicKey, proof), false)
  assert.equal(isKeyProved(later, own.publicKey, proof), false)
  assert.equal(isKeyProved(challenge, own.publicKey, proof.subarray(1)), false)
  assert.equal(isKeyProved(challenge, own.publicKey, proof.with(0, (proof[0] ?? 0) ^ 1)), false)
})

test('proveKey and isKeyProved take no point of small order for a key', () => {
  const own = nodeCrypto.newKeyPair()
  const nothing = new Uint8Array(32)
  assert.equal(proveKey(own, nothing), undefined)
  assert.equal(isKeyProved(own, nothing, new Uint8Array(32)), false)
})
