import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { ConversationMonitor, planConversation } from '../../kernel/monitor/conversation.ts'
import { WireError } from '../wire-error.ts'
import {
  decodeClientMedia,
  encodeClientMedia,
  maxReceiptCount,
  type ClientMediaMessage,
} from './client-media-message.ts'
import {
  decodeHostMedia,
  encodePadding,
  encodePicture,
  encodePointersPiece,
  encodeSound,
  maxPictureBytes,
  maxPieceBytes,
  maxSoundBytes,
  type WebPicture,
} from './host-media-message.ts'
import { PictureAssembly } from './picture-assembly.ts'
import { webMedia } from './protocol.ts'

const timeUs = fc.integer({ min: 0, max: 2 ** 50 })
const picture: fc.Arbitrary<WebPicture> = fc.record(
  {
    codec: fc.constantFrom('h264' as const, 'vp8' as const),
    key: fc.boolean(),
    captureUs: timeUs,
    width: fc.integer({ min: 0, max: 0xffff }),
    height: fc.integer({ min: 0, max: 0xffff }),
    data: fc.uint8Array({ minLength: 1, maxLength: 3 * maxPieceBytes + 5 }),
  },
  { noNullPrototype: true },
)
const clientMessage: fc.Arbitrary<ClientMediaMessage> = fc.oneof(
  fc.record(
    {
      type: fc.constant('receipt' as const),
      arrivalsUs: fc.array(timeUs, { minLength: 1, maxLength: 40 }).map((list) => {
        let sum = list[0] as number
        return list.map((each, index) => (index === 0 ? sum : (sum += each % 1_000_000)))
      }),
    },
    { noNullPrototype: true },
  ),
  fc.constant({ type: 'want-key' as const }),
  fc.uint8Array({ minLength: 1, maxLength: 4097 }).map((data) => ({ type: 'keys' as const, data })),
  fc.uint8Array({ minLength: 1, maxLength: 11 }).map((data) => ({ type: 'pointer' as const, data })),
  fc.record(
    {
      type: fc.constant('voice' as const),
      timestamp: fc.nat(0xffff_ffff),
      data: fc.uint8Array({ minLength: 1, maxLength: maxSoundBytes }),
    },
    { noNullPrototype: true },
  ),
)

function assemble(assembly: PictureAssembly, messages: readonly Uint8Array[]): WebPicture[] {
  return messages.flatMap((bytes) => {
    const message = decodeHostMedia(bytes)
    assert.ok(message.type === 'picture' || message.type === 'part')
    return assembly.add(message) ?? []
  })
}

test('the layouts are those of the golden bytes', () => {
  const [first, ...more] = encodePicture({
    codec: 'vp8',
    key: true,
    captureUs: 1.5,
    width: 0x0102,
    height: 0x0304,
    data: Uint8Array.of(7, 8),
  })
  assert.deepEqual([...(first ?? [])], [1, 3, 1, 2, 3, 4, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 7, 8])
  assert.deepEqual(more, [])
  const sound = encodeSound({ captureUs: 1, positionSamples: 2, data: Uint8Array.of(9) })
  assert.deepEqual([...sound], [3, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 9])
  assert.deepEqual([...encodePointersPiece(Uint8Array.of(6, 7))], [4, 6, 7])
  assert.deepEqual(decodeHostMedia(Uint8Array.of(4, 6, 7)), { type: 'pointers', data: Uint8Array.of(6, 7) })
  assert.deepEqual(decodeHostMedia(encodePadding(300)), { type: 'padding', bytes: 300 })
  const receipt = encodeClientMedia({ type: 'receipt', arrivalsUs: [1, 259] })
  assert.deepEqual([...receipt], [1, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2])
  assert.deepEqual([...encodeClientMedia({ type: 'want-key' })], [2])
  assert.deepEqual([...encodeClientMedia({ type: 'pointer', data: Uint8Array.of(5) })], [4, 5])
  const voice = encodeClientMedia({ type: 'voice', timestamp: 0xfffe0102, data: Uint8Array.of(9, 8) })
  assert.deepEqual([...voice], [5, 0xff, 0xfe, 1, 2, 9, 8])
})

