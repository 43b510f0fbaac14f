import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { openDatabase } from './open-database.ts'
import { openSessionTable, type SessionFilter, type StoredSession } from './session-table.ts'

const ada: StoredSession = {
  sessionId: 's',
  memberId: 'ada',
  name: 'Ada ☕',
  role: 'player',
  startedMs: 1000,
  endedMs: undefined,
  cause: undefined,
  lobbyIds: [],
  summary: '{}',
  entries: '[]',
}
const all: SessionFilter = {
  before: undefined,
  limit: 100,
  lobbyId: undefined,
  memberId: undefined,
  cause: undefined,
  sinceMs: undefined,
}

function tableIn(t: TestContext, options: { file?: string; keep?: number } = {}) {
  const database = openDatabase(options.file ?? ':memory:', 'migrate')
  t.after(() => database.isOpen && database.close())
  const table = openSessionTable(database, options.keep)
  const add = (session: Partial<StoredSession>, nowMs = 5000) =>
    table.write([{ number: undefined, session: { ...ada, ...session } }], nowMs)[0] ?? 0
  const ids = (filter: Partial<SessionFilter> = {}) =>
    table.list({ ...all, ...filter }).map(({ sessionId }) => sessionId)
  return { database, table, add, ids }
}

test('list is newest first, a page at a time', (t) => {
  const { table, add, ids } = tableIn(t)
  for (const sessionId of ['a', 'b', 'c']) add({ sessionId })
  assert.deepEqual(ids({ limit: 2 }), ['c', 'b'])
  const last = table.list({ ...all, limit: 2 }).at(-1)?.number
  assert.deepEqual(ids({ before: last, limit: 2 }), ['a'])
})

test('list finds by lobby, member, cause and start, and by all of them', (t) => {
  const { add, ids } = tableIn(t)
  add({ sessionId: 'a', lobbyIds: ['games', 'work'], memberId: 'bob', cause: 'left', endedMs: 9, startedMs: 10 })
  add({ sessionId: 'b', lobbyIds: ['games'], memberId: 'eve', cause: 'idle', endedMs: 9, startedMs: 20 })
  assert.deepEqual(ids({ lobbyId: 'work' }), ['a'])
  assert.deepEqual(ids({ lobbyId: 'games' }), ['b', 'a'])
  assert.deepEqual(ids({ memberId: 'eve' }), ['b'])
  assert.deepEqual(ids({ cause: 'left' }), ['a'])
  assert.deepEqual(ids({ sinceMs: 20 }), ['b'])
  assert.deepEqual(ids({ lobbyId: 'games', cause: 'left', sinceMs: 10, memberId: 'bob' }), ['a'])
  assert.deepEqual(ids({ lobbyId: "' OR 1=1 --" }), [])
})

test('write changes what has a number, and lobbies come in addition', (t) => {
  const { table, add, ids } = tableIn(t)
  const number = add({ lobbyIds: ['games'] })
  const changed = { ...ada, endedMs: 7, cause: 'left', entries: '[1]', lobbyIds: ['games', 'work'] }
  assert.deepEqual(table.write([{ number, session: changed }], 6000), [number])
  const [stay] = table.ofSession('s')
  assert.deepEqual([stay?.cause, stay?.endedMs, stay?.entries, stay?.name], ['left', 7, '[1]', 'Ada ☕'])
  assert.deepEqual(ids({ lobbyId: 'work' }), ['s'])
})

test('the oldest make room, but not one that goes on; what is written of one that went is lost', (t) => {
  const { table, add, ids } = tableIn(t, { keep: 3 })
  const going = add({ sessionId: 'going' })
  const gone = add({ sessionId: 'gone', endedMs: 1, cause: 'left', lobbyIds: ['games'] })
  for (const sessionId of ['a', 'b', 'c']) add({ sessionId, endedMs: 1, cause: 'left' })
  assert.deepEqual(ids(), ['c', 'b', 'a', 'going'])
  table.write([{ number: gone, session: { ...ada, sessionId: 'gone', lobbyIds: ['games'] } }], 1)
  assert.deepEqual(ids({ lobbyId: 'games' }), [])
  table.write([{ number: going, session: { ...ada, endedMs: 1, cause: 'left' } }], 1)
  assert.deepEqual(ids(), ['c', 'b', 'a'])
})

test('a batch that fails leaves nothing behind', (t) => {
  const { table, ids } = tableIn(t)
  const broken = { ...ada, name: undefined as unknown as string }
  assert.throws(() =>
    table.write(
      [ada, broken].map((session) => ({ number: undefined, session })),
      1,
    ),
  )
  assert.deepEqual(ids(), [])
  table.write([{ number: undefined, session: ada }], 1)
  assert.deepEqual(ids(), ['s'], 'and the next one is written')
})

test('endAll ends what a killed host left open, when it was last written', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'porchlight-store-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'store.sqlite')
  const first = tableIn(t, { file })
  first.add({ sessionId: 'ended', endedMs: 1500, cause: 'left' })
  first.add({ sessionId: 'open' }, 7000)
  // The first connection is still there, as that of a killed process may be.
  const { table } = tableIn(t, { file })
  assert.equal(table.endAll('host-lost'), 1)
  assert.deepEqual(
    table.list(all).map(({ sessionId, endedMs, cause }) => [sessionId, endedMs, cause]),
    [
      ['open', 7000, 'host-lost'],
      ['ended', 1500, 'left'],
    ],
  )
})
