import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { WireError } from '../wire-error.ts'
import {
  cookieBytes,
  cookieNonceBytes,
  decodePacket,
  encodeCookie,
  encodeFinish,
  encodeInitiation,
  encodeRefusal,
  encodeResponse,
  isNative,
  leastInitiationBytes,
  mostPacketBytes,
  refusalCauses,
  writeDataHead,
} from './packet.ts'
import { channelEnds, decodeSealed, encodeSealed, mostDatagramBytes, type SealedMessage } from './sealed-message.ts'

const uint32 = fc.nat(0xffff_ffff)
const count = fc.nat(Number.MAX_SAFE_INTEGER)
const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const headOf = (epoch: number, receiver: number, counter: number) => {
  const head = new Uint8Array(14)
  writeDataHead(head, { epoch, receiver, counter })
  return head
}
const plain = (data: Uint8Array) => [...data]

test('an initiation is decoded as it was encoded, with what its proofs are made of', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('IK' as const, 'XX' as const),
      uint32,
      fc.uint8Array({ maxLength: 400 }),
      (pattern, sender, noise) => {
        const bytes = encodeInitiation({ pattern, role: 'viewer', sender, noise })
        assert.equal(bytes.length, leastInitiationBytes)
        const packet = decodePacket(bytes)
        assert.ok(packet.type === 'initiation' && isNative(bytes))
        assert.deepEqual(
          [packet.pattern, packet.role, packet.sender, plain(packet.noise)],
          [pattern, 'viewer', sender, plain(noise)],
        )
        assert.deepEqual([packet.proved.mac1.length, packet.proved.mac2.length], [480, 496])
        assert.deepEqual([packet.mac1.byteOffset, packet.mac2.byteOffset], [480, 496])
      },
    ),
  )
})

test('every other packet is decoded as it was encoded', () => {
  fc.assert(
    fc.property(
      uint32,
      uint32,
      count,
      fc.nat(255),
      fc.uint8Array({ minLength: 16, maxLength: 200 }),
      (one, other, counter, epoch, noise) => {
        const nonce = new Uint8Array(cookieNonceBytes).fill(7)
        const sealed = new Uint8Array(cookieBytes + 16).fill(9)
        assert.deepEqual(decodePacket(encodeCookie(one, nonce, sealed)), {
          type: 'cookie',
          receiver: one,
          nonce,
          sealed,
        })
        assert.deepEqual(decodePacket(encodeResponse(one, other, noise)), {
          type: 'response',
          sender: one,
          receiver: other,
          noise,
        })
        assert.deepEqual(decodePacket(encodeFinish(one, noise)), { type: 'finish', receiver: one, noise })
        const head = headOf(epoch, one, counter)
        const data = decodePacket(Uint8Array.of(...head, ...noise))
        assert.deepEqual(data, { type: 'data', epoch, receiver: one, counter, head, sealed: noise })
        for (const cause of refusalCauses) {
          assert.deepEqual(decodePacket(encodeRefusal(one, cause)), { type: 'refusal', receiver: one, cause })
        }
      },
    ),
  )
})

test('golden bytes of a data head: epoch 3, receiver 0x01020304, counter 2^32 + 5', () => {
  assert.deepEqual(plain(headOf(3, 0x01020304, 2 ** 32 + 5)), [0xd5, 3, 4, 3, 2, 1, 5, 0, 0, 0, 1, 0, 0, 0])
})

test('every sealed message is decoded as it was encoded, and answers are no longer than what they answer', () => {
  const messages: fc.Arbitrary<SealedMessage> = fc.oneof(
    fc.constant({ kind: 'rest' as const }),
    fc.record({ kind: fc.constant('datagram' as const), bytes: fc.uint8Array({ maxLength: mostDatagramBytes }) }),
    fc.record({ kind: fc.constant('ping' as const), id: uint32 }),
    fc.record({ kind: fc.constant('pong' as const), id: uint32, newest: count, received: count }),
    fc.record({ kind: fc.constantFrom('challenge' as const, 'answer' as const), token: bytesOf(8) }),
    fc.record({
      kind: fc.constantFrom('rekey' as const, 'rekeyed' as const),
      epoch: fc.nat(255),
      publicKey: bytesOf(32),
    }),
    fc.record({
      kind: fc.constant('close' as const),
      cause: fc.constantFrom(...channelEnds),
      reason: fc.string({ maxLength: 50 }),
    }),
  )
  fc.assert(
    fc.property(messages, (message) => {
      const bytes = encodeSealed(message)
      if (message.kind !== 'close' && message.kind !== 'datagram') assert.equal(bytes.length, 40)
      assert.deepEqual(decodeSealed(bytes), { ...message })
      assert.deepEqual(
        encodeSealed(message, { before: 3, behind: 2, memory: (length) => new Uint8Array(length) }).subarray(
          3,
          3 + bytes.length,
        ),
        bytes,
      )
    }),
  )
  assert.equal(encodeSealed({ kind: 'close', cause: 'closed', reason: 'ü'.repeat(500) }).length, 203)
})

test('what is no packet and no message is a WireError, and nothing else', () => {
  const decoders = [decodePacket, decodeSealed]
  const firsts = fc.oneof(fc.integer({ min: 0xd0, max: 0xd7 }), fc.nat(9), fc.nat(255))
  fc.assert(
    fc.property(firsts, fc.uint8Array({ maxLength: mostPacketBytes + 10, size: 'max' }), (first, rest) => {
      for (const decode of decoders) {
        for (const bytes of [Uint8Array.of(first, ...rest), rest]) {
          try {
            decode(bytes)
          } catch (error) {
            assert.ok(error instanceof WireError, String(error))
          }
        }
      }
    }),
    { numRuns: 300 },
  )
  const ended = decodePacket(encodeInitiation({ pattern: 'IK', role: 'viewer', sender: 1, noise: new Uint8Array(9) }))
  assert.ok(ended.type === 'initiation')
  const initiation = encodeInitiation({ pattern: 'IK', role: 'viewer', sender: 5, noise: new Uint8Array(9) })
  for (const length of [0, 1, 9, 511]) assert.throws(() => decodePacket(initiation.subarray(0, length)), WireError)
  initiation[1] = 9
  assert.deepEqual(decodePacket(initiation), { type: 'other-version', version: 9, sender: 5 })
  assert.throws(
    () => encodeInitiation({ pattern: 'IK', role: 'viewer', sender: 1, noise: new Uint8Array(600) }),
    WireError,
  )
  assert.throws(() => encodeSealed({ kind: 'datagram', bytes: new Uint8Array(mostDatagramBytes + 1) }), WireError)
})
