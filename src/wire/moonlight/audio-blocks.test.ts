import assert from 'node:assert/strict'
import { test } from 'node:test'
import { audioCoefficients } from '../fec/coefficients.ts'
import { recoverPieces } from '../fec/recover-pieces.ts'
import { AudioBlocks } from './audio-blocks.ts'

test('AudioBlocks sends each packet at once, and parity after the fourth', () => {
  const blocks = new AudioBlocks(5)
  const payloads = [1, 2, 3, 4].map((value) => new Uint8Array(60).fill(value))
  const datagrams = payloads.map((payload) => blocks.push(payload))
  assert.deepEqual(
    datagrams.map(({ length }) => length),
    [1, 1, 1, 3],
  )
  const [first, , , last] = datagrams
  assert.equal(Buffer.from(first?.[0] as Uint8Array).toString('hex', 0, 14), '8061000000000000000000000101')
  const parity = (last as Uint8Array[]).slice(1)
  assert.equal(
    Buffer.from(parity[1] as Uint8Array).toString('hex', 0, 24),
    '807f00050000000000000000016100000000000000000000',
  )
  const found = recoverPieces({
    data: [undefined, payloads[1], undefined, payloads[3]],
    parity: parity.map((datagram) => datagram.subarray(24)),
    pieceBytes: 60,
    coefficients: audioCoefficients,
  })
  assert.deepEqual(found, payloads)
})

test('AudioBlocks counts on over the ends of its numbers', () => {
  const blocks = new AudioBlocks(10)
  let datagrams: Uint8Array[] = []
  for (let packet = 0; packet < 65_540; packet++) datagrams = blocks.push(Uint8Array.of(1))
  assert.equal(
    Buffer.from(datagrams[0] as Uint8Array).toString('hex'),
    '80610003000a000e0000000001'.replace('000a000e', (655_390).toString(16).padStart(8, '0')),
  )
  assert.equal(blocks.sequence, 4)
})

test('AudioBlocks makes no parity of packets that differ in length', () => {
  const blocks = new AudioBlocks(5)
  for (const bytes of [60, 60, 61]) blocks.push(new Uint8Array(bytes))
  assert.equal(blocks.push(new Uint8Array(60)).length, 1)
  for (let packet = 0; packet < 3; packet++) blocks.push(new Uint8Array(60))
  assert.equal(blocks.push(new Uint8Array(60)).length, 3)
})
