import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../kernel/manual-clock.ts'
import { silentLog } from '../kernel/log.ts'
import { Teardown, teardownMs } from './teardown.ts'

test('Teardown closes in reverse order and goes on after a failure', async () => {
  const clock = new ManualClock()
  const teardown = new Teardown(clock, silentLog)
  const closed: string[] = []
  teardown.add('store', () => void closed.push('store'))
  teardown.add('host', () => {
    throw new Error('no')
  })
  teardown.add('gateway', async () => void closed.push('gateway'))
  assert.deepEqual(await teardown.run(), [])
  assert.deepEqual(closed, ['gateway', 'store'])
  assert.equal(clock.pending, 0)
})

test('Teardown names what hangs, closes the rest and ends in time', async () => {
  const clock = new ManualClock()
  const teardown = new Teardown(clock, silentLog)
  const closed: string[] = []
  teardown.add('store', () => void closed.push('store'))
  teardown.add('host', () => new Promise(() => {}))
  teardown.add('gateway', () => new Promise(() => {}))
  const running = teardown.run()
  for (let passedMs = 0; passedMs < teardownMs; passedMs += 50) {
    clock.advance(50)
    await new Promise(setImmediate)
  }
  const stuck = await running
  assert.deepEqual(stuck, ['gateway', 'host'])
  assert.deepEqual(closed, ['store'])
})
