import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as v from 'valibot'
import { compileLocal } from '../machine/compile-local.ts'
import { compileTable } from '../monitor/monitor-table.ts'
import { edgesOf } from '../session/edge.ts'
import { dual, sameLocal } from './duality.ts'
import { formatLocal, type LocalType } from './local-type.ts'
import { again, type Body, branch, choice, loop, message } from './notation.ts'
import { protocol } from './protocol.ts'
import { ProtocolError } from './protocol-error.ts'

const roles = ['buyer', 'seller', 'shipper'] as const
const refused = (declare: () => unknown): ProtocolError => {
  try {
    declare()
  } catch (error) {
    if (error instanceof ProtocolError) return error
    throw error
  }
  throw new Error('It was accepted')
}

test('a role may not act on a choice that it is never told of, in a loop as without one', () => {
  const error = refused(() =>
    protocol('shop', roles, [
      loop('shop', [
        choice('buyer', 'seller', {
          look: branch([again('shop')]),
          pay: branch([message('shipper', 'buyer', 'deliver')]),
        }),
      ]),
    ]),
  )
  assert.equal(error.code, 'unmergeable')
  assert.ok(error.message.startsWith('shop / loop shop / buyer->seller: role "shipper"'), error.message)
  assert.deepEqual(error.witness, { role: 'shipper', runs: [['buyer->seller:pay'], []], again: ['buyer->seller:look'] })
})

test('a role that is at its end or waits may be left out of branches that only loop', () => {
  const told = protocol('told', roles, [
    loop('shop', [
      choice('buyer', 'seller', {
        look: branch([again('shop')]),
        pay: branch([message('seller', 'shipper', 'order')]),
      }),
    ]),
  ])
  assert.equal(formatLocal(told.locals.shipper), '?seller{order.end}')
  const over = protocol('over', roles, [
    message('buyer', 'shipper', 'hello'),
    loop('shop', [choice('buyer', 'seller', { look: branch([again('shop')]), stop: branch() })]),
  ])
  assert.equal(formatLocal(over.locals.shipper), '?buyer{hello.end}')
})

test('a role that waits for what may never come is told so, where the others can go on for ever without it', () => {
  const error = refused(() =>
    protocol('p', roles, [
      choice('buyer', 'seller', {
        ship: branch([message('seller', 'shipper', 'order')]),
        talk: branch([loop('talk', [message('buyer', 'seller', 'word'), again('talk')])]),
      }),
    ]),
  )
  assert.match(error.message, /^p \/ buyer->seller: role "shipper" .* receive "order" from seller or be at its end/)
})

const stream = (name: string) => loop(name, [message('seller', 'shipper', 'item'), again(name)])

test('loops that are the same but for their names or how far they are unrolled are the same', () => {
  const named = protocol('named', roles, [
    choice('buyer', 'seller', { fast: branch([stream('one')]), slow: branch([stream('two')]) }),
  ])
  assert.equal(formatLocal(named.locals.shipper), 'μone.?seller{item.one}')
  const unrolled = protocol('unrolled', roles, [
    choice('buyer', 'seller', {
      many: branch([loop('l', [choice('seller', 'shipper', { item: branch([again('l')]), done: branch() })])]),
      none: branch([message('seller', 'shipper', 'done')]),
    }),
  ])
  assert.equal(formatLocal(unrolled.locals.shipper), '?seller{item.μl.?seller{item.l, done.end}, done.end}')
})

test('a schema that is written twice is named as the reason', () => {
  const error = refused(() =>
    protocol('p', roles, [
      choice('buyer', 'seller', {
        yes: branch([message('seller', 'shipper', 'x', v.string())]),
        no: branch([message('seller', 'shipper', 'x', v.string())]),
      }),
    ]),
  )
  assert.match(error.message, /"x" would carry two different payloads: declare its schema once/)
})

