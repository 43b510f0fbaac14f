import assert from 'node:assert/strict'
import { test } from 'node:test'
import { again, type Body, branch, choice, forever, loop, message } from '../protocol/notation.ts'
import { protocol } from '../protocol/protocol.ts'
import { subtypeFault } from '../protocol/subtype.ts'
import { conversation } from './conversation.ts'
import { isSubtype } from './conversation-subtype.ts'
import { after, atMost, type Order } from './order.ts'

type Roles = 'client' | 'host'
const roles = ['client', 'host'] as const

const talk = (body: Body<Roles>, orders: readonly Order[] = [], name = 'talk') =>
  conversation('c', roles, [protocol(name, roles, body)], orders)

const asking = (...labels: string[]): Body<Roles> => [
  loop('t', [
    message('client', 'host', 'ask'),
    choice('host', 'client', Object.fromEntries(labels.map((label) => [label, branch([again('t')])]))),
  ] as Body<Roles>),
]

test('isSubtype admits an end that says less and understands more, and names what it would not understand', () => {
  const [two, three] = [talk(asking('yes', 'no')), talk(asking('yes', 'no', 'later'))]
  assert.deepEqual(isSubtype(three, two, 'client'), { isSubtype: true })
  assert.deepEqual(isSubtype(two, three, 'client'), {
    isSubtype: false,
    differences: ['talk: after "ask": it does not know "later", which host may say to it there'],
  })
  assert.deepEqual(isSubtype(two, three, 'host'), { isSubtype: true })
  assert.deepEqual(isSubtype(three, two, 'host'), {
    isSubtype: false,
    differences: ['talk: after "ask": it may say "later" to client, which is not expected there'],
  })
})

test('isSubtype takes a protocol that a version does not have for one in which nothing is said', () => {
  const none = conversation('c', roles, [], [])
  const asked = talk([forever([message('client', 'host', 'ask'), message('host', 'client', 'answer')])])
  const told = talk([forever([message('host', 'client', 'news')])])
  assert.equal(isSubtype(none, asked, 'client').isSubtype, true)
  assert.equal(isSubtype(asked, none, 'client').isSubtype, false)
  assert.equal(isSubtype(told, none, 'client').isSubtype, true)
  assert.deepEqual(isSubtype(none, told, 'client'), {
    isSubtype: false,
    differences: ['talk: it does not know "news", which host may say to it there'],
  })
})

test('isSubtype wants the orders kept that the other end watches', () => {
  const body: Body<Roles> = [forever([choice('client', 'host', { offer: branch(), candidate: branch() })])]
  const free = talk(body)
  const ordered = talk(
    body,
    [after({ client: ['offer'] }, { client: ['candidate'] }), atMost(1, { client: ['gone'] })].slice(0, 1),
  )
  assert.deepEqual(isSubtype(free, ordered, 'client'), {
    isSubtype: false,
    differences: ['it does not keep to this: "candidate" of client only after "offer" of client'],
  })
  assert.deepEqual(isSubtype(ordered, free, 'client'), { isSubtype: true })
  assert.deepEqual(isSubtype(ordered, free, 'host'), {
    isSubtype: false,
    differences: ['it expects what is not kept to any more: "candidate" of client only after "offer" of client'],
  })
  const silent = talk([forever([message('client', 'host', 'offer')])])
  assert.deepEqual(isSubtype(silent, ordered, 'client'), { isSubtype: true })
})

test('isSubtype refuses a role that is not there', () => {
  const none = conversation('c', roles, [], [])
  assert.throws(() => isSubtype(none, none, 'clerk'), RangeError)
})

test('subtypeFault goes round loops that are unrolled differently', () => {
  const once = protocol('p', roles, [loop('x', [message('client', 'host', 'tick'), again('x')])])
  const twice = protocol('p', roles, [
    loop('y', [message('client', 'host', 'tick'), message('client', 'host', 'tick'), again('y')]),
  ])
  assert.equal(subtypeFault(once.locals.client, twice.locals.client), undefined)
  assert.equal(subtypeFault(twice.locals.host, once.locals.host), undefined)
  const thrice = protocol('p', roles, [
    message('client', 'host', 'tick'),
    loop('y', [
      message('client', 'host', 'tick'),
      choice('client', 'host', { tick: branch([again('y')]), tock: branch() }),
    ]),
  ])
  assert.equal(subtypeFault(once.locals.client, thrice.locals.client), undefined)
  assert.match(subtypeFault(thrice.locals.client, once.locals.client) ?? '', /^after "tick", "tick": it may say "tock"/)
})
