import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { seededRandom } from '../../kernel/seeded-random.ts'
import { plainParity } from '../fec/parity-coder.ts'
import { bestParity } from '../fec/simd-parity.ts'
import { WireError } from '../wire-error.ts'
import { decodeAbilities, encodeAbilities } from './abilities.ts'
import {
  decodePiece,
  decodeSoundPiece,
  encodePiece,
  encodeSoundPiece,
  pieceOwnBytes,
  writePieceNumbers,
  type PieceOf,
} from './media-piece.ts'
import { PictureGathering, pictureRepair } from './picture-gathering.ts'
import { blocksFor, PicturePieces, rowsFor } from './picture-pieces.ts'

const picture = { codec: 'h264', key: true, captureUs: 123.5, width: 1280, height: 720 } as const
const coder = bestParity()
const repair = pictureRepair()
const { wide } = repair

/** As one viewer sends it. */
function numbered(piece: Uint8Array, number: number): Uint8Array {
  const packet = new Uint8Array(pieceOwnBytes + piece.length)
  writePieceNumbers(packet, { number, picture: 9 })
  packet.set(piece, pieceOwnBytes)
  return packet
}

function readPiece(piece: Uint8Array, kind: 'video' | 'parity' = 'video'): { of: PieceOf; data: Uint8Array } {
  const { of, data } = decodePiece(numbered(piece, 1), kind)
  assert.ok(of)
  return { of, data }
}

function scripted(bytes: number, seed: number): Uint8Array {
  const random = seededRandom(seed)
  return Uint8Array.from({ length: bytes }, () => random() * 256)
}

test('decodePiece reads what PicturePieces cut, with the number of the viewer', () => {
  const data = scripted(2500, 1)
  const { pieces } = new PicturePieces({ ...picture, data }, { pieceBytes: 1000, coder })
  const number = 2 ** 40 + 7
  const read = pieces.map((piece, index) => decodePiece(numbered(piece, number + index), 'video'))
  assert.deepEqual(
    read.map(({ of }) => of),
    [0, 1, 2].map((piece) => ({
      ...picture,
      wide: false,
      block: 0,
      blocks: 1,
      piece,
      pieces: 3,
      pieceBytes: 1000,
      pictureBytes: 2500,
    })),
  )
  assert.deepEqual(
    read.map((one) => [one.number, one.picture]),
    [
      [number, 9],
      [number + 1, 9],
      [number + 2, 9],
    ],
  )
  assert.deepEqual(decodePiece(numbered(new Uint8Array(0), 3), 'video'), {
    number: 3,
    picture: 9,
    of: undefined,
    data: new Uint8Array(0),
  })
  assert.deepEqual(Buffer.concat(read.map((one) => one.data)), Buffer.from(data))
})

test('a picture is whole as soon as as many packets of each block have come as it has pieces, whichever they are', () => {
  const scene = fc.record({
    bytes: fc.integer({ min: 1, max: 20_000 }),
    /** Of a wide picture they are even. */
    pieceBytes: fc.integer({ min: 20, max: 150 }).map((half) => 2 * half),
    takesWide: fc.boolean(),
    percent: fc.constantFrom(0, 5, 10, 20, 35, 50),
    loss: fc.double({ min: 0, max: 0.5, noNaN: true }),
    seed: fc.nat(),
  })
  fc.assert(
    fc.property(scene, ({ bytes, pieceBytes, takesWide, percent, loss, seed }) => {
      const data = scripted(bytes, seed)
      const options = { pieceBytes, coder, wide: takesWide ? wide : undefined }
      const cut = new PicturePieces({ ...picture, data }, options)
      const random = seededRandom(seed)
      const came = [
        ...cut.pieces.map((piece) => ({ kind: 'video' as const, piece })),
        ...cut.parity(percent).map((piece) => ({ kind: 'parity' as const, piece })),
      ]
        .filter(() => random() >= loss)
        .toSorted(() => random() - 0.5)
        .map(({ kind, piece }) => ({ kind, ...readPiece(piece, kind) }))
      const [first] = came
      if (!first) return
      const gathering = new PictureGathering(first.of, repair)
      for (const { of, kind, data: part } of came) assert.ok(gathering.add(of, kind, part))
      const enough = Array.from({ length: first.of.blocks }, (_, block) => {
        const ofBlock = came.filter(({ of }) => of.block === block)
        return ofBlock.length > 0 && ofBlock.length >= (ofBlock[0]?.of.pieces ?? Infinity)
      })
      assert.equal(gathering.isWhole, enough.every(Boolean))
      if (gathering.isWhole) assert.deepEqual(gathering.data(), data)
    }),
  )
})

