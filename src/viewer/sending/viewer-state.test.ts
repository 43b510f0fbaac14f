import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { next as nextBy, type ViewerEvent, type ViewerState } from './viewer-state.ts'
import type { SilenceRule } from '../contract/viewer-wire.ts'

const hold: SilenceRule = { openWithinMs: 20_000, answerWithinMs: 4000, limitMs: 3000, outcome: 'hold' }
const [handshakeLimitUs, firstReportLimitUs, silenceLimitUs] = [20_000_000, 4_000_000, 3_000_000]
const next = (state: ViewerState, event: ViewerEvent, rule = hold) => nextBy(state, event, rule)

const start: ViewerState = { phase: 'connecting', startedUs: 0 }
const run = (...events: [type: ViewerEvent['type'], nowUs: number][]) =>
  events.reduce<ViewerState>((state, [type, nowUs]) => next(state, { type, nowUs }), start)

test('next leads from the offer to flowing media', () => {
  assert.deepEqual(run(['opened', 50]), { phase: 'open', startedUs: 0, openedUs: 50, owedSinceUs: 50 })
  assert.deepEqual(run(['opened', 50], ['heard', 90]), { phase: 'flowing', heardUs: 90 })
})

test('next gives up a handshake that does not come about, and one that nothing comes back from', () => {
  assert.equal(run(['tick', handshakeLimitUs]).phase, 'connecting')
  assert.equal(run(['tick', handshakeLimitUs + 1]).phase, 'failed')
  assert.equal(run(['opened', 0], ['tick', firstReportLimitUs]).phase, 'open')
  assert.equal(run(['opened', 0], ['tick', firstReportLimitUs + 1]).phase, 'failed')
})

test('next falls silent and recovers, as often as it has to', () => {
  const silent = run(['opened', 0], ['heard', 10], ['tick', 11 + silenceLimitUs])
  assert.deepEqual(silent, { phase: 'silent', heardUs: 10 })
  assert.equal(next(silent, { type: 'tick', nowUs: 1e12 }), silent)
  assert.deepEqual(next(silent, { type: 'heard', nowUs: 99 }), { phase: 'flowing', heardUs: 99 })
})

test('next ends where silence means the end, and takes nothing for silence while there is nothing to say', () => {
  const rule: SilenceRule = { ...hold, outcome: 'end' }
  const flowing = run(['opened', 0], ['heard', 10])
  assert.equal(next(flowing, { type: 'tick', nowUs: 11 + silenceLimitUs }, rule).phase, 'lost')
  const idle = next(flowing, { type: 'idle', nowUs: 9_000_000 }, rule)
  assert.equal(next(idle, { type: 'tick', nowUs: 11_000_000 }, rule).phase, 'flowing')
  const open = next(run(['opened', 50]), { type: 'idle', nowUs: 9_000_000 }, rule)
  assert.deepEqual(open, { phase: 'open', startedUs: 0, openedUs: 50, owedSinceUs: 9_000_000 })
})

test('next never leaves failed, and never flows before something was heard', () => {
  const event = fc.record({
    type: fc.constantFrom<ViewerEvent['type']>('opened', 'heard', 'tick', 'idle'),
    passedUs: fc.nat(10_000_000),
  })
  fc.assert(
    fc.property(fc.array(event), (events) => {
      let state: ViewerState = { phase: 'connecting', startedUs: 0 }
      let nowUs = 0
      for (const { type, passedUs } of events) {
        nowUs += passedUs
        const after = next(state, { type, nowUs })
        if (state.phase === 'failed') assert.equal(after, state)
        if (state.phase === 'connecting') assert.ok(['connecting', 'open', 'failed'].includes(after.phase))
        if (after.phase === 'flowing' && state.phase !== 'flowing') assert.equal(type, 'heard')
        state = after
      }
    }),
  )
})
