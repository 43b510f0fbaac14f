import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { WireError } from '../wire-error.ts'
import {
  decodeTunnelAnswer,
  decodeTunnelEntry,
  decodeTunnelled,
  encodeTunnelled,
  encodeTunnelText,
  mostTunnelledBytes,
} from './tunnel.ts'

test('encodeTunnelled writes the length of the id, the id, and the packet', () => {
  const frame = encodeTunnelled({ peerId: 'bo', packet: Uint8Array.of(7, 8) })
  assert.deepEqual([...frame], [2, 0x62, 0x6f, 7, 8])
  assert.throws(() => encodeTunnelled({ peerId: 'x'.repeat(256), packet: frame }), RangeError)
})

test('decodeTunnelled reads what encodeTunnelled writes, and refuses all else without a crash', () => {
  const peerId = fc.stringMatching(/^[\w.:-]{1,64}$/)
  fc.assert(
    fc.property(peerId, fc.uint8Array({ minLength: 1, maxLength: mostTunnelledBytes }), (id, packet) => {
      const read = decodeTunnelled(encodeTunnelled({ peerId: id, packet }))
      assert.equal(read.peerId, id)
      assert.deepEqual([...read.packet], [...packet])
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      try {
        decodeTunnelled(bytes)
      } catch (error) {
        assert.ok(error instanceof WireError)
      }
    }),
  )
  assert.throws(() => decodeTunnelled(new Uint8Array()), { code: 'malformed' })
  assert.throws(() => decodeTunnelled(Uint8Array.of(2, 1, 1)), { code: 'malformed' })
  const long = encodeTunnelled({ peerId: 'bo', packet: new Uint8Array(mostTunnelledBytes + 1) })
  assert.throws(() => decodeTunnelled(long), { code: 'too-long' })
})

test('an entry that makes no sense is refused, and nothing of it repeated', () => {
  const entry = { type: 'enter', party_id: 'p', peer_id: 'bo', token: 'secret' } as const
  assert.deepEqual(decodeTunnelEntry(encodeTunnelText(entry)), entry)
  for (const wrong of ['{', '7', 'secret'.repeat(400), JSON.stringify({ ...entry, peer_id: '' })]) {
    assert.throws(
      () => decodeTunnelEntry(wrong),
      (error) => error instanceof WireError && !error.message.includes('secret'),
    )
  }
  assert.throws(() => decodeTunnelAnswer('{"type":"enter"}'), { code: 'malformed' })
})