test('PicturePieces makes a row once, for those who want few and those who want many', () => {
  let rowsMade = 0
  const counting = {
    encode(code: Parameters<typeof plainParity.encode>[0]) {
      rowsMade += code.parity.length / code.pieceBytes
      plainParity.encode(code)
    },
  }
  const cut = new PicturePieces({ ...picture, data: scripted(20_000, 3) }, { pieceBytes: 1000, coder: counting })
  const [few, many] = [cut.parity(10), cut.parity(50)]
  assert.deepEqual([few.length, many.length, rowsMade], [2, 10, 10])
  assert.deepEqual(many.slice(0, 2), few)
  assert.equal(cut.parity(20)[0], few[0])
  assert.equal(rowsMade, 10)
})

test('PicturePieces spreads a large picture over blocks, so that neighbours are in different ones', () => {
  const cut = new PicturePieces({ ...picture, data: scripted(40_000, 4) }, { pieceBytes: 100, coder })
  const blocks = cut.pieces.map((piece) => readPiece(piece).of.block)
  assert.equal(new Set(blocks).size, 3)
  assert.deepEqual(blocks.slice(0, 6), [0, 1, 2, 0, 1, 2])
  assert.equal(cut.parity(10).length, 3 * rowsFor(134, 10))
})

test('a picture of more pieces than the points of a byte repair is one wide block where that is taken, and its pieces say so', () => {
  const cutOf = (pieces: number, takesWide: boolean) =>
    new PicturePieces(
      { ...picture, data: scripted(pieces * 100 - 3, 4) },
      { pieceBytes: 100, coder, wide: takesWide ? wide : undefined },
    )
  const formOf = (pieces: number, takesWide: boolean) =>
    readPiece(cutOf(pieces, takesWide).pieces.at(-1) as Uint8Array).of
  assert.deepEqual(
    [170, 171, 400].map((pieces) => formOf(pieces, true)).map((of) => [of.wide, of.blocks, of.piece, of.pieces]),
    [
      [false, 1, 169, 170],
      [true, 1, 170, 171],
      [true, 1, 399, 400],
    ],
  )
  assert.deepEqual(
    [171, 400].map((pieces) => formOf(pieces, false)).map((of) => [of.wide, of.blocks]),
    [
      [false, 2],
      [false, 3],
    ],
  )
  const cut = cutOf(400, true)
  const [few, many] = [cut.parity(10), cut.parity(50)]
  assert.deepEqual([few.length, many.length], [40, 200])
  assert.deepEqual(many.slice(0, 40), few)
  assert.equal(cut.parity(10)[39], few[39], 'made once')
  assert.equal(readPiece(many[199] as Uint8Array, 'parity').of.piece, 199)
})

test('PicturePieces refuses a wide picture of more pieces than there are points, or of odd ones', () => {
  const cut = (bytes: number, pieceBytes: number) => () =>
    new PicturePieces({ ...picture, data: new Uint8Array(bytes) }, { pieceBytes, coder, wide })
  assert.throws(cut(4097 * 2, 2), { code: 'out-of-range' })
  assert.throws(cut(171 * 3, 3), { code: 'out-of-range' })
  assert.equal(cut(4096 * 2, 2)().parity(50).length, 2048)
  assert.equal(cut(170 * 3, 3)().parity(50).length, 85)
})

test('decodePiece refuses wide pieces that are out of their picture, too few or too many, or of an odd length', () => {
  const of = { ...picture, wide: true, block: 0, blocks: 1, piece: 0, pieces: 200, pieceBytes: 10, pictureBytes: 2000 }
  const decode = (over: Partial<PieceOf>, kind: 'video' | 'parity' = 'parity') => {
    const piece = { ...of, ...over }
    return decodePiece(numbered(encodePiece(piece, new Uint8Array(piece.pieceBytes)), 1), kind)
  }
  assert.equal(decode({ piece: 127 }).of?.piece, 127)
  assert.equal(decode({ piece: 199 }, 'video').of?.piece, 199)
  for (const [over, kind] of [
    [{ piece: 128 }, 'parity'],
    [{ piece: 200 }, 'video'],
    [{ pieces: 199 }, 'parity'],
    [{ pieces: 170, pictureBytes: 1700 }, 'parity'],
    [{ pieces: 4097, pictureBytes: 40_970 }, 'parity'],
    [{ pieces: 65_535, pictureBytes: 65_535, pieceBytes: 1 }, 'parity'],
    [{ pieceBytes: 11, pictureBytes: 2200 }, 'parity'],
  ] as const) {
    assert.throws(() => decode(over, kind), { code: 'malformed' }, JSON.stringify(over))
  }
  const unknown = numbered(encodePiece(of, new Uint8Array(10)), 1)
  unknown[pieceOwnBytes] = 0b1000
  assert.throws(() => decodePiece(unknown, 'video'), { code: 'malformed' })
})

