import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SimulatedStream } from '../../../test/support/simulated-stream.ts'

test('a path that loses a tenth of everything is used all the same, with a short queue', () => {
  const stream = new SimulatedStream({ seed: 3, link: { rateBps: 5e6, delayUs: 20_000, lossRatio: 0.1 } })
  stream.run(20_000)
  const late = stream.between(10_000, 20_000)
  const meanBps = late.reduce((sum, { targetBps }) => sum + targetBps, 0) / late.length
  assert.ok(meanBps > 3.5e6, `${meanBps}`)
  assert.ok(late.filter(({ queueMs }) => queueMs > 100).length < late.length / 20)
})
