import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { testSeal } from '../../test/support/test-seal.ts'
import { rememberedOutboxes, rememberedRefusals, rememberedTexts } from '../host/contract/ledger.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import { openStore } from '../store/open-store.ts'
import { checkLedger } from './check-ledger.ts'
import { openLedger } from './open-ledger.ts'

const { key, check } = testSeal()
const ada = { memberId: 'ada', outbox: 'one' }
const hello = { lobbyId: 'games', memberId: 'ada', name: 'Ada', role: 'player', text: 'Hello', atMs: 1 } as const
const refusal = (sequence: number) => ({ sequence, code: 'seat-not-held', message: `Cannot do ${sequence}` })

function open(t: TestContext) {
  const file = join(temporaryDirectory(t), 'store.sqlite')
  const clock = new ManualClock()
  const store = openStore(file, clock)
  t.after(() => store.close())
  const ledger = openLedger(store, key)
  /** What somebody does who has the file. */
  const tamper = (statement: string) => {
    using database = new DatabaseSync(file)
    database.exec(statement)
  }
  return { file, clock, store, ledger, tamper, look: () => checkLedger(store.keptLedger(), check) }
}

test('checkLedger finds what was done and said as it was written, whatever was forgotten since', async (t) => {
  const { clock, store, ledger, look } = open(t)
  assert.deepEqual(look(), { entries: 0, first: 0, last: 0, outboxes: 0, texts: 0, uncovered: 0, faults: [] })
  await ledger.said(ada, 1, hello)
  await ledger.done(ada, 2, refusal(2))
  await ledger.said({ ...ada, outbox: 'two' }, 1, { ...hello, lobbyId: 'desk' })
  const { faults, ...counts } = look()
  assert.deepEqual(faults, [])
  assert.deepEqual(counts, { entries: 3, first: 1, last: 3, outboxes: 2, texts: 2, uncovered: 0 })
  for (let sequence = 3; sequence < rememberedRefusals + 10; sequence++)
    await ledger.done(ada, sequence, refusal(sequence))
  for (let sequence = 100; sequence <= rememberedTexts + 200; sequence++) await ledger.said(ada, sequence, hello)
  for (let index = 0; index <= rememberedOutboxes; index++)
    await ledger.done({ memberId: 'bob', outbox: `${index}` }, 1)
  await ledger.forgetTexts('desk')
  assert.deepEqual(look().faults, [])
  clock.advance(31 * 24 * 3600_000)
  await openLedger(store, key).done(ada, 5000)
  assert.deepEqual(look().faults, [])
  assert.equal(look().outboxes, 1)
})

const alterations: readonly (readonly [what: string, statement: string, fault: RegExp])[] = [
  ['a text', `UPDATE lobby_text SET text = 'Bye' WHERE id = 2`, /^text 2: it is not what was said$/],
  ['who said it', `UPDATE lobby_text SET member_id = 'bob' WHERE id = 1`, /^text 1: it is not what was said$/],
  ['a text that is gone', 'DELETE FROM lobby_text WHERE id = 2', /^text 2: it was said, and is gone$/],
  [
    'a text that nobody said',
    `INSERT INTO lobby_text (lobby_id, member_id, name, role, text, said_ms, salt) VALUES ('games', 'ada', 'Ada', 'player', 'Yes', 2, x'00')`,
    /^text 4: no entry tells of it$/,
  ],
  [
    'how far an outbox is',
    `UPDATE outbox SET through = 1`,
    /^outbox "one" of "ada": it is done up to 1, its entries say 4$/,
  ],
  ['a refusal', `UPDATE outbox SET refused = '[]'`, /^outbox "one" of "ada": its refusals are not those/],
  ['an outbox that is gone', 'DELETE FROM outbox', /^outbox "ada one": it was used, and is gone$/],
  [
    'an entry',
    `UPDATE ledger_entry SET entry = json_set(entry, '$.sequence', 9) WHERE number = 2`,
    /^entry 2: it is not what was written/,
  ],
  [
    'an entry that is gone',
    'DELETE FROM ledger_entry WHERE number = 2',
    /^entry 3: what stood behind entry 1 is gone$/,
  ],
  [
    'the last entry',
    'DELETE FROM ledger_entry WHERE number = 4',
    /^outbox "one" of "ada": it is done up to 4, its entries say 3$/,
  ],
]

for (const [what, statement, fault] of alterations) {
  test(`checkLedger finds out who alters ${what}`, async (t) => {
    const { ledger, look, tamper } = open(t)
    for (const sequence of [1, 2, 3]) await ledger.said(ada, sequence, hello)
    await ledger.done(ada, 4, refusal(4))
    assert.deepEqual(look().faults, [])
    tamper(statement)
    assert.match(look().faults[0] ?? '', fault)
  })
}

test('checkLedger takes what was said before entries were sealed for what no entry tells of', async (t) => {
  const { ledger, look, tamper } = open(t)
  tamper(`INSERT INTO outbox VALUES ('bob', 'old', 7, '[]', 1)`)
  tamper(
    `INSERT INTO lobby_text (lobby_id, member_id, name, role, text, said_ms) VALUES ('games', 'bob', 'Bob', 'player', 'Yes', 2)`,
  )
  await ledger.said(ada, 1, hello)
  const { faults, uncovered } = look()
  assert.deepEqual([faults, uncovered], [[], 2])
})