test('thousands of steps in a row overflow nothing', () => {
  const steps = 5000
  const long: Body<'a' | 'b' | 'c'> = Array.from({ length: steps }, (_, index) =>
    index % 2 === 0 ? message('a', 'b', `m${index}`) : message('b', 'c', `m${index}`),
  )
  const { locals } = protocol('long', ['a', 'b', 'c'], [choice('c', 'a', { yes: branch(), no: branch() }), ...long])
  for (const [role, local] of Object.entries<LocalType>(locals)) {
    assert.ok(formatLocal(local).length < 2100)
    assert.ok(edgesOf(role, local).size > 0)
    assert.ok(compileLocal(local, 0).length > steps / 2)
    assert.ok(sameLocal(local, local) && !sameLocal(local, dual(local, 'x')))
  }
  assert.equal(compileTable(locals.a).states, steps / 2 + 2)
})

const unsound = (value: unknown) => value as Body<'a' | 'b'>
const symbol = Symbol('secret')
const malformed: [what: string, code: ProtocolError['code'], message: RegExp, declare: () => unknown][] = [
  [
    'a symbol as label',
    'malformed-step',
    /^p \/ a->b:ok: .*Symbol\(secret\)/,
    () => protocol('p', ['a', 'b'], [choice('a', 'b', { [symbol]: branch(), ok: branch() })]),
  ],
  [
    '__proto__ in a literal',
    'malformed-step',
    /^p \/ a->b:ok: .*\['__proto__'\]/,
    () => protocol('p', ['a', 'b'], [choice('a', 'b', { __proto__: branch(), ok: branch() })]),
  ],
  [
    'a label that is not listed',
    'malformed-step',
    /"hidden" is not enumerable/,
    () =>
      protocol(
        'p',
        ['a', 'b'],
        [choice('a', 'b', Object.defineProperty({ ok: branch() }, 'hidden', { value: branch() }))],
      ),
  ],
  [
    'a branch without branch()',
    'malformed-step',
    /^p \/ a->b:x \/ x: a branch is written branch/,
    () => protocol('p', ['a', 'b'], unsound([choice('a', 'b', { x: [message('a', 'b', 'y')] as never })])),
  ],
  [
    'a step without its array',
    'malformed-step',
    /^p: a body is an array/,
    () => protocol('p', ['a', 'b'], unsound(message('a', 'b', 'y'))),
  ],
  [
    'an array too many',
    'malformed-step',
    /^p \/ step 1: .*inner brackets/,
    () => protocol('p', ['a', 'b'], unsound([[message('a', 'b', 'y')]])),
  ],
  [
    'nothing for a step',
    'malformed-step',
    /^p \/ step 2: .*undefined/,
    () => protocol('p', ['a', 'b'], unsound([message('a', 'b', 'y'), undefined])),
  ],
  [
    'a payload of null',
    'malformed-payload',
    /^p \/ a->b:y \/ y: .*null/,
    () => protocol('p', ['a', 'b'], [choice('a', 'b', { y: { payload: null as never, body: [] } })]),
  ],
  [
    'a payload that is a constructor',
    'malformed-payload',
    /the function Number/,
    () => protocol('p', ['a', 'b'], [message('a', 'b', 'y', Number as never)]),
  ],
  ['roles that are no text', 'malformed-role', /^p: /, () => protocol('p', ['a', 7] as never, [])],
]

for (const [what, code, text, declare] of malformed) {
  test(`protocol refuses ${what} with its place`, () => {
    const error = refused(declare)
    assert.equal(error.code, code)
    assert.match(error.message, text)
  })
}

test('protocol refuses loops and branches nested deeper than anybody writes', () => {
  let body: Body<'a' | 'b'> = [message('a', 'b', 'm')]
  for (let depth = 0; depth < 5000; depth++) body = [choice('a', 'b', { deeper: branch(body) })]
  assert.equal(refused(() => protocol('p', ['a', 'b'], body)).code, 'too-deep')
})
