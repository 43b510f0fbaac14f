import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as v from 'valibot'
import { dual, sameLocal } from './duality.ts'
import { formatLocal } from './local-type.ts'
import { again, type Body, branch, choice, loop, message } from './notation.ts'
import { ProtocolError } from './protocol-error.ts'
import { protocol } from './protocol.ts'
import { findFault, nothing, unchecked } from './schema.ts'

const price = v.number()

const twoBuyers = protocol(
  'two buyers',
  ['alice', 'bob', 'seller'],
  [
    message('alice', 'seller', 'title', v.string()),
    message('seller', 'alice', 'quote', price),
    message('seller', 'bob', 'quote', price),
    message('alice', 'bob', 'share', price),
    choice('bob', 'seller', {
      accept: branch(v.string(), [message('seller', 'bob', 'date', v.string())]),
      quit: branch(),
    }),
  ],
)

test('protocol projects each role when two buyers share a purchase', () => {
  assert.equal(formatLocal(twoBuyers.locals.alice), '!seller{title.?seller{quote.!bob{share.end}}}')
  assert.equal(
    formatLocal(twoBuyers.locals.bob),
    '?seller{quote.?alice{share.!seller{accept.?seller{date.end}, quit.end}}}',
  )
  assert.equal(
    formatLocal(twoBuyers.locals.seller),
    '?alice{title.!alice{quote.!bob{quote.?bob{accept.!bob{date.end}, quit.end}}}}',
  )
})

test('protocol merges what a third role receives when both branches tell it', () => {
  const p = protocol(
    'told',
    ['a', 'b', 'c'],
    [
      choice('a', 'b', {
        left: branch([message('b', 'c', 'left')]),
        right: branch([message('b', 'c', 'right')]),
      }),
    ],
  )
  assert.equal(formatLocal(p.locals.c), '?b{left.end, right.end}')
})

test('protocol resolves an outer loop from inside an inner one', () => {
  const p = protocol(
    'nested',
    ['a', 'b'],
    [
      loop('outer', [
        message('a', 'b', 'begin'),
        loop('inner', [
          choice('a', 'b', { more: branch([again('inner')]), next: branch([again('outer')]), done: branch() }),
        ]),
        message('b', 'a', 'thanks'),
      ]),
    ],
  )
  assert.equal(formatLocal(p.locals.a), 'μouter.!b{begin.μinner.!b{more.inner, next.outer, done.?b{thanks.end}}}')
})

test('protocol lets a bystander of a loop wait for what comes behind it', () => {
  const p = protocol(
    'haggle',
    ['buyer', 'seller', 'shipper'],
    [
      loop('haggle', [
        message('seller', 'buyer', 'price', price),
        choice('buyer', 'seller', {
          counter: branch(price, [again('haggle')]),
          accept: branch([message('seller', 'shipper', 'order', v.string())]),
        }),
      ]),
    ],
  )
  assert.equal(formatLocal(p.locals.shipper), '?seller{order.end}')
})

test('protocol gives two roles dual types', () => {
  const p = protocol(
    'ping',
    ['client', 'host'],
    [
      loop('alive', [
        message('client', 'host', 'ping', price),
        message('host', 'client', 'pong', price),
        again('alive'),
      ]),
    ],
  )
  assert.ok(sameLocal(dual(p.locals.client, 'client'), p.locals.host))
  assert.ok(!sameLocal(p.locals.client, p.locals.host))
})

test('sameLocal looks through unfolding and the names of loops', () => {
  const once = protocol('once', ['a', 'b'], [loop('x', [message('a', 'b', 'tick'), again('x')])])
  const twice = protocol(
    'twice',
    ['a', 'b'],
    [loop('y', [message('a', 'b', 'tick'), message('a', 'b', 'tick'), again('y')])],
  )
  assert.ok(sameLocal(once.locals.a, twice.locals.a))
})

const either = () => choice('a', 'b', { yes: branch(), no: branch() })

test('protocol stays small when many choices follow one another', () => {
  const p = protocol('many', ['a', 'b', 'c'], [
    ...Array.from({ length: 200 }, either),
    message('a', 'c', 'done'),
  ] as Body<'a' | 'b' | 'c'>)
  assert.equal(formatLocal(p.locals.c), '?a{done.end}')
})

