import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  firstReportLimitUs,
  handshakeLimitUs,
  next,
  silenceLimitUs,
  type ViewerEvent,
  type ViewerState,
} from './viewer-state.ts'

const start: ViewerState = { phase: 'connecting', offeredUs: 0 }
const run = (...events: [type: ViewerEvent['type'], nowUs: number][]) =>
  events.reduce<ViewerState>((state, [type, nowUs]) => next(state, { type, nowUs }), start)

test('next leads from the offer to flowing media', () => {
  assert.deepEqual(run(['opened', 50]), { phase: 'open', offeredUs: 0, openedUs: 50 })
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

test('next never leaves failed, and never flows before something was heard', () => {
  const event = fc.record({
    type: fc.constantFrom<ViewerEvent['type']>('opened', 'heard', 'tick'),
    passedUs: fc.nat(10_000_000),
  })
  fc.assert(
    fc.property(fc.array(event), (events) => {
      let state: ViewerState = { phase: 'connecting', offeredUs: 0 }
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
