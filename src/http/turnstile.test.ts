import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../kernel/manual-clock.ts'
import { defaultQueues, Turnstile, type Queue } from './turnstile.ts'

/** A turnstile in virtual time. `turn` is one turn of the event loop; work takes as long as it is told to. */
function rig(limits: Partial<Record<Queue, { share?: number; perFlow?: number; inAll?: number }>> = {}) {
  const clock = new ManualClock()
  let calls: (() => void)[] = []
  const queues = Object.fromEntries(
    Object.entries(defaultQueues).map(([queue, usual]) => [queue, { ...usual, ...limits[queue as Queue] }]),
  ) as typeof defaultQueues
  const turnstile = new Turnstile({ queues, clock, soon: (call) => void calls.push(call) })
  const done: string[] = []
  return {
    clock,
    turnstile,
    done,
    enter: (queue: Queue, flow: string, name = flow, tookMs = 0) =>
      turnstile.enter(queue, flow, () => {
        clock.advance(tookMs)
        done.push(name)
      }),
    turn: () => {
      const now = calls
      calls = []
      for (const call of now) call()
    },
    get isIdle() {
      return calls.length === 0
    },
  }
}

test('Turnstile does one piece of work in each turn of the event loop', () => {
  const { enter, turn, done, turnstile } = rig()
  for (const name of ['a', 'b', 'c']) enter('strangers', name)
  assert.deepEqual(done, [])
  turn()
  assert.deepEqual([done, turnstile.waiting], [['a'], 2])
  turn()
  turn()
  turn()
  assert.deepEqual([done, turnstile.waiting], [['a', 'b', 'c'], 0])
})

test('Turnstile lets flows take turns, however much one of them brings', () => {
  const { enter, turn, done } = rig()
  for (let count = 1; count <= 5; count++) enter('strangers', 'flood', `flood ${count}`)
  enter('strangers', 'ada')
  enter('strangers', 'bob')
  for (let count = 0; count < 4; count++) turn()
  assert.deepEqual(done, ['flood 1', 'ada', 'bob', 'flood 2'])
})

test('Turnstile does what the owner asks for first, then what members ask for', () => {
  const { enter, turn, done } = rig()
  enter('strangers', 'stranger 1')
  enter('strangers', 'stranger 2')
  enter('members', 'ada')
  enter('owner', 'owner')
  for (let count = 0; count < 4; count++) turn()
  assert.deepEqual(done, ['stranger 1', 'owner', 'ada', 'stranger 2'])
})

test('Turnstile keeps strangers to their share of the time, and nobody else waits for that', () => {
  const { clock, enter, turn, done } = rig({ strangers: { share: 0.25 } })
  enter('strangers', 'slow', 'slow', 120)
  enter('strangers', 'next')
  turn()
  turn()
  assert.deepEqual(done, ['slow'], 'it has used up what was saved and 100 ms more')
  enter('members', 'ada')
  turn()
  assert.deepEqual(done, ['slow', 'ada'])
  clock.advance(300)
  turn()
  assert.deepEqual(done, ['slow', 'ada'])
  clock.advance(101)
  turn()
  assert.deepEqual(done, ['slow', 'ada', 'next'])
})

test('Turnstile turns away what is too much for a flow or a queue', () => {
  const { enter, turnstile } = rig({ strangers: { perFlow: 2, inAll: 3 } })
  assert.ok(enter('strangers', 'flood'))
  assert.ok(enter('strangers', 'flood'))
  assert.equal(enter('strangers', 'flood'), undefined)
  assert.ok(enter('strangers', 'ada'))
  assert.equal(enter('strangers', 'bob'), undefined)
  assert.ok(enter('owner', 'owner'))
  assert.equal(turnstile.waiting, 4)
})

test('Turnstile forgets what is taken out, and has room again', () => {
  const { enter, turn, done, turnstile, ...it } = rig({ strangers: { perFlow: 1 } })
  const leave = enter('strangers', 'a', 'gone')
  assert.ok(leave)
  leave()
  leave()
  assert.equal(turnstile.waiting, 0)
  assert.ok(enter('strangers', 'a', 'here'))
  turn()
  turn()
  assert.deepEqual([done, turnstile.waiting, it.isIdle], [['here'], 0, true])
})
