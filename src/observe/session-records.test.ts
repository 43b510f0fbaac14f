import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog } from '../kernel/log.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import type { ObservedFact } from './lifecycle-event.ts'
import type { RecordArchive, RecordQuery } from './record-archive.ts'
import type { SessionRecord } from './session-record.ts'
import { openSessionRecords } from './session-records.ts'

const member = { id: 'm', name: 'Ada', role: 'player' }
const everything: RecordQuery = {
  before: undefined,
  limit: 100,
  lobbyId: undefined,
  memberId: undefined,
  cause: undefined,
  sinceMs: undefined,
}

/** Keeps what is written in an array, until it is told to fail. */
class ArrayArchive implements RecordArchive {
  readonly records: SessionRecord[] = []
  readonly batchSizes: number[] = []
  isFull = false

  write: RecordArchive['write'] = (batch) => {
    if (this.isFull) throw new Error('the disk is full')
    this.batchSizes.push(batch.length)
    return batch.map(({ number = this.records.length + 1, record }) => {
      this.records[number - 1] = record
      return number
    })
  }

  endAll(): number {
    return 0
  }

  list(): readonly (SessionRecord & { number: number })[] {
    return this.records.map((record, index) => ({ ...record, number: index + 1 })).toReversed()
  }

  ofSession(sessionId: string): readonly (SessionRecord & { number: number })[] {
    return this.list()
      .filter((record) => record.sessionId === sessionId)
      .toReversed()
  }
}

function house(options: { maxEntries?: number } = {}) {
  const clock = new ManualClock()
  const archive = new ArrayArchive()
  const titleOf = (lobbyId: string) => lobbyId.toUpperCase()
  const records = openSessionRecords({ clock, log: silentLog, archive, titleOf, ...options })
  return {
    clock,
    archive,
    records,
    create: (sessionId: string) => records.handle({ type: 'StreamSessionCreated', sessionId, member }),
    stop: (sessionId: string, cause = 'left') => records.handle({ type: 'StopStream', sessionId, cause }),
    join: (sessionId: string, lobbyId: string) => records.handle({ type: 'JoinLobby', sessionId, lobbyId }),
    observe: (fact: ObservedFact) =>
      records.handle({ type: 'SessionObserved', sessionId: 's', observation: { ...fact, gateway: 'browser' } }),
  }
}

const path = (name: string): ObservedFact => {
  return { kind: 'path', path: name, local: '10.0.0.1:9', remote: '10.0.0.2:9' }
}

test('a record tells start, handshake, lobbies, path and for how long, and why it ended', () => {
  const { clock, records, create, stop, join, observe } = house()
  create('s')
  const startedMs = clock.epochMs()
  observe({ kind: 'handshake', ok: true, tookMs: 80, reason: undefined })
  observe(path('direct'))
  join('s', 'games')
  clock.advance(1000)
  observe(path('relayed'))
  clock.advance(200)
  observe(path('direct'))
  clock.advance(30)
  assert.equal(records.ofSession('s')[0]?.pathDurationsMs['direct'], 1030, 'also while it goes on')
  clock.advance(10)
  assert.equal(records.list(everything)[0]?.pathDurationsMs['direct'], 1040, 'and without anything new')
  stop('s', 'idle')
  clock.advance(5000)

  const [record] = records.ofSession('s')
  assert.deepEqual(
    record?.entries.map(({ kind }) => kind),
    ['handshake', 'path', 'join', 'path', 'path'],
  )
  assert.deepEqual(record?.entries[0]?.detail, { ok: true, tookMs: 80, reason: null, gateway: 'browser' })
  assert.deepEqual(record?.handshake, { ok: true, tookMs: 80, reason: undefined })
  assert.deepEqual(record?.lobbies, [{ id: 'games', title: 'GAMES' }])
  assert.deepEqual(record?.pathDurationsMs, { direct: 1040, relayed: 200 })
  assert.equal(record?.startedMs, startedMs)
  assert.equal(record?.endedMs, startedMs + 1240)
  assert.equal(record?.cause, 'idle')
})

test('a full record is thinned out where it is densest, and still counts everything', () => {
  const { clock, records, create, join, observe } = house({ maxEntries: 12 })
  create('s')
  join('s', 'games')
  for (let second = 0; second < 100; second++) {
    clock.advance(1000)
    observe({ kind: 'adaptation', fromBps: second, toBps: second + 1, cause: 'probe' })
  }
  observe({ kind: 'freeze', durationMs: 700 })
  const [record] = records.ofSession('s')
  assert.equal(record?.entries.length, 12)
  assert.deepEqual([record?.entries[0]?.kind, record?.entries.at(-1)?.kind], ['join', 'freeze'])
  assert.equal(record?.entriesDropped, 90)
  assert.equal(record?.adaptations, 100)
  assert.equal(record?.frozenMs, 700)
  const times = record?.entries.map(({ atMs }) => atMs) ?? []
  const gapsMs = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0))
  assert.ok(Math.max(...gapsMs) <= 20_000, `no part of the stay is left out: ${gapsMs.join()}`)
})

test('what has begun or ended is written within a second, the rest together and later', () => {
  const { clock, archive, create, stop, observe } = house()
  create('s')
  create('other')
  clock.advance(1000)
  assert.deepEqual(archive.batchSizes, [2])
  observe(path('direct'))
  clock.advance(1000)
  assert.equal(archive.batchSizes.length, 1)
  clock.advance(10_000)
  assert.deepEqual(archive.batchSizes, [2, 1])
  stop('s')
  clock.advance(1000)
  assert.deepEqual(archive.batchSizes, [2, 1, 1])
  assert.equal(archive.records[0]?.cause, 'left')
  assert.equal(clock.pending, 0, 'nothing is waited for when nothing has changed')
})

test('close writes down what has just happened', () => {
  const { archive, records, create, stop, clock } = house()
  create('s')
  stop('s', 'host-closing')
  records.close()
  assert.equal(archive.records[0]?.cause, 'host-closing')
  assert.equal(clock.pending, 0)
})

test('what could not be written is written when there is room again, and does not grow without end', () => {
  const { clock, archive, records, create, stop } = house()
  archive.isFull = true
  for (let index = 0; index < 5000; index++) {
    create(`s${index}`)
    stop(`s${index}`)
  }
  clock.advance(60_000)
  assert.equal(archive.records.length, 0)
  archive.isFull = false
  clock.advance(10_000)
  assert.equal(archive.records.length, 2048)
  assert.equal(archive.records.at(-1)?.sessionId, 's4999')
  records.close()
})

test('a session that is resumed under its old id gets a stay of its own', () => {
  const { records, create, stop } = house()
  create('s')
  stop('s', 'disconnected')
  create('s')
  assert.deepEqual(
    records.ofSession('s').map(({ cause }) => cause),
    ['disconnected', undefined],
  )
  assert.ok(records.present('s')?.startedMs !== undefined)
})

test('events of unknown sessions are ignored', () => {
  const { records, stop, join } = house()
  stop('nobody')
  join('nobody', 'games')
  assert.deepEqual(records.list(everything), [])
  assert.equal(records.present('nobody')?.startedMs, undefined)
})
