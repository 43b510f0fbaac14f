import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { testSeal } from '../../test/support/test-seal.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import { openAppRecords } from './app-records.ts'
import { openDatabase } from './open-database.ts'
import { openLedgerRecords } from './ledger-records.ts'
import { openLobbyRecords, type StoredLobby } from './lobby-records.ts'
import { openSessionTable, type StoredSession } from './session-table.ts'
import { openSettings } from './settings.ts'
import { StoreError } from './store-error.ts'
import { steadyEpoch } from './steady-epoch.ts'

const lobby: StoredLobby = {
  id: 'a',
  appId: 'app',
  profile: 'default',
  settings: { title: 'x'.repeat(100_000) },
  seats: [{ id: 'keyboard', locked: false, memberId: undefined }],
  createdMs: 0,
}

test('a store whose disk is full says so, with the file, has written nothing, and goes on when there is room', (t) => {
  const file = join(temporaryDirectory(t), 'store.sqlite')
  const clock = new ManualClock()
  const database = openDatabase(file, 'migrate')
  t.after(() => database.close())
  const apps = openAppRecords(database, clock)
  const lobbies = openLobbyRecords(database)
  const settings = openSettings(database)
  const limits = { refusals: 10, outboxes: 10, texts: 10 }
  const ledger = openLedgerRecords(database, steadyEpoch(clock), limits, testSeal().key)
  const sessions = openSessionTable(database)
  const long = JSON.stringify('x'.repeat(100_000))
  const said = { lobbyId: 'a', memberId: 'm', name: 'Ada', role: 'owner', text: long, atMs: 0 }
  const session: StoredSession = {
    sessionId: 's',
    memberId: 'm',
    name: 'Ada',
    role: 'owner',
    startedMs: 0,
    endedMs: undefined,
    cause: undefined,
    lobbyIds: [],
    summary: long,
    entries: '[]',
  }
  const writes: readonly (readonly [what: RegExp, write: () => unknown])[] = [
    [/^Cannot write an app: the disk is full$/, () => apps.put([{ id: 'a', definition: long }])],
    [/^Cannot write a lobby: the disk is full$/, () => lobbies.put(lobby)],
    [/^Cannot write setting "k": the disk is full$/, () => settings.set('k', long)],
    [/: the disk is full$/, () => ledger.said({ memberId: 'm', outbox: 'o' }, 1, said)],
    [/: the disk is full$/, () => sessions.write([{ number: undefined, session }], 0)],
  ]
  const room = (pages: number) => database.exec(`PRAGMA max_page_count = ${pages}`)
  const pages = Number(Object.values(database.prepare('PRAGMA page_count').get() ?? {})[0])
  for (const [message, write] of writes) {
    room(pages)
    assert.throws(write, (error) => {
      assert.ok(error instanceof StoreError)
      assert.deepEqual([error.code, error.place], ['disk-full', file])
      return message.test(error.message)
    })
    assert.equal(database.isTransaction, false)
  }
  assert.deepEqual([apps.list(), lobbies.list(), settings.get('k')], [[], [], undefined])
  room(1_000_000)
  for (const [, write] of writes) write()
  assert.equal(apps.list()[0]?.definition, long)
})