test('pictures are what they were when all their messages have come, also behind one that was given up', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(picture, fc.nat(4)), { maxLength: 6 }), (sent) => {
      const assembly = new PictureAssembly()
      for (const [one, keep] of sent) {
        const messages = encodePicture(one)
        const isGivenUp = keep > 0 && keep < messages.length
        const got = assemble(assembly, isGivenUp ? messages.slice(0, keep) : messages)
        assert.deepEqual(got, isGivenUp ? [] : [one])
      }
    }),
  )
})

test('what the client says is what the host reads', () => {
  fc.assert(
    fc.property(clientMessage, (message) => {
      assert.deepEqual(decodeClientMedia(encodeClientMedia(message)), message)
    }),
  )
})

test('random bytes are read or refused with a WireError, in both directions', () => {
  const assembly = new PictureAssembly()
  const headed = fc
    .tuple(fc.integer({ min: 0, max: 7 }), fc.uint8Array({ maxLength: 4300 }))
    .map(([kind, rest]) => Uint8Array.of(kind, ...rest))
  fc.assert(
    fc.property(fc.oneof(headed, fc.uint8Array({ maxLength: 40 })), (bytes) => {
      for (const read of [
        () => void decodeClientMedia(bytes),
        () => {
          const message = decodeHostMedia(bytes)
          if (message.type === 'picture' || message.type === 'part') assembly.add(message)
        },
      ]) {
        try {
          read()
        } catch (error) {
          assert.ok(error instanceof WireError, String(error))
        }
      }
    }),
  )
})

test('sizes are bounded both ways', () => {
  const big = { codec: 'h264', key: true, captureUs: 0, width: 1, height: 1 } as const
  assert.throws(() => encodePicture({ ...big, data: new Uint8Array(maxPictureBytes + 1) }), { code: 'out-of-range' })
  assert.throws(() => encodePicture({ ...big, data: new Uint8Array(0) }), { code: 'out-of-range' })
  const arrivalsUs = Array.from({ length: maxReceiptCount + 1 }, (_, index) => index)
  assert.throws(() => encodeClientMedia({ type: 'receipt', arrivalsUs }), { code: 'out-of-range' })
  assert.throws(() => encodeClientMedia({ type: 'receipt', arrivalsUs: [2, 1] }), { code: 'out-of-range' })
  assert.throws(() => decodeClientMedia(new Uint8Array(5000)), { code: 'too-long' })
  const long = new Uint8Array(maxSoundBytes + 1)
  assert.throws(() => encodeClientMedia({ type: 'voice', timestamp: 1, data: long }), { code: 'out-of-range' })
  for (const timestamp of [-1, 1.5, 2 ** 32, Number.NaN]) {
    assert.throws(() => encodeClientMedia({ type: 'voice', timestamp, data: Uint8Array.of(1) }), {
      code: 'out-of-range',
    })
  }
  assert.throws(() => decodeClientMedia(Uint8Array.of(5, 0, 0, 0, 1, ...long)), { code: 'too-long' })
  assert.throws(() => decodeClientMedia(Uint8Array.of(5, 0, 0, 0, 1)), { code: 'too-short' })
  const [first = new Uint8Array()] = encodePicture({ ...big, data: new Uint8Array(10) })
  new DataView(first.buffer).setUint32(14, 9)
  assert.throws(() => decodeHostMedia(first), { code: 'out-of-range' })
  new DataView(first.buffer).setUint32(14, 10)
  assert.throws(() => new PictureAssembly().add({ type: 'part', data: first }), { code: 'malformed' })
})

test('the protocol lets a picture begin before it goes on, and nobody say what the other one says', () => {
  const client = () => new ConversationMonitor(planConversation(webMedia, 'client'))
  assert.throws(() => client().received('part'), { code: 'out-of-order' })
  assert.throws(() => client().sent('receipt'), { code: 'out-of-order' })
  assert.throws(() => client().received('receipt'), { code: 'unknown-label' })
  const monitor = client()
  for (const label of ['sound', 'picture', 'part', 'sound', 'picture']) monitor.received(label)
  for (const label of ['receipt', 'keys', 'want-key', 'voice', 'pointer']) monitor.sent(label)
})
