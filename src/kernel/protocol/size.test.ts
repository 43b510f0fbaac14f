import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileLocal } from '../machine/compile-local.ts'
import { conversation, planConversation } from '../monitor/conversation.ts'
import { compileTable } from '../monitor/monitor-table.ts'
import { dual, sameLocal } from './duality.ts'
import { formatLocal, type LocalType } from './local-type.ts'
import { again, type Body, branch, choice, loop, message } from './notation.ts'
import { protocol } from './protocol.ts'
import { ProtocolError } from './protocol-error.ts'

type Roles = 'a' | 'b' | 'c'
const count = 200
const times = (step: (index: number) => Body<Roles>[number]): Body<Roles> =>
  Array.from({ length: count }, (_, i) => step(i))
const either = () => choice('a', 'b', { yes: branch(), no: branch() })
const spin = (name: string) => loop(name, [choice('a', 'b', { more: branch([again(name)]), out: branch() })])
const toldTwice = () => choice('b', 'c', { yes: branch(), no: branch() })

/** Each doubles with every step when what is shared is walked more than once; then these tests never end. */
const shapes: Readonly<Record<string, Body<Roles>>> = {
  choices: [...times(either), message('a', 'c', 'done')],
  'choices that a third role is told of': times(() =>
    choice('a', 'b', { yes: branch([message('b', 'c', 'y')]), no: branch([message('b', 'c', 'n')]) }),
  ),
  loops: [...times((index) => spin(`x${index}`)), message('a', 'c', 'done')],
  'choices between loops': [
    ...times((index) => choice('a', 'b', { left: branch([spin(`x${index}`)]), right: branch([spin(`y${index}`)]) })),
    message('a', 'c', 'done'),
  ],
  'branches to merge': [choice('a', 'b', { left: branch(times(toldTwice)), right: branch(times(toldTwice)) })],
}

for (const [name, body] of Object.entries(shapes)) {
  test(`two hundred ${name} stay small in every form`, () => {
    const { locals } = protocol(name, ['a', 'b', 'c'], body)
    for (const local of Object.values<LocalType>(locals)) {
      assert.ok(compileTable(local).states <= 4 * count)
      assert.ok(compileLocal(local, 0).length <= 40 * count)
      assert.ok(formatLocal(local).length < 2100)
      assert.ok(sameLocal(dual(dual(local, 'x'), 'y'), dual(dual(local, 'x'), 'y')))
    }
  })
}

test('planConversation names two hundred choices by a fingerprint that sees the last of them', () => {
  const roles = ['a', 'b'] as const
  const planOf = (last: string) => {
    const body: Body<'a' | 'b'> = [
      ...Array.from({ length: count }, () => choice('a', 'b', { yes: branch(), no: branch() })),
      message('a', 'b', last),
    ]
    return planConversation(conversation('long', roles, [protocol('long', roles, body)]), 'a')
  }
  assert.equal(planOf('done').fingerprint, planOf('done').fingerprint)
  assert.notEqual(planOf('done').fingerprint, planOf('over').fingerprint)
})

test('planConversation has another fingerprint for labels that are written alike', () => {
  const roles = ['a', 'b'] as const
  const planOf = (labels: readonly string[]) => {
    const branches = Object.fromEntries(labels.map((label) => [label, branch()]))
    return planConversation(conversation('c', roles, [protocol('p', roles, [choice('a', 'b', branches)])]), 'a')
  }
  assert.notEqual(planOf(['x.end, y']).fingerprint, planOf(['x', 'y']).fingerprint)
})

test('protocol says in few words why two long behaviours do not merge', () => {
  const declare = () =>
    protocol(
      'p',
      ['a', 'b', 'c'],
      [
        choice('a', 'b', {
          left: branch([...times(toldTwice), message('c', 'a', 'x')]),
          right: branch([message('c', 'a', 'x')]),
        }),
      ],
    )
  assert.throws(declare, (error) => error instanceof ProtocolError && error.message.length < 5000)
})
