import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { StoredLobby } from './lobby-records.ts'
import { migrations } from './migrations.ts'
import { openStore } from './open-store.ts'

const games: StoredLobby = {
  id: 'a1',
  profile: 'work',
  appId: 'desktop',
  title: 'Games ☕',
  width: 1280,
  height: 720,
  layout: 'de',
  stopWhenEveryoneLeaves: true,
  seating: 'single',
  voice: 'app',
  seats: [],
  createdMs: 2000,
}

test('list is oldest first and gives back what was put', () => {
  using store = openStore(':memory:')
  const pattern: StoredLobby = {
    ...games,
    id: 'b2',
    layout: undefined,
    stopWhenEveryoneLeaves: false,
    createdMs: 1000,
  }
  store.lobbies.put(games)
  store.lobbies.put(pattern)
  assert.deepEqual(store.lobbies.list(), [pattern, games])
})

test('put changes what can change of a lobby that is there, and nothing else', () => {
  using store = openStore(':memory:')
  store.lobbies.put(games)
  const changed = { title: 'Work', width: 800, height: 600, layout: 'us', stopWhenEveryoneLeaves: false }
  store.lobbies.put({ ...games, ...changed, appId: 'other', createdMs: 9 })
  assert.deepEqual(store.lobbies.list(), [{ ...games, ...changed }])
})

test('put changes whose voices are heard, and the file refuses what nobody can choose', () => {
  using store = openStore(':memory:')
  for (const voice of ['players', 'everybody', 'app'] as const) {
    store.lobbies.put({ ...games, voice })
    assert.deepEqual(store.lobbies.list(), [{ ...games, voice }])
  }
  assert.throws(() => store.lobbies.put({ ...games, voice: 'nobody' as 'app' }))
})

test('put gives a lobby its seats and seating, in the place of those before; they go with it', () => {
  using store = openStore(':memory:')
  store.lobbies.put({ ...games, seats: [{ id: 'gamepad-1', locked: true, memberId: undefined }] })
  const seats = [{ id: 'keyboard-mouse', locked: false, memberId: 'm' }]
  store.lobbies.put({ ...games, seating: 'shared', seats })
  assert.deepEqual(store.lobbies.list(), [{ ...games, seating: 'shared', seats }])
  store.lobbies.delete(games.id)
  store.lobbies.put(games)
  assert.deepEqual(store.lobbies.list(), [games])
})

test('delete forgets one lobby and is harmless for an unknown one', () => {
  using store = openStore(':memory:')
  store.lobbies.put(games)
  store.lobbies.delete('nobody')
  assert.equal(store.lobbies.list().length, 1)
  store.lobbies.delete(games.id)
  assert.deepEqual(store.lobbies.list(), [])
})

test('openStore gives a store of the first version the table of lobbies and keeps what is in it', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'porchlight-store-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'store.sqlite')
  const first = new DatabaseSync(file)
  first.exec(migrations[0] ?? '')
  first.exec(
    "PRAGMA application_id = 0x504c6974; PRAGMA user_version = 1; INSERT INTO setting VALUES ('name', 'porch')",
  )
  first.close()
  using store = openStore(file)
  assert.equal(store.settings.get('name'), 'porch')
  store.lobbies.put(games)
  assert.deepEqual(store.lobbies.list(), [games])
})
