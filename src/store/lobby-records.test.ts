import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import type { StoredLobby } from './lobby-records.ts'
import { migrations } from './migrations.ts'
import { openStore } from './open-store.ts'

const games: StoredLobby = {
  id: 'a1',
  profile: 'work',
  appId: 'desktop',
  settings: { title: 'Games ☕', size: { width: 1280, height: 720 }, voice: 'app' },
  seats: [],
  createdMs: 2000,
}

test('list is oldest first and gives back what was put', () => {
  using store = openStore(':memory:')
  const pattern: StoredLobby = { ...games, id: 'b2', settings: { title: 'Pattern' }, createdMs: 1000 }
  store.lobbies.put(games)
  store.lobbies.put(pattern)
  assert.deepEqual(store.lobbies.list(), [pattern, games])
})

test('put changes what can change of a lobby that is there, and nothing else', () => {
  using store = openStore(':memory:')
  store.lobbies.put(games)
  const settings = { title: 'Work', voice: 'players' }
  store.lobbies.put({ ...games, settings, appId: 'other', createdMs: 9 })
  assert.deepEqual(store.lobbies.list(), [{ ...games, settings }])
})

test('put gives a lobby its seats, in the place of those before; they go with it', () => {
  using store = openStore(':memory:')
  store.lobbies.put({ ...games, seats: [{ id: 'gamepad-1', locked: true, memberId: undefined }] })
  const seats = [{ id: 'keyboard-mouse', locked: false, memberId: 'm' }]
  store.lobbies.put({ ...games, seats })
  assert.deepEqual(store.lobbies.list(), [{ ...games, seats }])
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
  const file = join(temporaryDirectory(t), 'store.sqlite')
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

test('openStore makes one value of the settings that had a column each, and keeps the seats', (t) => {
  const file = join(temporaryDirectory(t), 'store.sqlite')
  const before = new DatabaseSync(file)
  const version = migrations.findIndex((step) => step.includes('ADD COLUMN settings'))
  for (const step of migrations.slice(0, version)) before.exec(step)
  before.exec(`
    PRAGMA application_id = 0x504c6974;
    PRAGMA user_version = ${version};
    INSERT INTO lobby (id, app_id, profile, title, width, height, layout, stop_when_everyone_leaves, seating, voice, created_ms)
      VALUES ('a1', 'desktop', 'work', 'Ada''s "games" ☕', 1280, 720, 'us(dvorak)', 1, 'shared', 'everybody', 2000),
             ('b2', 'pattern', 'default', 'Pattern', 640, 480, NULL, 0, 'single', 'app', 3000);
    INSERT INTO lobby_seat VALUES ('a1', 'gamepad-1', 1, 'ada');
  `)
  before.close()
  using store = openStore(file)
  const usual = { restart: 'always', seating: 'single', voice: 'app', stopWhenEveryoneLeaves: false }
  assert.deepEqual(store.lobbies.list(), [
    {
      id: 'a1',
      appId: 'desktop',
      profile: 'work',
      settings: {
        ...usual,
        title: 'Ada\'s "games" ☕',
        size: { width: 1280, height: 720 },
        layout: 'us(dvorak)',
        stopWhenEveryoneLeaves: true,
        seating: 'shared',
        voice: 'everybody',
      },
      seats: [{ id: 'gamepad-1', locked: true, memberId: 'ada' }],
      createdMs: 2000,
    },
    {
      id: 'b2',
      appId: 'pattern',
      profile: 'default',
      settings: { ...usual, title: 'Pattern', size: { width: 640, height: 480 } },
      seats: [],
      createdMs: 3000,
    },
  ])
})
