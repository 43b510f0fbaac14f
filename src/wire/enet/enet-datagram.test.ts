import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { WireError } from '../wire-error.ts'
import { peerChannel, unknownPeer, type EnetBody, type EnetDatagram } from './enet-command.ts'
import { decodeEnetDatagram, encodeEnetDatagram } from './enet-datagram.ts'

const u8 = fc.nat(0xff)
const u16 = fc.nat(0xffff)
const u32 = fc.nat(0xffffffff)
const data = fc.uint8Array({ maxLength: 60 })
const throttle = fc.record({ intervalMs: u32, acceleration: u32, deceleration: u32 }, { noNullPrototype: true })
const terms = {
  outgoingPeerId: u16,
  incomingSession: u8,
  outgoingSession: u8,
  mtu: u32,
  windowBytes: u32,
  channels: u32,
  incomingBytesPerS: u32,
  outgoingBytesPerS: u32,
  throttle,
  connectId: u32,
}
const fragment = { startSequence: u16, fragments: u32, index: u32, totalBytes: u32, offset: u32, data }
const body: fc.Arbitrary<EnetBody> = fc.oneof(
  fc.record({ type: fc.constant('acknowledge' as const), acknowledged: u16, sentTime: u16 }),
  fc.record({ type: fc.constant('connect' as const), ...terms, data: u32 }),
  fc.record({ type: fc.constant('verify-connect' as const), ...terms }),
  fc.record({ type: fc.constant('disconnect' as const), data: u32 }),
  fc.record({ type: fc.constant('ping' as const) }),
  fc.record({ type: fc.constant('reliable' as const), data }),
  fc.record({ type: fc.constant('unreliable' as const), unreliableSequence: u16, data }),
  fc.record({ type: fc.constant('unsequenced' as const), group: u16, data }),
  fc.record({ type: fc.constant('fragment' as const), ...fragment }),
  fc.record({ type: fc.constant('unreliable-fragment' as const), ...fragment }),
  fc.record({ type: fc.constant('bandwidth-limit' as const), incomingBytesPerS: u32, outgoingBytesPerS: u32 }),
  fc.record({ type: fc.constant('throttle' as const), throttle }),
)
const datagram: fc.Arbitrary<EnetDatagram> = fc.record(
  {
    peerId: fc.nat(0xfff),
    session: fc.nat(3),
    sentTime: fc.option(u16, { nil: undefined }),
    commands: fc.array(
      fc
        .tuple(body, fc.record({ channel: u8, sequence: u16, wantsAck: fc.boolean() }))
        .map(([own, header]) => ({ ...header, ...own })),
      { minLength: 1, maxLength: 6 },
    ),
  },
  { noNullPrototype: true },
)

test('decodeEnetDatagram reads what encodeEnetDatagram writes', () => {
  fc.assert(
    fc.property(datagram, (value) => {
      assert.deepEqual(decodeEnetDatagram(encodeEnetDatagram(value)), value)
    }),
  )
})

test('decodeEnetDatagram refuses what is cut, and knows the rest', () => {
  fc.assert(
    fc.property(datagram, fc.nat(), (value, cut) => {
      const bytes = encodeEnetDatagram(value)
      try {
        decodeEnetDatagram(bytes.subarray(0, cut % bytes.length))
      } catch (error) {
        assert.ok(error instanceof WireError)
      }
    }),
  )
})

test('decodeEnetDatagram takes any bytes without harm', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1500 }), (bytes) => {
      try {
        decodeEnetDatagram(bytes)
      } catch (error) {
        assert.ok(error instanceof WireError)
      }
    }),
  )
})

test("a Moonlight client's first datagram has these bytes", () => {
  const bytes = encodeEnetDatagram({
    peerId: unknownPeer,
    session: 0,
    sentTime: 0x1234,
    commands: [
      {
        type: 'connect',
        channel: peerChannel,
        sequence: 1,
        wantsAck: true,
        outgoingPeerId: 0,
        incomingSession: 0xff,
        outgoingSession: 0xff,
        mtu: 900,
        windowBytes: 65_536,
        channels: 48,
        incomingBytesPerS: 0,
        outgoingBytesPerS: 0,
        throttle: { intervalMs: 5000, acceleration: 2, deceleration: 2 },
        connectId: 0x0a0b0c0d,
        data: 0xdeadbeef,
      },
    ],
  })
  assert.equal(
    Buffer.from(bytes).toString('hex'),
    `8fff1234 82ff0001 0000ffff 00000384 00010000 00000030 00000000 00000000 00001388 00000002 00000002 0a0b0c0d deadbeef`.replaceAll(
      ' ',
      '',
    ),
  )
})
