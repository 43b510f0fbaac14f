import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { WireError } from '../wire-error.ts'
import { decodeLease, encodeLease, leaseBytes, type RelayLease } from './lease.ts'
import {
  decodePeerMessage,
  decodeRelayMessage,
  encodeForward,
  encodePeerMessage,
  encodeRelayMessage,
  isRelayed,
  mostForwardedBytes,
  relayReasons,
  sessionOfForward,
  type PeerMessage,
  type RelayMessage,
} from './relay-message.ts'

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const uint48 = fc.maxSafeNat().map((value) => value % 2 ** 48)
const lease: fc.Arbitrary<RelayLease> = fc.record(
  {
    kind: fc.constantFrom('lease', 'revocation'),
    session: uint48,
    issuedMs: uint48,
    expiresMs: uint48,
    relay: bytesOf(16),
    host: bytesOf(32),
    viewer: bytesOf(32),
  },
  { noNullPrototype: true },
)
const own = { noNullPrototype: true }
const peerMessage: fc.Arbitrary<PeerMessage> = fc.oneof(
  fc.record({ type: fc.constantFrom('present' as const, 'revoke' as const), lease: bytesOf(leaseBytes) }, own),
  fc.record(
    { type: fc.constant('prove' as const), lease: bytesOf(leaseBytes), cookie: bytesOf(16), proof: bytesOf(64) },
    own,
  ),
  fc.record({ type: fc.constant('renew' as const), lease: bytesOf(leaseBytes), proof: bytesOf(64) }, own),
  fc.record(
    {
      type: fc.constant('turn' as const),
      lease: bytesOf(leaseBytes),
      cookie: bytesOf(16),
      proof: bytesOf(64),
      key: bytesOf(32),
    },
    own,
  ),
  fc.record({ type: fc.constant('leave' as const), session: uint48 }, own),
)
const relayMessage: fc.Arbitrary<RelayMessage> = fc.oneof(
  fc.record(
    {
      type: fc.constant('turned' as const),
      session: uint48,
      key: bytesOf(32),
      sealed: fc.uint8Array({ maxLength: 99 }),
    },
    own,
  ),
  fc.record({ type: fc.constant('challenge' as const), session: uint48, cookie: bytesOf(16) }, own),
  fc.record(
    {
      type: fc.constantFrom('ack' as const, 'renewed' as const),
      session: uint48,
      isOtherThere: fc.boolean(),
      secondsLeft: fc.nat(0xffffffff),
    },
    own,
  ),
  fc.record(
    {
      type: fc.constantFrom('reject' as const, 'refused' as const, 'end' as const),
      session: uint48,
      reason: fc.constantFrom(...relayReasons),
    },
    own,
  ),
  fc.record({ type: fc.constant('presence' as const), session: uint48, isOtherThere: fc.boolean() }, own),
  fc.record({ type: fc.constant('revoked' as const), session: uint48 }, own),
)

test('decodeLease reads what encodeLease writes, and refuses any other length', () => {
  fc.assert(
    fc.property(lease, bytesOf(64), fc.nat(), (value, signature, cut) => {
      const signed = encodeLease(value)
      const whole = Uint8Array.from([...signed, ...signature])
      assert.deepEqual(decodeLease(whole), { lease: value, signed, signature })
      assert.throws(() => decodeLease(whole.subarray(0, cut % whole.length)), WireError)
    }),
  )
})

test('messages of a relay and to it are read as they are written', () => {
  fc.assert(
    fc.property(peerMessage, relayMessage, (said, answered) => {
      const [there, back] = [encodePeerMessage(said), encodeRelayMessage(answered)]
      assert.deepEqual(decodePeerMessage(there), said)
      assert.deepEqual(decodeRelayMessage(back), answered)
      assert.ok(isRelayed(there) && isRelayed(back))
    }),
  )
})

test('no answer of a relay is longer than what asks for it', () => {
  fc.assert(
    fc.property(relayMessage, (answer) => {
      const asking = encodePeerMessage({ type: 'present', lease: new Uint8Array(leaseBytes) })
      assert.ok(encodeRelayMessage(answer).length < asking.length / 5)
    }),
  )
})

test('decoders of relay messages take any bytes without harm', () => {
  const first = fc.oneof(fc.integer({ min: 0x60, max: 0x6f }), fc.nat(255))
  fc.assert(
    fc.property(first, fc.uint8Array({ maxLength: 300 }), (type, rest) => {
      for (const decode of [decodePeerMessage, decodeRelayMessage, decodeLease, sessionOfForward]) {
        try {
          decode(Uint8Array.from([type, ...rest]))
        } catch (error) {
          assert.ok(error instanceof WireError)
        }
      }
    }),
  )
})

test('encodeForward puts the session before what is forwarded, up to a limit', () => {
  const framed = encodeForward(0x0102_0304_0506, Uint8Array.of(9, 8))
  assert.deepEqual([...framed], [0x65, 1, 2, 3, 4, 5, 6, 9, 8])
  assert.equal(sessionOfForward(framed), 0x0102_0304_0506)
  assert.throws(() => encodeForward(1, new Uint8Array(mostForwardedBytes + 1)), WireError)
  assert.throws(() => encodeForward(2 ** 48, new Uint8Array(1)), WireError)
})
