import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { PacketRing, type Paceable, type QueuedPacket } from './packet-ring.ts'

test('PacketRing behaves like a bounded queue, whatever is put in and taken out', () => {
  const command = fc.oneof(
    { weight: 5, arbitrary: fc.nat(40).map((bytes) => ({ kind: 'push' as const, bytes })) },
    { weight: 4, arbitrary: fc.constant({ kind: 'shift' as const, bytes: 0 }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'clear' as const, bytes: 0 }) },
  )
  fc.assert(
    fc.property(fc.array(command, { maxLength: 100 }), (commands) => {
      const ring = new PacketRing<Paceable>(8)
      let model: QueuedPacket<Paceable>[] = []
      const out: QueuedPacket<Paceable> = { packet: { bytes: 0 }, unit: 0, number: 0 }
      for (const [index, { kind, bytes }] of commands.entries()) {
        const entry = { packet: { bytes }, unit: index, number: index - 1 }
        if (kind === 'push') {
          assert.equal(ring.push(entry.packet, entry.unit, entry.number, index), model.length < 8)
          if (model.length < 8) model.push(entry)
        } else if (kind === 'shift') {
          const expected = model.shift()
          assert.equal(ring.shift(out), expected !== undefined)
          if (expected) assert.deepEqual(out, expected)
        } else {
          ring.clear()
          model = []
        }
        assert.equal(ring.size, model.length)
        assert.equal(
          ring.bytes,
          model.reduce((sum, { packet }) => sum + packet.bytes, 0),
        )
        assert.equal(ring.oldestUs, model[0]?.unit)
      }
    }),
  )
})
