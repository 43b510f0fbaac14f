import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import {
  beginsToTry,
  describeConnection,
  isUp,
  nextConnection,
  usualConnectionRules as rules,
  type ConnectionEvent,
  type ConnectionState,
} from './connection-state.ts'

const direct = (latencyMs: number | undefined = 20): ConnectionEvent => ({ type: 'path', kind: 'direct', latencyMs })

/** A connection in virtual time, and what it was each time that it changed. */
class Story {
  nowMs = 0
  state: ConnectionState = { name: 'connecting', sinceMs: 0 }
  readonly told: string[] = []

  hear(event: ConnectionEvent, random = 0.5): this {
    const next = nextConnection(this.state, event, { nowMs: this.nowMs, random, rules })
    if (next !== this.state) this.told.push(`${this.nowMs} ${labelOf(next)}`)
    this.state = next
    return this
  }

  pass(ms: number, random = 0.5): this {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs;) {
      this.nowMs += 500
      this.hear({ type: 'time' }, random)
    }
    return this
  }
}

function labelOf(state: ConnectionState): string {
  if (state.name !== 'reconnecting') return state.name
  return `${state.isTrying ? 'try' : 'wait'} ${state.attempt}`
}

test('a connection is degraded above 200 ms, and well again only below 160', () => {
  const story = new Story()
    .hear(direct(200))
    .hear(direct(201))
    .hear(direct(161))
    .hear(direct(160))
    .hear(direct(undefined))
  assert.deepEqual(
    story.told.map((line) => line.split(' ')[1]),
    ['connected', 'degraded', 'degraded', 'connected', 'connected'],
  )
  assert.equal(describeConnection(story.hear(direct(230)).state), 'directly, 230 ms, slow')
})

test('a connection that is lost waits twice as long before each try, then has failed, and is cleaned up five minutes later', () => {
  const story = new Story().hear(direct()).pass(40_000).hear({ type: 'lost' }).pass(600_000)
  assert.deepEqual(story.told, [
    '0 connected',
    '40000 wait 1',
    '41000 try 1',
    '56000 wait 2',
    '58000 try 2',
    '73000 wait 3',
    '77000 try 3',
    '92000 wait 4',
    '100000 try 4',
    '115000 wait 5',
    '131000 try 5',
    '146000 wait 6',
    '176000 try 6',
    '191000 failed',
    '491000 cleaned',
  ])
  assert.match(describeConnection(story.state), /6 tries/)
  assert.equal(labelOf(story.hear(direct()).state), 'cleaned', 'an answer that comes late is nobody’s')
  assert.equal(labelOf(story.hear({ type: 'wanted' }).state), 'connecting')
})

test('a connection that comes back while it waits is up at once, and its next loss waits longer until it was healthy for a while', () => {
  const story = new Story().hear(direct()).hear({ type: 'lost' }).pass(500).hear(direct())
  assert.ok(isUp(story.state))
  story.pass(1000).hear({ type: 'lost' })
  assert.equal(labelOf(story.state), 'wait 2')
  story.hear(direct()).pass(30_000).hear({ type: 'lost' })
  assert.equal(labelOf(story.state), 'wait 1')
})

test('a peer that never answers is tried six times', () => {
  const story = new Story().pass(300_000)
  assert.equal(story.told.filter((line) => line.includes('try')).length, 6)
  assert.equal(story.state.name, 'failed')
})

test('no sequence of events goes from nothing to an answer without a path, or leaves time that stands still', () => {
  const event: fc.Arbitrary<ConnectionEvent> = fc.oneof(
    fc.constant<ConnectionEvent>({ type: 'lost' }),
    fc.constant<ConnectionEvent>({ type: 'time' }),
    fc.constant<ConnectionEvent>({ type: 'wanted' }),
    fc.record({
      type: fc.constant('path' as const),
      kind: fc.constantFrom('direct' as const, 'relayed' as const, 'web-port' as const),
      latencyMs: fc.option(fc.double({ min: 0, max: 5000, noNaN: true }), { nil: undefined }),
    }),
  )
  const step = fc.tuple(event, fc.integer({ min: 0, max: 60_000 }), fc.double({ min: 0, max: 0.999, noNaN: true }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let state: ConnectionState = { name: 'connecting', sinceMs: 0 }
      let nowMs = 0
      for (const [each, ms, random] of steps) {
        nowMs += ms
        const next = nextConnection(state, each, { nowMs, random, rules })
        if (isUp(next) && !isUp(state)) assert.equal(each.type, 'path')
        if (state.name === 'cleaned' && next !== state) assert.equal(each.type, 'wanted')
        if (next.name === 'reconnecting') {
          assert.ok(next.attempt >= 1 && next.attempt <= rules.tries)
          assert.ok(next.untilMs > nowMs || next === state)
        }
        assert.ok(beginsToTry(next) || next.name !== 'connecting')
        assert.ok(describeConnection(next).length > 0)
        state = next
      }
      // Left alone, each comes to an end, or stays up.
      for (let round = 0; round < 2000; round++) {
        nowMs += 500
        state = nextConnection(state, { type: 'time' }, { nowMs, random: 0.5, rules })
      }
      assert.ok(isUp(state) || state.name === 'cleaned')
    }),
    { numRuns: 100 },
  )
})
