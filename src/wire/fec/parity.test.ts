import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { audioCoefficients, cauchyBehind, cauchyFixed, fixedPoints, type Coefficients } from './coefficients.ts'
import { fieldMemory } from './field-memory.ts'
import { knownParity } from './known-parity.ts'
import { plainParity, type ParityCoder } from './parity-coder.ts'
import { recoverPieces } from './recover-pieces.ts'
import { bestParity } from './simd-parity.ts'

const memory = fieldMemory()
const coders: Readonly<Record<string, ParityCoder>> = { plain: plainParity, simd: bestParity() }

test('bestParity is not the plain one here', () => assert.notEqual(coders['simd'], plainParity))

for (const [name, coder] of Object.entries(coders)) {
  test(`${name} parity is that of Moonlight's clients`, () => {
    for (const [block, wanted] of Object.entries(knownParity)) {
      const [family = '', sizes = ''] = block.split(':')
      const [pieces = 0, rows = 0, pieceBytes = 0] = sizes.split(/[+x]/).map(Number)
      const coefficients = family === 'audio' ? audioCoefficients : cauchyBehind(rows)
      const parity = new Uint8Array(rows * pieceBytes)
      coder.encode({ data: scripted(pieces * pieceBytes), parity, pieceBytes, coefficients })
      assert.equal(Buffer.from(parity).toString('hex'), wanted.join(''), block)
    }
  })

  test(`${name} parity of the largest block is that of Moonlight's clients`, () => {
    const parity = new Uint8Array(40 * 16)
    coder.encode({ data: scripted(200 * 16), parity, pieceBytes: 16, coefficients: cauchyBehind(40) })
    const digest = createHash('sha256').update(parity).digest('hex')
    assert.equal(digest, 'b1f84718840063c9f12906ea3c955df251bb03cc01d9c04f02597b7a05afae9f')
  })

  test(`${name} parity refuses what is not whole pieces`, () => {
    const coefficients = cauchyBehind(1)
    for (const [dataBytes, parityBytes] of [
      [0, 16],
      [17, 16],
      [16, 8],
    ] as const) {
      const code = {
        data: new Uint8Array(dataBytes),
        parity: new Uint8Array(parityBytes),
        pieceBytes: 16,
        coefficients,
      }
      assert.throws(() => coder.encode(code), RangeError)
    }
  })
}

test('recoverPieces finds any pieces that are missing, as many as there is parity, and says when there are more', () => {
  const block = fc.record({
    pieces: fc.integer({ min: 1, max: 24 }),
    rows: fc.integer({ min: 0, max: 8 }),
    pieceBytes: fc.integer({ min: 1, max: 40 }),
    seed: fc.integer(),
    lost: fc.array(fc.nat(31), { maxLength: 10 }),
    isFixed: fc.boolean(),
  })
  fc.assert(
    fc.property(block, ({ pieces, rows, pieceBytes, seed, lost, isFixed }) => {
      const data = scripted(pieces * pieceBytes, seed)
      const coefficients = isFixed ? cauchyFixed : cauchyBehind(rows)
      const parities = Object.values(coders).map((coder) => {
        const parity = new Uint8Array(rows * pieceBytes)
        coder.encode({ data, parity, pieceBytes, coefficients })
        return parity
      })
      assert.deepEqual(parities[0], parities[1])
      const parity = cut(parities[0] as Uint8Array, pieceBytes)
      const whole = cut(data, pieceBytes)
      const gone = new Set(lost.map((index) => index % (pieces + rows)))
      const came = {
        data: whole.map((piece, index) => (gone.has(index) ? undefined : piece)),
        parity: parity.map((piece, index) => (gone.has(pieces + index) ? undefined : piece)),
        pieceBytes,
        coefficients,
      }
      const found = recoverPieces(came)
      assert.deepEqual(recoverPieces(came, memory), found)
      if (gone.size > rows) {
        const lostData = [...gone].filter((index) => index < pieces).length
        if (lostData > rows - (gone.size - lostData)) assert.equal(found, undefined)
        else assert.deepEqual(found, whole)
      } else assert.deepEqual(found, whole)
    }),
  )
})

test('rows of fixed points are the same however many there are, and can be made one by one', () => {
  const data = scripted(30 * 16)
  const many = new Uint8Array(12 * 16)
  plainParity.encode({ data, parity: many, pieceBytes: 16, coefficients: cauchyFixed })
  for (let row = 0; row < 12; row++) {
    const one = new Uint8Array(16)
    plainParity.encode({ data, parity: one, pieceBytes: 16, coefficients: (_, piece) => cauchyFixed(row, piece) })
    assert.deepEqual(one, cut(many, 16)[row])
  }
})

for (const rows of [20, 85]) {
  test(`${rows} rows of fixed points repair the largest block, whichever of its pieces and rows are lost`, () => {
    const data = scripted((fixedPoints - rows) * 8)
    const parity = new Uint8Array(rows * 8)
    bestParity().encode({ data, parity, pieceBytes: 8, coefficients: cauchyFixed })
    const [whole, made] = [cut(data, 8), cut(parity, 8)]
    for (const seed of [1, 2, 3]) {
      const order = scripted(whole.length + made.length, seed)
      const lost = new Set(
        [...order.keys()].toSorted((a, b) => (order[a] as number) - (order[b] as number) || a - b).slice(0, rows),
      )
      const found = recoverPieces({
        data: whole.map((piece, index) => (lost.has(index) ? undefined : piece)),
        parity: made.map((piece, index) => (lost.has(whole.length + index) ? undefined : piece)),
        pieceBytes: 8,
        coefficients: cauchyFixed,
      })
      assert.deepEqual(found, whole)
    }
  })
}

test('recoverPieces rebuilds one of four pieces of sound', () => {
  const data = scripted(4 * 20)
  const parity = new Uint8Array(2 * 20)
  const coefficients: Coefficients = audioCoefficients
  plainParity.encode({ data, parity, pieceBytes: 20, coefficients })
  const whole = cut(data, 20)
  const came = whole.map((piece, index) => (index === 1 || index === 3 ? undefined : piece))
  assert.deepEqual(recoverPieces({ data: came, parity: cut(parity, 20), pieceBytes: 20, coefficients }), whole)
})

function scripted(bytes: number, seed = 1): Uint8Array {
  let state = seed >>> 0
  return Uint8Array.from({ length: bytes }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 24
  })
}

function cut(bytes: Uint8Array, pieceBytes: number): Uint8Array[] {
  return Array.from({ length: bytes.length / pieceBytes }, (_, index) =>
    bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes),
  )
}
