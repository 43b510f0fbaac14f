import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { systemClock } from '../kernel/clock.ts'
import { migrations } from './migrations.ts'
import { openStore } from './open-store.ts'
import { StoreError } from './store-error.ts'

function fileIn(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'porchlight-store-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return join(directory, 'store.sqlite')
}

const withCode = (code: StoreError['code']) => (error: unknown) => error instanceof StoreError && error.code === code

test('openStore keeps what was written when it is opened again', (t) => {
  const file = fileIn(t)
  const first = openStore(file)
  first.settings.set('name', 'porch')
  const token = first.ownerToken.replace()
  const { invitation, token: invited } = first.invitations.create({ lobbyId: 'l', role: 'viewer', expiresInMs: 60_000 })
  first.close()

  using second = openStore(file)
  assert.equal(second.settings.get('name'), 'porch')
  assert.ok(second.ownerToken.matches(token))
  assert.deepEqual(second.invitations.find(invited), invitation)
})

test('openStore writes neither tokens nor readable files for others', (t) => {
  const file = fileIn(t)
  using store = openStore(file)
  const token = store.ownerToken.replace()
  const { invitation, token: invited } = store.invitations.create({ lobbyId: 'l', role: 'player', expiresInMs: 1000 })
  const claim = 'c'.repeat(43)
  const redeemed = store.guests.redeem({ invitationId: invitation.id, claim, name: 'Ada' })
  assert.ok(redeemed.ok)
  for (const path of [file, `${file}-wal`]) {
    assert.equal(statSync(path).mode & 0o777, 0o600, path)
    const bytes = readFileSync(path)
    for (const secret of [token, invited, claim, redeemed.token]) assert.ok(!bytes.includes(secret), path)
  }
})

test('openStore refuses a file that is no database and leaves it as it was', (t) => {
  const file = fileIn(t)
  const text = 'dear diary, '.repeat(1000)
  writeFileSync(file, text)
  assert.throws(() => openStore(file), withCode('corrupt'))
  assert.equal(readFileSync(file, 'utf8'), text)
})

test('openStore refuses the database of another program and leaves it as it was', (t) => {
  const file = fileIn(t)
  const other = new DatabaseSync(file)
  other.exec('CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)')
  other.close()
  const before = readFileSync(file)
  assert.throws(() => openStore(file), withCode('foreign'))
  assert.deepEqual(readFileSync(file), before)
})

test('openStore refuses a damaged store and leaves it as it was', (t) => {
  const file = fileIn(t)
  const store = openStore(file)
  for (let index = 0; index < 500; index++) store.settings.set(`key ${index}`, 'x'.repeat(100))
  store.close()
  const damaged = readFileSync(file)
  damaged.fill(0xaa, 8192, 16384)
  writeFileSync(file, damaged)
  assert.throws(() => openStore(file), withCode('corrupt'))
  assert.deepEqual(readFileSync(file), damaged)
})

test('openStore refuses a store that a later version has written', (t) => {
  const file = fileIn(t)
  openStore(file).close()
  const later = new DatabaseSync(file)
  later.exec(`PRAGMA user_version = ${migrations.length + 1}`)
  later.close()
  assert.throws(() => openStore(file), withCode('newer'))
})

test('openStore says that it cannot open when the directory does not exist', () => {
  assert.throws(() => openStore('/nonexistent/porchlight/store.sqlite'), withCode('cannot-open'))
})

test('openStore lets two processes work on one file', (t) => {
  const file = fileIn(t)
  using one = openStore(file)
  using other = openStore(file)
  one.settings.set('who', 'one')
  other.settings.set('who', `${other.settings.get('who')} and other`)
  assert.equal(one.settings.get('who'), 'one and other')
})

test('a closed store answers every call with an error of its own', () => {
  const store = openStore(':memory:')
  store.close()
  store.close()
  assert.throws(() => store.settings.get('x'), withCode('closed'))
  assert.throws(() => store.ownerToken.replace(), withCode('closed'))
  assert.throws(() => store.invitations.list(), withCode('closed'))
})

test('openStore brings a store of an earlier version up to date, or refuses it and leaves it as it was', (t) => {
  const file = fileIn(t)
  openStore(file).close()
  const earlier = new DatabaseSync(file)
  earlier.exec('PRAGMA user_version = 0')
  earlier.close()
  const before = readFileSync(file)
  assert.throws(() => openStore(file, systemClock, 'refuse'), withCode('older'))
  assert.deepEqual(readFileSync(file), before)
})
