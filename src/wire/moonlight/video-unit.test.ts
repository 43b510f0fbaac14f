import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { cauchyBehind } from '../fec/coefficients.ts'
import { bestParity } from '../fec/simd-parity.ts'
import { recoverPieces } from '../fec/recover-pieces.ts'
import { WireError } from '../wire-error.ts'
import { videoHeadBytes, videoUnit, writeVideoHeads, type VideoCounts, type VideoUnit } from './video-unit.ts'

const options = { packetBytes: 1024, isKey: true, parityPercent: 20, leastParity: 2, latencyTenths: 0 }

/** What a client makes of datagrams, of which some were lost, written from the protocol. */
function assembled(datagrams: readonly (Uint8Array | undefined)[], packetBytes: number): Uint8Array | undefined {
  const blocks = new Map<number, (Uint8Array | undefined)[]>()
  const sizes = new Map<number, { data: number; parity: number }>()
  for (const datagram of datagrams) {
    if (datagram === undefined) continue
    const view = new DataView(datagram.buffer, datagram.byteOffset)
    const info = view.getUint32(28, true)
    const number = (datagram[27] as number) >> 4
    const data = info >>> 22
    const percent = (info >>> 4) & 0xff
    sizes.set(number, { data, parity: Math.ceil((data * percent) / 100) })
    const shards = blocks.get(number) ?? []
    blocks.set(number, shards)
    shards[(info >>> 12) & 0x3ff] = datagram.subarray(16)
  }
  const frame: Uint8Array[] = []
  for (const [number, { data, parity }] of [...sizes].sort(([a], [b]) => a - b)) {
    const shards = Array.from({ length: data + parity }, (_, index) => {
      const shard = blocks.get(number)?.[index]
      if (shard === undefined) return undefined
      // The parity knows nothing of the picture's number and of what is written after it.
      const own = Uint8Array.from(shard)
      own.fill(0, 4, 8)
      own.fill(0, 12, 16)
      return own
    })
    const found = recoverPieces({
      data: shards.slice(0, data),
      parity: shards.slice(data),
      pieceBytes: packetBytes,
      coefficients: cauchyBehind(parity),
    })
    if (found === undefined) return undefined
    for (const [index, shard] of found.entries()) {
      assert.equal(shard[8], 1 | (index === 0 ? 4 : 0) | (index === data - 1 ? 2 : 0))
      frame.push(shard.subarray(16))
    }
  }
  return Buffer.concat(frame)
}

function datagramsOf(unit: VideoUnit, counts: VideoCounts): Uint8Array[] {
  return unit.blocks.flatMap((block) => {
    const heads = new Uint8Array((block.data + block.parity) * videoHeadBytes)
    writeVideoHeads(block, heads, counts, 90_000)
    return block.shared.map((shared, index) =>
      Buffer.concat([heads.subarray(index * videoHeadBytes, (index + 1) * videoHeadBytes), shared]),
    )
  })
}

/** A sequence parameter set, a picture parameter set, and a slice of so many bytes without a start code in it. */
function keyPicture(bytes: number): Uint8Array {
  return Buffer.concat([
    Uint8Array.of(0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68, 3, 0, 0, 1, 0x65),
    new Uint8Array(bytes).fill(0xab),
  ])
}

