import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StallDetector } from './stall-detector.ts'

test('StallDetector tells work that never ends from work that ends in time', async () => {
  const watch = new StallDetector()
  const short = Promise.withResolvers<string>()
  const guarded = watch.guard(short.promise)
  for (let period = 0; period < 10; period++) assert.equal(watch.tick(), false)
  short.resolve('done')
  assert.equal(await guarded, 'done')
  await assert.rejects(watch.guard(Promise.reject(new Error('failed'))), /failed/)
  assert.equal(watch.tick(), false)
  void watch.guard(Promise.withResolvers().promise)
  for (let period = 0; period < 10; period++) assert.equal(watch.tick(), false)
  assert.equal(watch.tick(), true)
})
