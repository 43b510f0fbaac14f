import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from './support/fast-check.ts'

test('properties are checked on the same cases every time', async () => {
  const seen: number[][] = []
  for (let time = 0; time < 2; time++) {
    const cases: number[] = []
    fc.assert(fc.property(fc.integer(), (number) => void cases.push(number)))
    await fc.assert(fc.asyncProperty(fc.integer(), async (number) => void cases.push(number)))
    seen.push(cases)
  }
  assert.deepEqual(seen[0], seen[1])
  assert.ok(new Set(seen[0]).size > 50)
})

test('a property that fails says with what, why, and how to see it again', async () => {
  const refuse = (number: number) => assert.ok(number < 1000, `${number} is too large`)
  const tells = (error: unknown) => {
    assert.ok(error instanceof Error && error.cause instanceof Error)
    assert.match(error.message, /Counterexample: \[\d+\][^]*\nThe same again: npm test -- .* --seed -?\d+/)
    assert.match(error.cause.message, /is too large/)
    return true
  }
  assert.throws(() => fc.assert(fc.property(fc.nat(), refuse)), tells)
  await assert.rejects(fc.assert(fc.asyncProperty(fc.nat(), async (number) => refuse(number))), tells)
})