test('videoUnit makes datagrams from which a client assembles the picture, whatever is lost within the parity', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 150_000 }),
      fc.constantFrom(256, 1024, 1392),
      fc.constantFrom(5, 20, 50),
      fc.integer(),
      (bytes, packetBytes, parityPercent, seed) => {
        const unit = videoUnit(keyPicture(bytes), { ...options, packetBytes, parityPercent }, bestParity())
        const counts = { sequence: 32_000, index: 0xff_fff0, picture: 70_000 }
        const datagrams: (Uint8Array | undefined)[] = datagramsOf(unit, counts)
        assert.equal(datagrams.length, unit.packets)
        assert.ok(datagrams.every((datagram) => datagram?.length === packetBytes + 16))
        let at = 0
        for (const block of unit.blocks) {
          for (let lost = 0; lost < block.parity; lost++) {
            datagrams[at + ((Math.abs(seed) + lost * 7) % (block.data + block.parity))] = undefined
          }
          at += block.data + block.parity
        }
        const frame = assembled(datagrams, packetBytes)
        assert.ok(frame)
        const wanted = Buffer.concat([
          Uint8Array.of(0, 0, 0, 1, 0x67, 1, 2, 0, 0, 0, 1, 0x68, 3, 0, 0, 0, 1, 0x65),
          new Uint8Array(bytes).fill(0xab),
        ])
        assert.equal(frame[3], 2)
        assert.deepEqual(Buffer.from(frame.subarray(8, 8 + wanted.length)), wanted)
        assert.ok(frame.subarray(8 + wanted.length).every((byte) => byte === 0))
      },
    ),
    { numRuns: 20 },
  )
})

test('writeVideoHeads counts datagrams, packets of data and goes over the ends of both', () => {
  const unit = videoUnit(keyPicture(5000), options, bestParity())
  const counts = { sequence: 0xffff, index: 0xff_ffff, picture: 5 }
  const datagrams = datagramsOf(unit, counts)
  const views = datagrams.map((datagram) => new DataView(datagram.buffer, datagram.byteOffset))
  assert.deepEqual(
    views.slice(0, 3).map((view) => view.getUint16(2)),
    [0xffff, 0, 1],
  )
  assert.deepEqual(
    views.slice(0, 3).map((view) => view.getUint32(16, true)),
    [0xff_ffff00, 0, 0x100],
  )
  assert.ok(views.every((view) => view.getUint32(20, true) === 5 && view.getUint32(4) === 90_000))
  assert.deepEqual(counts, { sequence: unit.packets - 1, index: unit.dataPackets - 1, picture: 5 })
})

test('one datagram has these bytes', () => {
  const unit = videoUnit(Uint8Array.of(0, 0, 1, 0x41, 9), { ...options, packetBytes: 256, isKey: false }, bestParity())
  const [datagram, ...parity] = datagramsOf(unit, { sequence: 1, index: 2, picture: 3 })
  const hex = Buffer.from(datagram as Uint8Array).toString('hex')
  const head = '9000000100015f90 00000000 00000000 00020000 03000000 07001000 800c4000'
  const frame = '01000001 0e000000 00000001 4109'
  assert.equal(hex.slice(0, 2 * 46), `${head}${frame}`.replaceAll(' ', ''))
  assert.equal(parity.length, 2)
})

test('a client that needs two packets of parity in each block gets them, and is told of which share they are', () => {
  const unit = videoUnit(keyPicture(1), options, bestParity())
  const [block] = unit.blocks
  assert.deepEqual([block?.data, block?.parity], [1, 2])
  const info = new DataView(block?.shared[0]?.buffer as ArrayBuffer).getUint32(4, true)
  assert.equal((info >>> 4) & 0xff, 200)
})

test('a picture that is too large for parity goes without, and one that is too large for blocks is refused', () => {
  const unit = videoUnit(keyPicture(900 * 1008), options, bestParity())
  assert.deepEqual([unit.blocks.length, unit.blocks[0]?.parity], [1, 0])
  assert.throws(() => videoUnit(keyPicture(4100 * 1008), options, bestParity()), { code: 'too-long' })
  assert.throws(() => videoUnit(new Uint8Array(50), options, bestParity()), WireError)
})

test('what an encoder puts before the parameter sets is left out', () => {
  const supplement = Buffer.concat([Uint8Array.of(0, 0, 0, 1, 9, 0x10, 0, 0, 1, 6, 5), new Uint8Array(700).fill(7)])
  const unit = videoUnit(Buffer.concat([supplement, keyPicture(10)]), options, bestParity())
  const plain = videoUnit(keyPicture(10), options, bestParity())
  assert.deepEqual(unit, plain)
})
