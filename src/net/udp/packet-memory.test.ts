import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PacketMemory } from './packet-memory.ts'

test('PacketMemory cuts each packet where no other one is, of any length, and always as long as asked', () => {
  const memory = new PacketMemory()
  const lengths = Array.from({ length: 300 }, (_, at) => (at * 7919) % 1500)
  lengths.push(0, 2 ** 13, 2 ** 13 + 1, 2 ** 15, 2 ** 16)
  const cut = lengths.map((length, at) => memory.cut(length).fill(at % 251))
  for (const [at, bytes] of cut.entries()) {
    assert.equal(bytes.length, lengths[at])
    assert.ok(bytes.every((byte) => byte === at % 251))
  }
})
