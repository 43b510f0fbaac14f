import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { seededRandom } from '../../kernel/seeded-random.ts'
import { fieldMemory, PlainMemory, simdMemory } from './field-memory.ts'
import { WideCode } from './wide-code.ts'
import { mostPoints, order, wideField, wideProduct } from './wide-field.ts'
import { isFew, recoverFew, recoverMany } from './wide-recovery.ts'
import { mostWidePieces, wideRows } from './wide-rows.ts'
import { WideTransform } from './wide-transform.ts'

const field = wideField()
const codes = {
  plain: new WideCode(new PlainMemory()),
  strict: new WideCode(simdMemory('strict')),
  relaxed: new WideCode(simdMemory('relaxed')),
}

test('fieldMemory is not the plain one here', () => assert.ok(!(fieldMemory() instanceof PlainMemory)))

test('wideField numbers different points by a basis of Cantor, the first 256 of them single bytes', () => {
  const { points, exponents, logarithms } = field
  assert.equal(new Set(points).size, mostPoints)
  assert.ok(points.every((point, index) => point < 256 === index < 256))
  for (let bit = 1; bit < 13; bit++) {
    const element = points[1 << bit] as number
    assert.equal(wideProduct(element, element) ^ element, points[1 << (bit - 1)])
  }
  for (const [one, other] of [
    [3, 5],
    [300, 7000],
    [8191, 4096],
  ] as const) {
    assert.equal((points[one] as number) ^ (points[other] as number), points[one ^ other])
    const sum = (logarithms[one] as number) + (logarithms[other] as number)
    assert.equal(wideProduct(points[one] as number, points[other] as number), exponents[sum % order])
  }
})

test('the first points have the values of polynomials that vanish at points before them, which the transform is built on', () => {
  for (const bits of [1, 2, 5, 8]) {
    for (const point of [1 << bits, 3 << bits, 1000, 8191]) {
      let value = 1
      for (let zero = 0; zero < 1 << bits; zero++) value = wideProduct(value, field.points[point ^ zero] as number)
      assert.equal(value, field.points[point >> bits])
    }
  }
})

for (const [name, code] of Object.entries(codes)) {
  test(`rows of the ${name} wide code are those of its matrix, however many there are`, () => {
    for (const pieces of [1, 2, 3, 5, 8, 13, 100, 257]) {
      const most = wideRows(pieces)
      const data = scripted(pieces * 2, pieces)
      const element = (bytes: Uint8Array, index: number) =>
        (bytes[2 * index] as number) | ((bytes[2 * index + 1] as number) << 8)
      const wanted = Array.from({ length: most }, (_, row) => {
        let sum = 0
        for (let piece = 0; piece < pieces; piece++) {
          const inverse = field.exponents[
            (order - (field.logarithms[row ^ (most + piece)] as number)) % order
          ] as number
          const factor = wideProduct(field.points[1 + Math.floor(piece / most)] as number, inverse)
          sum ^= wideProduct(factor, element(data, piece))
        }
        return sum
      })
      for (const rows of new Set([most, Math.ceil(most / 3)])) {
        const parity = new Uint8Array(rows * 2)
        code.encode({ data, parity, pieceBytes: 2 })
        const made = Array.from({ length: rows }, (_, row) => element(parity, row))
        assert.deepEqual(made, wanted.slice(0, rows), `${rows} rows of ${pieces} pieces`)
      }
    }
  })

  test(`the ${name} wide code refuses what it has no points for, and what is not whole pieces of an even length`, () => {
    for (const [dataBytes, parityBytes, pieceBytes] of [
      [0, 4, 4],
      [6, 4, 4],
      [8, 2, 4],
      [16, 12, 4],
      [15, 3, 3],
      [(mostWidePieces + 1) * 2, 2, 2],
    ] as const) {
      const parity = new Uint8Array(parityBytes)
      assert.throws(() => code.encode({ data: new Uint8Array(dataBytes), parity, pieceBytes }), RangeError)
    }
    assert.throws(() => code.recover({ data: [], parity: [], pieceBytes: 2 }), RangeError)
    const tooMany = Array.from({ length: mostWidePieces + 1 }, () => undefined)
    assert.throws(() => code.recover({ data: tooMany, parity: [], pieceBytes: 2 }), RangeError)
  })
}

