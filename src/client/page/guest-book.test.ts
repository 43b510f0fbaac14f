import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GuestBook } from './guest-book.ts'
import { newClaim } from './new-claim.ts'

function openBook(text?: string) {
  const items = new Map<string, string>(text === undefined ? [] : [['porchlight.guests', text]])
  const storage = {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  }
  return { book: new GuestBook(storage), again: () => new GuestBook(storage), items }
}

const ada = { invitationId: 'i1', lobbyId: 'games', claim: 'c1', token: 't1' }

test('GuestBook knows a guest again by the invitation, and the latest by the lobby', () => {
  const { book, again } = openBook()
  book.put(ada)
  book.put({ ...ada, invitationId: 'i2', lobbyId: 'work', token: 't2' })
  assert.deepEqual(again().get('i1'), ada)
  assert.equal(again().get('i3'), undefined)
  assert.equal(again().latest('games')?.token, 't1')
  assert.equal(again().latest(undefined)?.token, 't2')
  assert.equal(again().latest('elsewhere'), undefined)
})

test('GuestBook forgets a refused token and keeps the claim', () => {
  const { book, again } = openBook()
  book.put(ada)
  book.forget('t1')
  assert.deepEqual(again().get('i1'), { ...ada, token: undefined })
  assert.equal(again().latest(undefined), undefined)
})

test('GuestBook remembers 32 invitations, the latest', () => {
  const { book } = openBook()
  for (let index = 0; index < 40; index++) book.put({ ...ada, invitationId: `i${index}` })
  assert.equal(book.get('i7'), undefined)
  assert.ok(book.get('i8') && book.get('i39'))
})

test('GuestBook is empty when what is stored makes no sense', () => {
  for (const text of ['', '{', '{}', 'null', '[null,1,{"claim":"c"}]'])
    assert.equal(openBook(text).book.latest(undefined), undefined)
})

test('newClaim is what the API takes, and never the same', () => {
  const claims = Array.from({ length: 100 }, newClaim)
  for (const claim of claims) assert.match(claim, /^[\w-]{43}$/)
  assert.equal(new Set(claims).size, claims.length)
})
