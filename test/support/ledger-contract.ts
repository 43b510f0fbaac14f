import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rememberedOutboxes, rememberedRefusals, rememberedTexts, type Ledger } from '../../src/host/contract/ledger.ts'

const key = { memberId: 'ada', outbox: 'one' }
const hello = { lobbyId: 'games', memberId: 'ada', name: 'Ada', role: 'player', text: 'Hello', atMs: 1 } as const
const refusal = (sequence: number) => ({ sequence, code: 'seat-not-held', message: `Cannot do ${sequence}` })

/** What every ledger does. `open` gives an empty one. */
export function ledgerContract(name: string, open: () => Ledger): void {
  test(`${name} knows nothing of an outbox that was never used`, async () => {
    assert.deepEqual(await open().handled(key), { through: 0, refused: [] })
  })

  test(`${name} remembers how far each outbox of each member is done`, async () => {
    const ledger = open()
    await ledger.done(key, 1)
    await ledger.done(key, 2, refusal(2))
    await ledger.done({ ...key, outbox: 'two' }, 7)
    assert.deepEqual(await ledger.handled(key), { through: 2, refused: [refusal(2)] })
    assert.deepEqual(await ledger.handled({ ...key, outbox: 'two' }), { through: 7, refused: [] })
    assert.equal((await ledger.handled({ ...key, memberId: 'bob' })).through, 0)
  })

  test(`${name} remembers the latest refusals`, async () => {
    const ledger = open()
    for (let sequence = 1; sequence <= rememberedRefusals + 5; sequence++)
      await ledger.done(key, sequence, refusal(sequence))
    const { through, refused } = await ledger.handled(key)
    assert.equal(through, rememberedRefusals + 5)
    assert.equal(refused.length, rememberedRefusals)
    assert.deepEqual(refused.at(-1), refusal(through))
  })

  test(`${name} gives way to new outboxes of a member, and keeps those of others`, async () => {
    const ledger = open()
    await ledger.done({ memberId: 'bob', outbox: 'one' }, 1)
    for (let index = 0; index <= rememberedOutboxes; index++)
      await ledger.done({ memberId: 'ada', outbox: `${index}` }, 1)
    const known = await Promise.all(
      Array.from({ length: rememberedOutboxes + 1 }, (_, index) =>
        ledger.handled({ memberId: 'ada', outbox: `${index}` }),
      ),
    )
    assert.equal(known.filter(({ through }) => through === 1).length, rememberedOutboxes)
    assert.equal((await ledger.handled({ memberId: 'bob', outbox: 'one' })).through, 1)
  })

  test(`${name} keeps what was said in each lobby, in order, and what said it is done`, async () => {
    const ledger = open()
    const first = await ledger.said(key, 1, hello)
    const elsewhere = await ledger.said(key, 2, { ...hello, lobbyId: 'desk' })
    const second = await ledger.said(key, 3, { ...hello, text: 'Wörld \u{1f3ae}\n', atMs: 2 })
    assert.ok(first < elsewhere && elsewhere < second)
    assert.equal((await ledger.handled(key)).through, 3)
    const { lobbyId: _, ...text } = hello
    assert.deepEqual(await ledger.texts('games', 10), [
      { ...text, id: first },
      { ...text, id: second, text: 'Wörld \u{1f3ae}\n', atMs: 2 },
    ])
    assert.deepEqual(
      (await ledger.texts('games', 1)).map(({ id }) => id),
      [second],
    )
    assert.deepEqual(await ledger.texts('nowhere', 10), [])
  })

  test(`${name} forgets the texts of one lobby, and never uses an id twice`, async () => {
    const ledger = open()
    await ledger.said(key, 1, { ...hello, lobbyId: 'desk' })
    const last = await ledger.said(key, 2, hello)
    await ledger.forgetTexts('games')
    await ledger.forgetTexts('nowhere')
    assert.deepEqual(await ledger.texts('games', 10), [])
    assert.equal((await ledger.texts('desk', 10)).length, 1)
    assert.ok((await ledger.said(key, 3, hello)) > last)
  })

  test(`${name} does not keep more texts of a lobby than it should`, async () => {
    const ledger = open()
    for (let sequence = 1; sequence <= rememberedTexts + 200; sequence++) await ledger.said(key, sequence, hello)
    assert.equal((await ledger.texts('games', 10_000)).length, rememberedTexts)
  })
}
