import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settle } from '../../../test/support/scripted-host.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { Reachability } from './reachability.ts'

function knocking(knock: (signal: AbortSignal) => Promise<boolean>) {
  const clock = new ManualClock()
  const seen = { knocks: 0, answers: 0 }
  const reachability = new Reachability({
    clock,
    knock: (signal) => {
      seen.knocks++
      return knock(signal)
    },
    onAnswer: () => seen.answers++,
  })
  return { clock, seen, reachability }
}

test('Reachability knocks until somebody answers, and then no more', async () => {
  let isThere = false
  const { clock, seen, reachability } = knocking(async () => isThere)
  reachability.begin()
  reachability.begin()
  for (let knock = 1; knock <= 3; knock++) {
    await settle()
    assert.deepEqual(seen, { knocks: knock, answers: 0 })
    clock.advance(250)
  }
  await settle()
  isThere = true
  clock.advance(250)
  await settle()
  assert.equal(seen.answers, 1)
  clock.advance(10_000)
  assert.deepEqual([seen.answers, clock.pending], [1, 0])
})

test('Reachability gives up a knock that is lost, and one that fails is no answer', async () => {
  const lost = (signal: AbortSignal) =>
    new Promise<boolean>((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
  const { clock, seen, reachability } = knocking(lost)
  reachability.begin()
  await settle()
  clock.advance(20_000)
  await settle()
  assert.deepEqual(seen, { knocks: 81, answers: 0 }, 'four times a second')
  assert.ok(clock.pending < 8, 'no more than a few are under way')
  clock.advance(20_000)
  await settle()
  assert.deepEqual(seen, { knocks: 101, answers: 0 }, 'and later once')
  reachability.close()
  assert.equal(clock.pending, 0)
  clock.advance(10_000)
  assert.equal(seen.knocks, 101)
})

test('Reachability leaves what it has sent to itself when it stops, and tells nobody of an answer then', async () => {
  const answer = Promise.withResolvers<boolean>()
  const signals: AbortSignal[] = []
  const { seen, reachability } = knocking((signal) => {
    signals.push(signal)
    return answer.promise
  })
  reachability.begin()
  reachability.stop()
  assert.equal(signals[0]?.aborted, false)
  answer.resolve(true)
  await settle()
  assert.equal(seen.answers, 0)
  reachability.begin()
  reachability.close()
  assert.equal(signals[1]?.aborted, true)
  await settle()
  assert.equal(seen.answers, 0)
})
