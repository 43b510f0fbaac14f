import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../test/support/fast-check.ts'
import type { SessionStay } from '../../src/client/index.ts'
import { lanesOf } from './timeline-lanes.ts'

const startMs = Date.UTC(2026, 0, 1)
const iso = (ms: number) => new Date(startMs + ms).toISOString()
const empty: SessionStay = {
  id: '1',
  sessionId: 's',
  memberId: 'm',
  name: 'Ada',
  role: 'player',
  startedAt: iso(0),
  endedAt: iso(10_000),
  cause: 'left',
  lobbies: [{ id: 'games', title: 'Games' }],
  handshake: null,
  pathsMs: {},
  adaptations: 0,
  freezes: 0,
  frozenMs: 0,
  entries: [],
  entriesDropped: 0,
}
const entry = (ms: number, kind: string, detail: SessionStay['entries'][number]['detail'] = {}) => {
  return { at: iso(ms), kind, detail }
}

test('lanesOf tells paths, lobbies, bitrates and freezes of a stay', () => {
  const lanes = lanesOf(
    {
      ...empty,
      entries: [
        entry(300, 'handshake', { ok: true, tookMs: 100, reason: null }),
        entry(300, 'path', { path: 'direct', gateway: 'browser' }),
        entry(400, 'join', { lobbyId: 'games' }),
        entry(2000, 'adaptation', { fromBps: 1e6, toBps: 2e6, cause: 'probe' }),
        entry(2500, 'rendition', { from: '1280x720 at 60', to: '1280x720 at 30', cause: 'path' }),
        entry(3000, 'parity', { fromPercent: 0, toPercent: 20, lossRatio: 0.06 }),
        entry(3200, 'mode', { to: 'sound-alone', cause: 'silence' }),
        entry(4000, 'freeze', { durationMs: 500 }),
        entry(4000, 'mode', { to: 'pictures', cause: 'heard' }),
        entry(5000, 'path', { path: 'web-port' }),
        entry(6000, 'leave', { lobbyId: 'games' }),
        entry(7000, 'join', { lobbyId: 'work', title: 'Work' }),
        entry(8000, 'rendition', { from: '1280x720 at 30', to: '640x360 at 30', cause: 'wish' }),
        entry(9000, 'parity', { fromPercent: 20, toPercent: 0, lossRatio: 0 }),
      ],
    },
    0,
  )
  assert.deepEqual(lanes.handshakes, [{ fromMs: 200, toMs: 300, ok: true, label: '' }])
  assert.deepEqual(lanes.paths, [
    { fromMs: 300, toMs: 5000, label: 'direct', gateway: 'browser' },
    { fromMs: 5000, toMs: 10_000, label: 'web-port', gateway: '' },
  ])
  assert.deepEqual(lanes.lobbies, [
    { fromMs: 400, toMs: 6000, label: 'Games' },
    { fromMs: 7000, toMs: 10_000, label: 'Work' },
  ])
  assert.deepEqual(lanes.bitrates, [
    { atMs: 0, bps: 1e6 },
    { atMs: 2000, bps: 2e6 },
  ])
  assert.deepEqual(lanes.renditions, [
    { fromMs: 0, toMs: 2500, label: '1280x720@60', why: '' },
    { fromMs: 2500, toMs: 8000, label: '1280x720@30', why: 'path' },
    { fromMs: 8000, toMs: 10_000, label: '640x360@30', why: 'wish' },
  ])
  assert.deepEqual(lanes.parities, [{ fromMs: 3000, toMs: 9000, percent: 20, label: '20 %' }])
  assert.deepEqual(lanes.silences, [{ fromMs: 3200, toMs: 4000, label: 'sound alone' }])
  assert.deepEqual(lanes.freezes, [{ fromMs: 3500, toMs: 4000, label: '' }])
})

test('lanesOf goes up to now while the stay goes on', () => {
  assert.equal(lanesOf({ ...empty, endedAt: null }, startMs + 777).lengthMs, 777)
})

test('lanesOf stays within the stay whatever was noted, with a length that can be divided by', () => {
  const kind = fc.constantFrom(
    'handshake',
    'path',
    'join',
    'leave',
    'adaptation',
    'rendition',
    'parity',
    'mode',
    'freeze',
    'interruption',
    'fault',
    'other',
  )
  const detail = fc.dictionary(
    fc.constantFrom('path', 'tookMs', 'durationMs', 'toBps', 'title', 'to', 'toPercent'),
    fc.oneof(fc.string(), fc.nat(1e6), fc.boolean(), fc.constant(null)),
    { noNullPrototype: true },
  )
  const entries = fc.array(fc.tuple(fc.integer({ min: -1e5, max: 1e5 }), kind, detail))
  fc.assert(
    fc.property(entries, fc.integer({ min: -1e4, max: 1e4 }), (noted, endMs) => {
      const lanes = lanesOf({ ...empty, endedAt: iso(endMs), entries: noted.map((each) => entry(...each)) }, 0)
      assert.ok(lanes.lengthMs >= 1)
      const { lengthMs: _, bitrates: __, ...spans } = lanes
      for (const { fromMs, toMs } of Object.values(spans).flat()) {
        for (const ms of [fromMs, toMs]) assert.ok(ms >= 0 && ms <= lanes.lengthMs)
      }
    }),
  )
})