test('the wide code finds any pieces that are missing, as many as rows came, and says when there are more', () => {
  const scene = fc.record({
    pieces: fc.integer({ min: 1, max: 300 }),
    halfBytes: fc.integer({ min: 1, max: 20 }),
    sent: fc.double({ min: 0, max: 1, noNaN: true }),
    loss: fc.double({ min: 0, max: 0.6, noNaN: true }),
    seed: fc.nat(),
    name: fc.constantFrom('plain' as const, 'strict' as const, 'relaxed' as const),
  })
  fc.assert(
    fc.property(scene, ({ pieces, halfBytes, sent, loss, seed, name }) => {
      const random = seededRandom(seed)
      const pieceBytes = 2 * halfBytes
      const rows = Math.round(sent * wideRows(pieces))
      const data = scripted(pieces * pieceBytes, seed)
      const parity = new Uint8Array(rows * pieceBytes)
      codes[name].encode({ data, parity, pieceBytes })
      const whole = cut(data, pieceBytes)
      const came = (piece: Uint8Array) => (random() < loss ? undefined : piece)
      const block = { data: whole.map(came), parity: cut(parity, pieceBytes).map(came), pieceBytes }
      const missing = block.data.filter((piece) => !piece).length
      const found = codes[name].recover(block)
      if (missing > block.parity.filter(Boolean).length) assert.equal(found, undefined)
      else assert.deepEqual(found, whole)
    }),
  )
})

test('what is missing is found in the same way whether it is few or many, and both are what a block of some size has', () => {
  const tools = { field, transform: new WideTransform(fieldMemory(), field.points) }
  const random = seededRandom(5)
  for (const pieces of [2, 3, 16, 171, 300]) {
    const rows = wideRows(pieces)
    const [data, parity] = [scripted(pieces * 4, pieces), new Uint8Array(rows * 4)]
    codes.plain.encode({ data, parity, pieceBytes: 4 })
    const places = [...Array(pieces).keys()].toSorted(() => random() - 0.5)
    for (const count of [1, Math.ceil(rows / 2), rows]) {
      const missing = places.slice(0, count).toSorted((a, b) => a - b)
      const whole = cut(data, 4)
      const block = {
        data: whole.map((piece, at) => (missing.includes(at) ? undefined : piece)),
        parity: cut(parity, 4),
        pieceBytes: 4,
      }
      const loss = { missing, rows: [...Array(rows).keys()].slice(rows - count) }
      for (const recover of [recoverFew, recoverMany]) {
        assert.deepEqual(
          recover(tools, block, loss),
          missing.map((place) => whole[place]),
        )
      }
    }
  }
  assert.deepEqual(
    [40, 46, 128].map((missing) => isFew(missing, 200)),
    [true, false, false],
  )
})

test('the wide code repairs its largest block whichever half of it came, and takes no more memory for the next one', () => {
  const memory = fieldMemory()
  const code = new WideCode(memory)
  const data = scripted(mostWidePieces * 2, 1)
  const parity = new Uint8Array(wideRows(mostWidePieces) * 2)
  code.encode({ data, parity, pieceBytes: 2 })
  const [whole, rows] = [cut(data, 2), cut(parity, 2)]
  let taken = 0
  for (const kept of [0, 1, 7]) {
    const block = {
      data: whole.map((piece, at) => (((at * 8191) >> 3) % 2 === kept % 2 ? piece : undefined)),
      parity: rows,
    }
    const found = code.recover({ ...block, pieceBytes: 2 })
    assert.deepEqual(found, whole)
    taken ||= memory.bytes.length
    assert.equal(memory.bytes.length, taken)
  }
  assert.ok(taken < 1024 * 1024)
})

function scripted(bytes: number, seed: number): Uint8Array {
  const random = seededRandom(seed)
  return Uint8Array.from({ length: bytes }, () => random() * 256)
}

function cut(bytes: Uint8Array, pieceBytes: number): Uint8Array[] {
  return Array.from({ length: bytes.length / pieceBytes }, (_, index) =>
    bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes),
  )
}
