import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { setImmediate as settled } from 'node:timers/promises'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { claim, ResumeTickets, type TokenHash } from './resume-tickets.ts'
import type { Whereabouts } from './whereabouts.ts'

const outside: Whereabouts = { lobbyId: undefined, role: 'owner', seats: [] }
const gone = Promise.resolve()
const inside: Whereabouts = { lobbyId: 'lobby', role: 'player', seats: ['keyboard-mouse'] }

function openTickets() {
  const clock = new ManualClock()
  const tickets = new ResumeTickets({ clock, randomBytes })
  const issue = (id: string, former?: TokenHash) =>
    tickets.issue({ id, memberId: 'olga', former, surrender: async () => outside })
  const redeem = (sessionId: string, token: string, memberId = 'olga') => tickets.redeem({ sessionId, token, memberId })
  return { clock, tickets, issue, redeem }
}

test('ResumeTickets gives a lost session back once, with where it was', () => {
  const { tickets, issue, redeem } = openTickets()
  const token = issue('a')
  tickets.keep('a', inside, gone)
  assert.deepEqual(redeem('a', token)?.ticket, { kind: 'lost', stay: inside, gone })
  assert.equal(redeem('a', token), undefined)
})

test('ResumeTickets refuses another token, session or member, and takes nothing for it', () => {
  const { tickets, issue, redeem } = openTickets()
  const token = issue('a')
  tickets.keep('a', outside, gone)
  assert.equal(redeem('a', `${token}x`), undefined)
  assert.equal(redeem('a', ''), undefined)
  assert.equal(redeem('b', token), undefined)
  assert.equal(redeem('a', token, 'vera'), undefined)
  assert.equal(redeem('a', token)?.ticket.kind, 'lost')
})

test('ResumeTickets is good for a minute after the loss, not after the greeting', () => {
  const { clock, tickets, issue, redeem } = openTickets()
  const token = issue('a')
  clock.advance(3_600_000)
  tickets.keep('a', outside, gone)
  clock.advance(59_999)
  const found = redeem('a', token)
  assert.equal(found?.ticket.kind, 'lost')
  found?.putBack(inside, gone)
  clock.advance(60_000)
  assert.equal(redeem('a', token), undefined)
  assert.equal(tickets.lost, 0)
})

test('ResumeTickets replaces the token of a session at each issue', () => {
  const { issue, redeem } = openTickets()
  const first = issue('a')
  const second = issue('a')
  assert.equal(redeem('a', first), undefined)
  assert.equal(redeem('a', second)?.ticket.kind, 'held')
})

test('ResumeTickets takes the token that was used up until its successor is known to have arrived', () => {
  const { tickets, issue, redeem } = openTickets()
  const first = issue('a')
  tickets.keep('a', inside, gone)
  const second = issue('a', redeem('a', first)?.tokenHash)
  tickets.keep('a', inside, gone)
  const third = issue('a', redeem('a', first)?.tokenHash)
  assert.equal(redeem('a', second), undefined, 'it never arrived, and another one was told')
  tickets.confirm('a')
  assert.equal(redeem('a', first), undefined)
  assert.equal(redeem('a', third)?.ticket.kind, 'held')
})

test('ResumeTickets gives a ticket that was put back to the same token', () => {
  const { issue, redeem } = openTickets()
  const token = issue('a')
  redeem('a', token)?.putBack(inside, gone)
  assert.deepEqual(redeem('a', token)?.ticket, { kind: 'lost', stay: inside, gone })
})

test('ResumeTickets forgets what is dropped, and the oldest of too many', () => {
  const { tickets, issue, redeem } = openTickets()
  const token = issue('a')
  tickets.drop('a')
  tickets.keep('a', outside, gone)
  assert.equal(redeem('a', token), undefined)
  const tokens = Array.from({ length: 1100 }, (_, index) => {
    const one = issue(`s${index}`)
    tickets.keep(`s${index}`, outside, gone)
    return one
  })
  assert.equal(tickets.lost, 1024)
  assert.equal(redeem('s0', tokens[0] ?? ''), undefined)
  assert.equal(redeem('s1099', tokens[1099] ?? '')?.ticket.kind, 'lost')
})

test('claim waits until a session that was lost has ended, so that its id is free', async () => {
  const { tickets, issue, redeem } = openTickets()
  const token = issue('a')
  const ended = Promise.withResolvers<void>()
  tickets.keep('a', inside, ended.promise)
  const redeemed = redeem('a', token)
  assert.ok(redeemed)
  let claimed: unknown
  void claim(redeemed).then((stay) => (claimed = stay))
  await settled()
  assert.equal(claimed, undefined)
  ended.resolve()
  await settled()
  assert.deepEqual(claimed, inside)
})
