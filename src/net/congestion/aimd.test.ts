import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { Aimd } from './aimd.ts'

const free = { limitBps: 100e6, provenBps: 100e6, roundTripMs: 50, isDoubtful: false }

/** Raises every 50 ms for a while and returns by which factor the target grew. */
function growth(aimd: Aimd, seconds: number, path = free, firstUs = 0): number {
  const before = aimd.targetBps
  for (let step = 0; step <= seconds * 20; step++) aimd.raise(path, firstUs + step * 50_000)
  return aimd.targetBps / before
}

test('Aimd grows fast while nothing has ever stood in the way', () => {
  const factor = growth(new Aimd(2.5e6), 3)
  assert.ok(factor > 2.5 && factor < 4, String(factor))
})

test('Aimd grows slowly in doubt', () => {
  const factor = growth(new Aimd(2.5e6), 10, { ...free, isDoubtful: true })
  assert.ok(factor > 1.3 && factor < 1.45, String(factor))
})

test('Aimd falls below a measured capacity, creeps up to it, and goes fast again once it is far behind', () => {
  const aimd = new Aimd(4e6)
  aimd.lower(2e6, 0.85, 0)
  assert.equal(aimd.targetBps, 1.7e6)
  assert.ok(growth(aimd, 3, free, 0) < 1.12)
  growth(aimd, 7, free, 3e6)
  const factor = growth(aimd, 5, free, 10e6)
  assert.ok(factor > 1.8, String(factor))
})

test('Aimd returns fast to a known capacity when it was far below', () => {
  const aimd = new Aimd(4e6)
  aimd.lower(4e6, 0.4, 0)
  growth(aimd, 2, free, 0)
  assert.ok(aimd.targetBps > 3.2e6 && aimd.targetBps < 3.6e6, String(aimd.targetBps))
})

test('Aimd falls a little even when the measured capacity is above the target', () => {
  const aimd = new Aimd(2e6)
  aimd.lower(10e6, 0.85, 0)
  assert.equal(aimd.targetBps, 1.9e6)
})

test('Aimd does not grow beyond the limit, and does not fall to it', () => {
  const aimd = new Aimd(2e6)
  growth(aimd, 10, { ...free, limitBps: 3e6 })
  assert.equal(aimd.targetBps, 3e6)
  growth(aimd, 10, { ...free, limitBps: 1e6 }, 20e6)
  assert.equal(aimd.targetBps, 3e6)
})

test('Aimd does not hurry beyond a capacity on what is not really sent', () => {
  const limited = new Aimd(1.2e6)
  limited.lower(1e6, 0.85, 0)
  growth(limited, 12, { ...free, provenBps: 0.7e6 })
  const proven = new Aimd(1.2e6)
  proven.lower(1e6, 0.85, 0)
  growth(proven, 12)
  assert.ok(limited.targetBps < 1.3e6 && proven.targetBps > 1.6e6, `${limited.targetBps}, ${proven.targetBps}`)
})

test('Aimd counts a long pause as a short step', () => {
  const aimd = new Aimd(2e6)
  aimd.raise(free, 0)
  aimd.raise(free, 3600e6)
  assert.ok(aimd.targetBps < 2.2e6)
})

test('Aimd never falls by raising and never rises by lowering, whatever comes in whatever order', () => {
  const call = fc.record({
    kind: fc.constantFrom('raise' as const, 'lower' as const, 'hold' as const),
    afterUs: fc.nat(1_000_000),
    bps: fc.integer({ min: 1000, max: 50_000_000 }),
    factor: fc.double({ min: 0.4, max: 0.95, noNaN: true }),
  })
  fc.assert(
    fc.property(fc.array(call, { maxLength: 60 }), (calls) => {
      const aimd = new Aimd(2.5e6)
      let nowUs = 0
      for (const { kind, afterUs, bps, factor } of calls) {
        nowUs += afterUs
        const before = aimd.targetBps
        if (kind === 'raise') aimd.raise({ ...free, limitBps: bps }, nowUs)
        if (kind === 'lower') aimd.lower(bps, factor, nowUs)
        if (kind === 'hold') aimd.hold(nowUs)
        if (kind === 'raise') assert.ok(aimd.targetBps >= before)
        if (kind === 'lower') assert.ok(aimd.targetBps < before && aimd.targetBps > 0)
        if (kind === 'hold') assert.equal(aimd.targetBps, before)
      }
    }),
  )
})