const refused: [code: ProtocolError['code'], place: string, declare: () => unknown][] = [
  ['duplicate-role', 'p: role "a"', () => protocol('p', ['a', 'b', 'a'], [message('a', 'b', 'x')])],
  ['too-few-roles', 'p: ', () => protocol('p', ['a'], [])],
  ['idle-role', 'p: role "c"', () => protocol('p', ['a', 'b', 'c'], [message('a', 'b', 'x')])],
  [
    'unknown-role',
    'p / a->z:x',
    () => protocol('p', ['a', 'b'], [message('a', 'z', 'x')] as unknown as Body<'a' | 'b'>),
  ],
  ['self-message', 'p / a->a:x', () => protocol('p', ['a', 'b'], [message('a', 'a', 'x')])],
  ['empty-choice', 'p / a->b', () => protocol('p', ['a', 'b'], [choice('a', 'b', {})])],
  ['unbound-loop', 'p / again x', () => protocol('p', ['a', 'b'], [message('a', 'b', 'm'), again('x')])],
  ['unbound-loop', 'p / again x', () => protocol('p', ['a', 'b'], [loop('x', [message('a', 'b', 'm')]), again('x')])],
  ['unguarded-loop', 'p / loop x / again x', () => protocol('p', ['a', 'b'], [loop('x', [again('x')])])],
  [
    'unguarded-loop',
    'p / loop x / loop y / again x',
    () => protocol('p', ['a', 'b'], [loop('x', [loop('y', [again('x')])])]),
  ],
  [
    'shadowed-loop',
    'p / loop x / loop x',
    () => protocol('p', ['a', 'b'], [loop('x', [message('a', 'b', 'm'), loop('x', [again('x')])])]),
  ],
  [
    'unreachable',
    'p / a->b:late',
    () => protocol('p', ['a', 'b'], [loop('x', [message('a', 'b', 'm'), again('x')]), message('a', 'b', 'late')]),
  ],
  [
    'unmergeable',
    'p / a->b: role "c"',
    () =>
      protocol(
        'p',
        ['a', 'b', 'c'],
        [choice('a', 'b', { left: branch([message('c', 'a', 'one')]), right: branch([message('c', 'a', 'two')]) })],
      ),
  ],
  [
    'unmergeable',
    'p / a->b: role "c"',
    () =>
      protocol('p', ['a', 'b', 'c'], [choice('a', 'b', { left: branch([message('b', 'c', 'go')]), right: branch() })]),
  ],
]

for (const [code, place, declare] of refused) {
  test(`protocol refuses with ${code} at ${place}`, () => {
    assert.throws(declare, (error) => {
      assert.ok(error instanceof ProtocolError)
      assert.equal(error.code, code)
      assert.ok(error.message.startsWith(place), error.message)
      return true
    })
  })
}

test('findFault names the path when a payload does not fit, and refuses a schema that answers later', () => {
  const schema = v.object({ size: v.object({ width: v.number() }) })
  assert.equal(findFault(schema, { size: { width: 1 } }), undefined)
  assert.match(findFault(schema, { size: { width: 'a' } }) ?? '', /^size\.width: /)
  assert.equal(findFault(nothing, undefined), undefined)
  assert.notEqual(findFault(nothing, 1), undefined)
  assert.equal(findFault(unchecked<string>(), 1), undefined)
  const later = v.pipeAsync(
    v.string(),
    v.checkAsync(async () => true),
  )
  assert.throws(() => findFault(later, 'x'), ProtocolError)
})

test('protocol lets a bystander of two loops wait, whichever of them begins again first', () => {
  const declare = (branches: Record<string, ReturnType<typeof branch>>) =>
    protocol(
      'nested',
      ['a', 'b', 'c'],
      [
        loop('outer', [
          choice('a', 'b', {
            go: branch([loop('inner', [message('a', 'b', 'm'), choice('a', 'b', branches)])]),
            done: branch([message('b', 'c', 'x')]),
          }),
        ]),
      ],
    )
  const inner = branch([again('inner')]) as unknown as ReturnType<typeof branch>
  const outer = branch([again('outer')]) as unknown as ReturnType<typeof branch>
  for (const branches of [
    { inner, outer },
    { outer, inner },
  ]) {
    assert.equal(formatLocal(declare(branches).locals.c), '?b{x.end}')
  }
})

test('protocol keeps loops apart whose names run together', () => {
  const p = protocol(
    'spaces',
    ['a', 'b', 'c'],
    [
      loop('x', [
        loop('y', [
          choice('a', 'b', {
            one: branch([again('y')]),
            two: branch([
              loop('x y', [choice('a', 'b', { three: branch([again('x y')]), four: branch([again('x')]) })]),
            ]),
            five: branch([message('b', 'c', 'end')]),
          }),
        ]),
      ]),
    ],
  )
  assert.equal(formatLocal(p.locals.c), '?b{end.end}')
})
