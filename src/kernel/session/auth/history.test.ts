import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import * as fc from '../../../../test/support/fast-check.ts'
import { type Hash, History, HistoryError, verifyInclusion } from './history.ts'

const sha256: Hash = (...parts) => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
const message = (index: number) => new TextEncoder().encode(`message ${index}`)
const filled = (length: number, keep: number) => {
  const history = new History(sha256, keep)
  for (let index = 0; index < length; index++) history.append(message(index))
  return history
}

test('History has the same root whether it keeps its messages or not', () => {
  for (const length of [0, 1, 2, 3, 7, 8, 100]) assert.deepEqual(filled(length, 200).root(), filled(length, 0).root())
})

test('History has another root for every length, order and content', () => {
  const roots = new Set(
    Array.from({ length: 70 }, (_, length) => Buffer.from(filled(length, 0).root()).toString('hex')),
  )
  assert.equal(roots.size, 70)
  const swapped = new History(sha256)
  for (const index of [1, 0]) swapped.append(message(index))
  assert.notDeepEqual(swapped.root(), filled(2, 0).root())
})

test('History proves every message with a logarithmic proof, and no other', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), fc.nat(), (length, a, b) => {
      const history = filled(length, 300)
      const index = a % length
      const other = b % length
      const proof = history.prove(index)
      assert.ok(proof.siblings.length + proof.peaks.length <= 2 * Math.ceil(Math.log2(length + 1)))
      assert.equal(verifyInclusion(sha256, history.root(), message(index), proof), true)
      assert.equal(verifyInclusion(sha256, history.root(), message(other), proof), other === index)
      assert.equal(verifyInclusion(sha256, history.root(), message(index), { ...proof, index: other }), other === index)
      assert.equal(verifyInclusion(sha256, history.root(), message(index), { ...proof, length: length + 1 }), false)
    }),
  )
})

test('verifyInclusion refuses nonsense without throwing', () => {
  const history = filled(5, 8)
  const proof = history.prove(2)
  for (const broken of [
    { ...proof, index: -1 },
    { ...proof, index: 1.5 },
    { ...proof, length: 2 ** 40 },
    { ...proof, length: Number.NaN },
    { ...proof, siblings: [] },
    { ...proof, peaks: [...proof.peaks, ...proof.peaks] },
  ]) {
    assert.equal(verifyInclusion(sha256, history.root(), message(2), broken), false)
  }
})

test('History refuses proofs that it cannot give', () => {
  const code = (wanted: HistoryError['code']) => (error: unknown) =>
    error instanceof HistoryError && error.code === wanted
  assert.throws(() => filled(3, 0).prove(0), code('history-not-kept'))
  assert.throws(() => filled(3, 3).prove(3), code('not-in-history'))
  assert.throws(() => filled(4, 3), code('history-full'))
})