test('decodeAbilities reads what is told, what later versions tell beside it, and nothing of what is something else', () => {
  for (const takesWide of [true, false]) {
    assert.deepEqual(decodeAbilities(encodeAbilities({ takesWide })), { takesWide })
  }
  assert.deepEqual(decodeAbilities(Uint8Array.of(1, 0b110, 7)), { takesWide: false })
  for (const other of [[], [1], [2, 1]]) assert.equal(decodeAbilities(Uint8Array.from(other)), undefined)
})

test('blocksFor cuts a picture into no more blocks than its parity asks for, and each has room for it', () => {
  assert.deepEqual(
    [0, 10, 20, 50].map((percent) => blocksFor(200, 1, percent)),
    [1, 1, 1, 2],
  )
  const scene = [fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 0, max: 50 })] as const
  fc.assert(
    fc.property(...scene, (pieces, percent) => {
      const blocks = blocksFor(pieces, 1, percent)
      const isRoom = (count: number) => {
        const most = Math.ceil(pieces / count)
        return most < 256 && rowsFor(most, percent) === Math.ceil((most * percent) / 100)
      }
      assert.ok(isRoom(blocks))
      if (blocks > 1) assert.ok(!isRoom(blocks - 1))
    }),
  )
})

test('PictureGathering takes nothing that contradicts what came before, and nothing twice', () => {
  const cut = new PicturePieces({ ...picture, data: scripted(3000, 5) }, { pieceBytes: 1000, coder })
  const read = cut.pieces.map((piece) => readPiece(piece))
  const [first, second] = read as [(typeof read)[number], (typeof read)[number]]
  const gathering = new PictureGathering(first.of, repair)
  for (const of of [
    { ...second.of, pictureBytes: 2999 },
    { ...second.of, captureUs: 124 },
    { ...second.of, block: 3 },
  ]) {
    assert.equal(gathering.add(of, 'video', second.data), false)
  }
  for (let times = 0; times < 5; times++) gathering.add(first.of, 'video', first.data)
  assert.equal(gathering.isWhole, false)
  assert.equal(gathering.heldBytes, 1000)
})

test('decodePiece and decodeSoundPiece make a piece or a WireError of anything', () => {
  const good = numbered(
    new PicturePieces({ ...picture, data: scripted(3000, 5) }, { pieceBytes: 1000, coder }).pieces[1] as Uint8Array,
    1,
  )
  const decode = (bytes: Uint8Array) => {
    for (const read of [
      () => decodePiece(bytes, 'video'),
      () => decodePiece(bytes, 'parity'),
      () => decodeSoundPiece(bytes),
    ]) {
      try {
        read()
      } catch (error) {
        assert.ok(error instanceof WireError)
      }
    }
  }
  const [large] = new PicturePieces({ ...picture, data: scripted(20_000, 5) }, { pieceBytes: 100, coder, wide }).pieces
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), decode))
  for (const right of [good, numbered(large as Uint8Array, 1)]) {
    fc.assert(
      fc.property(fc.nat(right.length - 1), fc.nat(255), (at, value) => {
        const wrong = Uint8Array.from(right)
        wrong[at] = value
        decode(wrong)
        decode(right.subarray(0, at))
      }),
    )
  }
})

test('decodeSoundPiece reads sound with the packet before it, and without', () => {
  for (const before of [new Uint8Array(0), Uint8Array.of(9, 8)]) {
    const sound = { captureUs: 5, positionSamples: 480, data: Uint8Array.of(1, 2, 3), before }
    assert.deepEqual(decodeSoundPiece(encodeSoundPiece(sound)), sound)
  }
  assert.throws(
    () => encodeSoundPiece({ captureUs: 0, positionSamples: 0, data: new Uint8Array(0), before: new Uint8Array(0) }),
    {
      code: 'out-of-range',
    },
  )
})
