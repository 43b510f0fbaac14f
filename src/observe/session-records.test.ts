import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../kernel/manual-clock.ts'
import { openSessionRecords } from './session-records.ts'

const member = { name: 'Ada', role: 'player' }

function recordsOn(clock: ManualClock, limits: { maxRecords?: number; maxEntries?: number } = {}) {
  const records = openSessionRecords({ clock, ...limits })
  const create = (sessionId: string) => records.handle({ type: 'StreamSessionCreated', sessionId, member })
  const stop = (sessionId: string, cause = 'left') => records.handle({ type: 'StopStream', sessionId, cause })
  return { records, create, stop }
}

test('a session record tells start, handshake, join, path and for how long, and why it ended', () => {
  const clock = new ManualClock()
  const { records, create, stop } = recordsOn(clock)
  const observe = (path: string) =>
    records.handle({
      type: 'SessionObserved',
      sessionId: 's',
      observation: { kind: 'path', path, local: '10.0.0.1:9', remote: '10.0.0.2:9' },
    })
  create('s')
  const startedMs = clock.epochMs()
  records.handle({
    type: 'SessionObserved',
    sessionId: 's',
    observation: { kind: 'handshake', ok: true, tookMs: 80, reason: undefined },
  })
  observe('direct')
  records.handle({ type: 'JoinLobby', sessionId: 's', lobbyId: 'games' })
  clock.advance(1000)
  observe('relayed')
  clock.advance(200)
  observe('direct')
  clock.advance(30)
  assert.equal(records.get('s')?.pathDurationsMs['direct'], 1030)
  stop('s', 'idle')
  clock.advance(5000)

  const record = records.get('s')
  assert.deepEqual(
    record?.entries.map(({ kind }) => kind),
    ['handshake', 'path', 'join', 'path', 'path'],
  )
  assert.deepEqual(record?.entries[0]?.detail, { ok: true, tookMs: 80, reason: null })
  assert.deepEqual(record?.pathDurationsMs, { direct: 1030, relayed: 200 })
  assert.equal(record?.startedMs, startedMs)
  assert.equal(record?.endedMs, startedMs + 1230)
  assert.equal(record?.cause, 'idle')
})

test('a session record drops adaptations before anything else when it is full, and still counts them', () => {
  const clock = new ManualClock()
  const { records, create } = recordsOn(clock, { maxEntries: 5 })
  create('s')
  records.handle({ type: 'JoinLobby', sessionId: 's', lobbyId: 'games' })
  for (let index = 0; index < 100; index++) {
    records.handle({
      type: 'SessionObserved',
      sessionId: 's',
      observation: { kind: 'adaptation', fromBps: index, toBps: index + 1, cause: 'probe' },
    })
  }
  records.handle({ type: 'SessionObserved', sessionId: 's', observation: { kind: 'freeze', durationMs: 700 } })
  const record = records.get('s')
  assert.equal(record?.entries.length, 5)
  assert.equal(record?.entries[0]?.kind, 'join')
  assert.equal(record?.entriesDropped, 97)
  assert.equal(record?.adaptations, 100)
  assert.equal(record?.frozenMs, 700)
})

test('records are bounded: ended sessions make room first, newest come first', () => {
  const { records, create, stop } = recordsOn(new ManualClock(), { maxRecords: 3 })
  create('running')
  create('ended')
  stop('ended')
  create('third')
  create('fourth')
  assert.deepEqual(
    records.list().map(({ sessionId }) => sessionId),
    ['fourth', 'third', 'running'],
  )
  create('fifth')
  assert.equal(records.list().length, 3)
})

test('a session that is resumed under its old id gets a record of its own', () => {
  const { records, create, stop } = recordsOn(new ManualClock())
  create('s')
  stop('s', 'disconnected')
  create('s')
  assert.equal(records.list().length, 2)
  assert.equal(records.get('s')?.cause, undefined)
})

test('events of unknown sessions are ignored', () => {
  const { records, stop } = recordsOn(new ManualClock())
  stop('nobody')
  records.handle({ type: 'JoinLobby', sessionId: 'nobody', lobbyId: 'games' })
  assert.deepEqual(records.list(), [])
})
