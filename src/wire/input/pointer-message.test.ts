import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { WireError } from '../wire-error.ts'
import { pointerChannel } from './channels.ts'
import { decodePointerMessage, encodePointerMessage, PointerReceiver, PointerSender } from './pointer-message.ts'

test('encodePointerMessage writes the bytes of its layout', () => {
  assert.deepEqual(
    Array.from(encodePointerMessage({ type: 'pointer', sequence: 0x1234, x: 1, y: 0 })),
    [1, 0x12, 0x34, 0xff, 0xff, 0, 0],
  )
  assert.deepEqual(
    Array.from(encodePointerMessage({ type: 'pointer-relative', sequence: 1, totalX: 256, totalY: -1 })),
    [2, 0, 1, 0, 0, 1, 0, 0xff, 0xff, 0xff, 0xff],
  )
})

test('decodePointerMessage gives back what encodePointerMessage wrote', () => {
  const sequence = fc.nat(0xffff)
  const fraction = fc.nat(0xffff).map((n) => n / 0xffff)
  const message = fc.oneof(
    fc.record({ type: fc.constant('pointer' as const), sequence, x: fraction, y: fraction }, { noNullPrototype: true }),
    fc.record(
      { type: fc.constant('pointer-relative' as const), sequence, totalX: fc.integer(), totalY: fc.integer() },
      { noNullPrototype: true },
    ),
  )
  fc.assert(
    fc.property(message, (written) => {
      const bytes = encodePointerMessage(written)
      assert.ok(bytes.length <= pointerChannel.maxMessageBytes)
      assert.deepEqual(decodePointerMessage(bytes), written)
    }),
  )
})

test('PointerReceiver never moves back when datagrams come late or twice', () => {
  const sender = new PointerSender()
  const [first, second] = [0, 1].map((x) => sender.encode({ type: 'pointer', x, y: 0 })) as [Uint8Array, Uint8Array]
  const receiver = new PointerReceiver()
  assert.deepEqual(receiver.accept(second), { type: 'pointer', x: 1, y: 0 })
  assert.equal(receiver.accept(first), undefined)
  assert.equal(receiver.accept(second), undefined)
})

test('PointerReceiver loses no relative motion when datagrams are lost or out of order, once the newest has come', () => {
  const step = fc.record({
    dx: fc.integer({ min: -500, max: 500 }),
    dy: fc.double({ min: -20, max: 20, noNaN: true }),
    arrives: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const sender = new PointerSender()
      const receiver = new PointerReceiver()
      let receivedX = 0
      let receivedY = 0
      const datagrams = [...steps, { dx: 1, dy: 1, arrives: true }].map((move) => ({
        arrives: move.arrives,
        bytes: sender.encode({ type: 'pointer-relative', dx: move.dx, dy: move.dy }),
      }))
      for (const datagram of datagrams) {
        const motion = datagram.arrives ? receiver.accept(datagram.bytes) : undefined
        if (motion?.type !== 'pointer-relative') continue
        receivedX += motion.dx
        receivedY += motion.dy
      }
      assert.equal(
        receivedX,
        steps.reduce((sum, { dx }) => sum + dx, 1),
      )
      assert.ok(Math.abs(receivedY - steps.reduce((sum, { dy }) => sum + dy, 1)) < 1 / 128)
    }),
  )
})

test('PointerReceiver follows totals and sequence numbers across their wraps', () => {
  const sender = new PointerSender()
  const receiver = new PointerReceiver()
  const far = { type: 'pointer-relative', dx: 8000, dy: -8000 } as const
  for (let count = 0; count < 70_000; count++) assert.deepEqual(receiver.accept(sender.encode(far)), far)
})

test('PointerReceiver keeps a forged jump within the bounds of one message', () => {
  const receiver = new PointerReceiver()
  const jump = encodePointerMessage({ type: 'pointer-relative', sequence: 5, totalX: 0x7fffffff, totalY: -0x80000000 })
  assert.deepEqual(receiver.accept(jump), { type: 'pointer-relative', dx: 8192, dy: -8192 })
})

test('PointerReceiver throws only WireError when the bytes are random', () => {
  fc.assert(
    fc.property(fc.nat(4), fc.uint8Array({ maxLength: 14 }), (kind, rest) => {
      try {
        new PointerReceiver().accept(Uint8Array.of(kind, ...rest))
      } catch (error) {
        assert.ok(error instanceof WireError)
      }
    }),
  )
  assert.throws(() => new PointerReceiver().accept(new Uint8Array(0)), { code: 'too-short' })
  assert.throws(() => new PointerReceiver().accept(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0)), { code: 'malformed' })
  assert.throws(() => new PointerSender().encode({ type: 'pointer', x: NaN, y: 0 }), { code: 'out-of-range' })
})
