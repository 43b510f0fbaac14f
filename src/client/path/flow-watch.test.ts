import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settle } from '../../../test/support/scripted-host.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { watchFlow, type Flow } from './flow-watch.ts'

function watching() {
  const clock = new ManualClock()
  const seen: Flow[] = []
  let amount = 0
  const watch = watchFlow({ clock, amount: async () => amount, silentMs: 1000, onFlow: (flow) => seen.push(flow) })
  /** Something comes every so often. */
  const pass = async (ms: number, everyMs = Infinity) => {
    for (let passed = 10; passed <= ms; passed += 10) {
      if (passed % everyMs === 0) amount++
      clock.advance(10)
      await settle()
    }
  }
  return { clock, seen, watch, pass }
}

test('watchFlow doubts what came all the time and comes no more, and then calls it silent', async () => {
  const { clock, seen, watch, pass } = watching()
  await pass(2000, 20)
  await pass(300)
  assert.deepEqual(seen, [])
  await pass(300)
  assert.deepEqual(seen, ['doubtful'])
  await pass(600)
  assert.deepEqual(seen, ['doubtful', 'silent'])
  await pass(200, 20)
  assert.deepEqual(seen, ['doubtful', 'silent', 'flowing'])
  watch.cancel()
  assert.equal(clock.pending, 0)
})

test('watchFlow does not doubt what comes seldom at all times', async () => {
  const { seen, pass } = watching()
  await pass(5000, 450)
  assert.deepEqual(seen, [])
})

test('watchFlow says nothing of a time that it slept through', async () => {
  const { clock, seen, pass } = watching()
  await pass(1000, 20)
  clock.advance(60_000)
  await settle()
  await pass(300)
  assert.deepEqual(seen, [])
})
