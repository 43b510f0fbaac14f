import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { End } from '../kernel/ending.ts'
import type { ProducerStatistics } from '../media/producer-statistics.ts'
import { ProducerTotals } from './producer-totals.ts'

const nothing: ProducerStatistics = {
  watchers: 0,
  renditions: 0,
  picturesCaptured: 0,
  unitsEncoded: 0,
  keyUnits: 0,
  videoBytes: 0,
  audioUnits: 0,
  restarts: 0,
  encodingMs: undefined,
  captureToUnitMs: undefined,
}

function producer(statistics: Partial<ProducerStatistics>) {
  const { promise: closed, resolve } = Promise.withResolvers<End>()
  return { statistics: { ...nothing, ...statistics }, closed, close: () => resolve({ kind: 'clean', reason: 'done' }) }
}

test('ProducerTotals adds up what its producers have done, and keeps it when one goes', async () => {
  const totals = new ProducerTotals()
  const one = producer({ unitsEncoded: 10, renditions: 2 })
  const other = producer({ unitsEncoded: 5, renditions: 1 })
  totals.add(one)
  totals.add(other)
  assert.equal(totals.total('unitsEncoded'), 15)
  assert.equal(totals.renditions, 3)
  one.statistics = { ...one.statistics, unitsEncoded: 12, renditions: 0 }
  one.close()
  await one.closed
  assert.equal(totals.total('unitsEncoded'), 17)
  assert.equal(totals.renditions, 1)
  assert.equal(totals.total('restarts'), 0)
})
