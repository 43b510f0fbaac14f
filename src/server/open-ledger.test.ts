import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { ledgerContract } from '../../test/support/ledger-contract.ts'
import { testSeal } from '../../test/support/test-seal.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import { openStore } from '../store/open-store.ts'
import { openLedger } from './open-ledger.ts'

ledgerContract("the store's ledger", () => openLedger(openStore(':memory:'), testSeal().key))

const seal = testSeal()
const key = { memberId: 'ada', outbox: 'one' }
const hello = { memberId: 'ada', name: 'Ada', role: 'player', text: 'Hello', atMs: 1 } as const

test("the store's ledger knows after a restart what was done and said, in lobbies that come back", async (t) => {
  const file = join(temporaryDirectory(t), 'store.db')
  const lobby = {
    id: 'games',
    appId: 'a',
    profile: 'default',
    settings: { title: 'Games' },
    seats: [],
    createdMs: 1,
  }
  {
    using store = openStore(file)
    store.lobbies.put(lobby)
    const ledger = openLedger(store, seal.key)
    await ledger.said(key, 1, { ...hello, lobbyId: 'games' })
    await ledger.said(key, 2, { ...hello, lobbyId: 'gone' })
  }
  using store = openStore(file)
  const ledger = openLedger(store, seal.key)
  assert.equal((await ledger.handled(key)).through, 2)
  assert.equal((await ledger.texts('games', 10))[0]?.text, 'Hello')
  assert.deepEqual(await ledger.texts('gone', 10), [])
})

test("the store's ledger forgets outboxes that nobody has used for a month", async (t) => {
  const file = join(temporaryDirectory(t), 'store.db')
  const clock = new ManualClock()
  {
    using store = openStore(file, clock)
    await openLedger(store, seal.key).done(key, 1)
  }
  clock.advance(31 * 24 * 3600_000)
  using store = openStore(file, clock)
  assert.equal((await openLedger(store, seal.key).handled(key)).through, 0)
})
