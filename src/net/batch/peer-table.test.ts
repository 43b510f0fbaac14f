import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { PeerTable, socketName } from './peer-table.ts'

const port = fc.integer({ min: 1, max: 65_535 })
const four = fc.ipV4()
const six = fc.tuple(fc.integer({ min: 1, max: 0xffff }), fc.integer({ min: 1, max: 0xffff })).map(([a, b]) => {
  return `2001:db8::${a.toString(16)}:${b.toString(16)}`
})

test('PeerTable finds the same peer for the same address, whose text is as the system writes it', () => {
  const table = new PeerTable()
  fc.assert(
    fc.property(fc.oneof(four, six), port, fc.boolean(), (address, at, isDual) => {
      const name = socketName({ address, port: at }, isDual || address.includes(':'))
      assert.ok(name)
      // It lies somewhere among others, and what is behind an IPv4 address says nothing.
      const words = Int32Array.from([7, ...name, 9, 9, 9, 9])
      const peer = table.find(words, 1)
      assert.deepEqual([peer.address, peer.port], [address, at])
      assert.equal(table.find(words, 1), peer)
      assert.deepEqual(peer.name, name)
    }),
  )
})

test('PeerTable tells peers apart whose places others have taken, when more have come than it holds', () => {
  const table = new PeerTable()
  const words = socketName({ address: '10.0.0.0', port: 5000 }, false)
  assert.ok(words)
  const find = (number: number) => {
    // The lower bytes of an address are the upper ones of its word.
    words[1] = 10 | (((number >> 8) & 0xff) << 16) | ((number & 0xff) << 24)
    return table.find(words, 0)
  }
  const { name } = find(0)
  for (const high of [1, 2]) {
    words[0] = 2 | (high << 24)
    for (let number = 0; number < 65_536; number++) find(number)
    assert.deepEqual([find(0x869f).address, find(0x869f).port], ['10.0.134.159', high])
  }
  words[0] = name[0] ?? 0
  assert.deepEqual([find(0).address, find(0).port], ['10.0.0.0', 5000])
})

test('socketName has no name for what is no address of the socket’s family', () => {
  assert.equal(socketName({ address: 'example.org', port: 1 }, true), undefined)
  assert.equal(socketName({ address: '2001:db8::1', port: 1 }, false), undefined)
  assert.equal(socketName({ address: '256.0.0.1', port: 1 }, false), undefined)
})
