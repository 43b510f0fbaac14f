import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SimulatedStream } from '../../../test/support/simulated-stream.ts'

test('BitrateController begins on a path that it was on before with most of what that has carried, whatever silence it was left for', () => {
  const stream = new SimulatedStream({ seed: 5, link: { rateBps: 20e6, delayUs: 20_000 } })
  const { controller } = stream
  controller.begins('direct')
  stream.run(20_000)
  const carriedBps = controller.targetBps
  controller.onPersistentLoss(20_000_000)
  controller.onPathChange('relay')
  assert.equal(controller.targetBps, 2_500_000, 'of this one nothing is known')
  stream.run(1000)
  controller.onPathChange('direct')
  assert.ok(
    controller.targetBps > 0.6 * carriedBps && controller.targetBps < 0.8 * carriedBps,
    `${controller.targetBps}`,
  )
  for (let count = 0; count < 20; count++) controller.onPathChange(`path ${count}`)
  controller.onPathChange('direct')
  assert.equal(controller.targetBps, 2_500_000, 'only the last ones are remembered')
})
