import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as v from 'valibot'
import { ManualClock } from '../manual-clock.ts'
import { SessionStore } from '../session/session-store.ts'
import { openTyped, type TypedEndpoints } from '../session/typed-endpoint.ts'
import { again, branch, choice, loop, message } from './notation.ts'
import { type Protocol, protocol } from './protocol.ts'

type EndsOf<P> = P extends Protocol<infer Roles, infer B> ? TypedEndpoints<Roles, B> : never

const nested = protocol(
  'nested',
  ['a', 'b'],
  [
    loop('outer', [
      message('a', 'b', 'begin', v.string()),
      loop('inner', [
        choice('a', 'b', {
          more: branch(v.number(), [again('inner')]),
          next: branch([again('outer')]),
          done: branch([message('b', 'a', 'thanks', v.boolean())]),
        }),
      ]),
    ]),
  ],
)

const told = protocol(
  'told',
  ['planner', 'builder', 'clerk'],
  [
    loop('jobs', [
      choice('planner', 'builder', {
        build: branch(v.string(), [message('builder', 'clerk', 'built', v.number()), again('jobs')]),
        rest: branch([again('jobs')]),
        stop: branch([message('builder', 'clerk', 'closing'), message('clerk', 'planner', 'report', v.string())]),
      }),
    ]),
  ],
)

const twins = protocol(
  'twins',
  ['a', 'b'],
  [
    loop('x', [choice('a', 'b', { one: branch([again('x')]), on: branch() })]),
    loop('x', [choice('b', 'a', { two: branch([again('x')]), off: branch() })]),
  ],
)

const store = () => new SessionStore({ clock: new ManualClock() })

test('the types follow a jump out of an inner loop to the outer one', async () => {
  const { a, b } = openTyped(store(), nested)
  const inner = await (await (await a.send('begin', 'x')).send('more', 1)).send('more', 2)
  const outer = await (await inner.send('next')).send('begin', 'y')
  const thanked = await outer.send('done')
  let at = await (await b.receive()).endpoint.receive()
  for (; at.label !== 'done';)
    at = at.label === 'more' ? await at.endpoint.receive() : await (await at.endpoint.receive()).endpoint.receive()
  await at.endpoint.send('thanks', true)
  const { label, payload, endpoint } = await thanked.receive()
  assert.deepEqual([label satisfies 'thanks', payload satisfies boolean], ['thanks', true])
  await endpoint.close()
})

test('the types let a third role tell branches apart by what it is told, and wait through those that do not tell it', async () => {
  const { planner, builder, clerk } = openTyped(store(), told)
  const rested = await (await planner.send('rest')).send('build', 'shed')
  const reported = (await rested.send('stop')).receive()
  const building = async () => {
    let at = await builder.receive()
    for (; at.label !== 'stop';) {
      at =
        at.label === 'rest'
          ? await at.endpoint.receive()
          : await (await at.endpoint.send('built', at.payload.length)).receive()
    }
    return at.endpoint.send('closing')
  }
  const filing = async () => {
    let sum = 0
    let at = await clerk.receive()
    for (; at.label === 'built'; at = await at.endpoint.receive()) sum += at.payload satisfies number
    return at.endpoint.send('report', `${sum}`)
  }
  await Promise.all([building(), filing()])
  assert.equal((await reported).payload, '4')
})

test('the types keep loops of one name apart when one follows the other', async () => {
  const { a, b } = openTyped(store(), twins)
  const listening = await (await a.send('one')).send('on')
  const first = await b.receive()
  assert.ok(first.label === 'one')
  const second = await first.endpoint.receive()
  assert.ok(second.label === 'on')
  await (await second.endpoint.send('two')).send('off')
  assert.equal((await listening.receive()).label, 'two')
})

/** Never run: what the compiler must refuse. */
export async function refused(
  n: EndsOf<typeof nested>,
  t: EndsOf<typeof told>,
  w: EndsOf<typeof twins>,
): Promise<void> {
  // Nested loops.
  const inner = await n.a.send('begin', 'x')
  // @ts-expect-error inside the inner loop the outer one does not begin
  await inner.send('begin', 'x')
  // @ts-expect-error more carries a number
  await inner.send('more', 'x')
  // @ts-expect-error next carries nothing
  await inner.send('next', 1)
  const outer = await inner.send('next')
  // @ts-expect-error the outer loop begins with begin
  await outer.send('more', 1)
  const last = await inner.send('done')
  // @ts-expect-error the loops are over, and a listens
  await last.send('more', 1)
  const over = await last.receive()
  // @ts-expect-error nothing more is to be said
  await over.endpoint.receive()
  // @ts-expect-error the session is closed at its end only
  await inner.close()
  // Choices as their receiver sees them.
  const heard = await (await n.b.receive()).endpoint.receive()
  // @ts-expect-error the payload depends on the label
  const number: number = heard.payload
  // @ts-expect-error there is no such label here
  if (heard.label === 'begin') return
  // @ts-expect-error only after done is it b's turn
  await heard.endpoint.send('thanks', true)
  // Three roles.
  // @ts-expect-error the clerk is told by the builder, it does not begin
  await t.clerk.send('report', 'x')
  const filed = await t.clerk.receive()
  // @ts-expect-error after built the clerk listens again
  await filed.endpoint.send('report', 'x')
  if (filed.label === 'closing') {
    // @ts-expect-error a report is a string
    await filed.endpoint.send('report', number)
    // @ts-expect-error the clerk never hears of the planner's labels
  } else if (filed.label === 'rest') return
  // @ts-expect-error the planner does not talk to the clerk
  await t.planner.send('built', 1)
  // Loops of one name.
  // @ts-expect-error the first loop has other labels
  await w.a.send('two')
}
