import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import * as v from 'valibot'
import { randomProtocol } from '../../../test/support/random-protocol.ts'
import { again, branch, choice, loop, message } from '../protocol/notation.ts'
import { type Protocol, protocol } from '../protocol/protocol.ts'
import { Monitor, planMonitor } from './monitor.ts'
import { ProtocolViolation } from './protocol-violation.ts'

const haggle = protocol(
  'haggle',
  ['buyer', 'seller'],
  [
    message('buyer', 'seller', 'title', v.string()),
    loop('haggle', [
      message('seller', 'buyer', 'price', v.number()),
      choice('buyer', 'seller', { counter: branch(v.number(), [again('haggle')]), accept: branch() }),
    ]),
  ],
)

const violation = (code: ProtocolViolation['code'], expected: string[]) => (error: unknown) => {
  assert.ok(error instanceof ProtocolViolation)
  assert.equal(error.code, code)
  assert.deepEqual(
    error.expected.map((allowed) => `${allowed.direction} ${allowed.label}`),
    expected,
  )
  return true
}

test('Monitor follows a conversation through its loop to its end', () => {
  const seller = new Monitor(planMonitor(haggle, 'seller'))
  seller.received('buyer', 'title', 'Dune')
  for (const price of [9, 8, 7]) {
    seller.sent('buyer', 'price', price)
    if (price > 7) seller.received('buyer', 'counter', price - 1)
  }
  assert.equal(seller.ended, false)
  seller.received('buyer', 'accept')
  assert.equal(seller.ended, true)
})

test('Monitor says what was expected when another message comes', () => {
  const seller = new Monitor(planMonitor(haggle, 'seller'))
  assert.throws(() => seller.received('buyer', 'counter', 1), violation('unexpected-message', ['received title']))
  assert.throws(() => seller.received('buyer', 'title', 'late'), violation('already-violated', []))
})

test('Monitor refuses the right label in the wrong direction, from a stranger or unheard of', () => {
  const plan = planMonitor(haggle, 'seller')
  assert.throws(() => new Monitor(plan).sent('buyer', 'title'), violation('unknown-label', ['received title']))
  assert.throws(() => new Monitor(plan).received('thief', 'title'), violation('unknown-label', ['received title']))
  assert.throws(() => new Monitor(plan).received('buyer', '__proto__'), violation('unknown-label', ['received title']))
})

test('Monitor refuses a payload that its schema refuses', () => {
  const seller = new Monitor(planMonitor(haggle, 'seller'))
  assert.throws(() => seller.received('buyer', 'title', 42), violation('invalid-payload', ['received title']))
})

test('planMonitor refuses a role that the protocol does not have', () => {
  assert.throws(() => planMonitor(haggle, 'thief'), RangeError)
})

interface Said {
  readonly from: string
  readonly to: string
  readonly label: string
}

/** One run of a global type, `pick` deciding each choice; loops end after a while because the run is cut. */
function runOf(source: Protocol, pick: (below: number) => number, limit: number): Said[] {
  const said: Said[] = []
  const loops = new Map<string, Protocol['global']>()
  let at = source.global
  while (said.length < limit) {
    if (at.kind === 'end') break
    if (at.kind === 'mu') {
      loops.set(at.name, at)
      at = at.body
    } else if (at.kind === 'var') {
      at = loops.get(at.name) as Protocol['global']
    } else {
      const taken = at.branches[pick(at.branches.length)] as (typeof at.branches)[number]
      said.push({ from: at.from, to: at.to, label: taken.label })
      at = taken.next
    }
  }
  return said
}

function watch(source: Protocol, said: readonly Said[]): { faultAt: number | undefined } {
  const monitors = new Map(source.roles.map((role) => [role, new Monitor(planMonitor(source, role))]))
  for (const [index, { from, to, label }] of said.entries()) {
    try {
      monitors.get(from)?.sent(to, label)
      monitors.get(to)?.received(from, label)
    } catch (error) {
      assert.ok(error instanceof ProtocolViolation)
      return { faultAt: index }
    }
  }
  return { faultAt: undefined }
}

test('Monitor accepts every run of every protocol at every role', () => {
  fc.assert(
    fc.property(randomProtocol(), fc.infiniteStream(fc.nat(1000)), (source, numbers) => {
      const said = runOf(source, (below) => (numbers.next().value as number) % below, 60)
      assert.deepEqual(watch(source, said), { faultAt: undefined })
    }),
  )
})

test('Monitor catches a mutation of a run at the first message that no run could have', () => {
  fc.assert(
    fc.property(randomProtocol(), fc.infiniteStream(fc.nat(1000)), fc.nat(), (source, numbers, where) => {
      const said = runOf(source, (below) => (numbers.next().value as number) % below, 40)
      const at = where % said.length
      const original = said[at] as Said
      const mutated = [...said]
      mutated[at] = { ...original, label: `${original.label}?` }
      assert.deepEqual(watch(source, mutated), { faultAt: at })
      mutated[at] = { ...original, from: original.to, to: original.from }
      assert.deepEqual(watch(source, mutated), { faultAt: at })
    }),
  )
})
