import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { keyBytes, tagBytes } from '../../wire/native/noise-crypto.ts'
import { bestCrypto } from './best-crypto.ts'
import { nodeCrypto } from './node-crypto.ts'

const best = bestCrypto()
const bytes = (maxLength: number) => fc.uint8Array({ maxLength })
const sealed = fc.record({
  key: fc.uint8Array({ minLength: keyBytes, maxLength: keyBytes }),
  counter: fc.maxSafeNat(),
  associated: bytes(40),
  plain: bytes(1500),
})

test('bestCrypto is not that of Node alone where there is a binary for the platform', () => {
  assert.notEqual(best, nodeCrypto)
})

test('bestCrypto seals what Node seals, and opens it', () => {
  fc.assert(
    fc.property(sealed, ({ key, counter, associated, plain }) => {
      const one = nodeCrypto.seal(key, counter, associated, plain)
      assert.deepEqual(Buffer.from(best.seal(key, counter, associated, plain)), Buffer.from(one))
      const packet = Uint8Array.of(...associated, ...plain, ...new Uint8Array(tagBytes))
      best.sealPacket(key, counter, packet, associated.length)
      assert.deepEqual(Buffer.from(packet), Buffer.concat([associated, one]))
      const opened = best.open(key, counter, associated, one)
      assert.ok(opened)
      assert.deepEqual(Buffer.from(opened), Buffer.from(plain))
    }),
  )
})

test('bestCrypto opens nothing that was changed, cut, or sealed by another key or counter, and leaves it as it is', () => {
  fc.assert(
    fc.property(sealed, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ key, counter, associated, plain }, at, bits) => {
      const one = nodeCrypto.seal(key, counter, associated, plain)
      const forged = Uint8Array.from(one)
      forged[at % forged.length] = (forged[at % forged.length] as number) ^ bits
      const before = Uint8Array.from(forged)
      assert.equal(best.open(key, counter, associated, forged), undefined)
      assert.deepEqual(forged, before)
      assert.equal(best.open(key, counter, associated, one.subarray(0, at % one.length)), undefined)
      assert.equal(best.open(key, counter === 0 ? 1 : counter - 1, associated, one), undefined)
      assert.equal(best.open(key, counter, Uint8Array.of(...associated, 1), one), undefined)
    }),
  )
})

test('bestCrypto has the key pairs that Node has, agrees on the same with them, and on nothing with a point of small order', () => {
  const secrets = fc.uint8Array({ minLength: keyBytes, maxLength: keyBytes })
  fc.assert(
    fc.property(secrets, secrets, (one, other) => {
      const [bests, nodes] = [best.keyPairFrom(one), nodeCrypto.keyPairFrom(one)]
      assert.deepEqual(Buffer.from(bests.publicKey), Buffer.from(nodes.publicKey))
      const { publicKey } = nodeCrypto.keyPairFrom(other)
      assert.deepEqual(Buffer.from(bests.agree(publicKey) ?? []), Buffer.from(nodes.agree(publicKey) ?? [1]))
    }),
  )
  for (const crypto of [best, nodeCrypto]) {
    for (const none of [new Uint8Array(keyBytes), Uint8Array.of(1, ...new Uint8Array(31)), new Uint8Array(31)]) {
      assert.equal(crypto.newKeyPair().agree(none), undefined)
    }
    assert.throws(() => crypto.keyPairFrom(new Uint8Array(31)), RangeError)
  }
})

test("nodeCrypto's HMAC is that of Node, for keys of any length", () => {
  fc.assert(
    fc.property(bytes(150), bytes(100), bytes(100), (key, one, other) => {
      const expected = createHmac('blake2s256', key).update(one).update(other).digest()
      assert.deepEqual(Buffer.from(nodeCrypto.hmac(key, one, other)), expected)
    }),
  )
})
