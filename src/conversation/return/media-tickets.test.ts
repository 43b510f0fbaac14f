import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { MediaTickets } from './media-tickets.ts'

test('a ticket is good once, for a short time, and not after it was taken back', () => {
  const clock = new ManualClock()
  const tickets = new MediaTickets<string>({ clock, randomBytes })
  const first = tickets.issue('first')
  const second = tickets.issue('second')
  assert.notEqual(first.ticket, second.ticket)
  assert.equal(tickets.redeem('guessed'), undefined)
  assert.equal(tickets.redeem(first.ticket), 'first')
  assert.equal(tickets.redeem(first.ticket), undefined)
  second.takeBack()
  assert.equal(tickets.redeem(second.ticket), undefined)
  const third = tickets.issue('third')
  clock.advance(10_000)
  assert.equal(tickets.size, 0, 'nothing is kept for those who never come')
  assert.equal(tickets.redeem(third.ticket), undefined)
})
