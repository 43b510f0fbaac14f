import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BufferConfig } from '../bounded-buffer.ts'
import { ManualClock } from '../manual-clock.ts'
import { endType, type LocalType } from '../protocol/local-type.ts'
import { nothing, type Schema } from '../protocol/schema.ts'
import { passThrough } from './edge.ts'
import { SessionError } from './contract/session-error.ts'
import { SessionStore } from './session-store.ts'

const sends = (label: string, next: LocalType = endType, payload: Schema<unknown> = nothing): LocalType => ({
  kind: 'send',
  to: 'b',
  branches: [{ label, payload, next }],
})
const receives = (label: string, next: LocalType = endType): LocalType => ({
  kind: 'receive',
  from: 'a',
  branches: [{ label, payload: nothing, next }],
})
const unsound = (value: unknown) => value as LocalType

function open(a: LocalType, b: LocalType, buffer?: BufferConfig) {
  const store = new SessionStore({ clock: new ManualClock() })
  return {
    store,
    open: () =>
      store.open({
        protocol: 'p',
        roles: ['a', 'b'],
        localTypes: [a, b],
        owners: ['a', 'b'],
        handlers: new Map([['a->b', passThrough]]),
        ...(buffer && { buffers: new Map([['a->b', buffer]]) }),
      }),
  }
}

const malformed: [what: string, message: RegExp, a: LocalType, b: LocalType][] = [
  [
    'two branches of one label',
    /a \/ !b: there are two branches "m"/,
    { kind: 'send', to: 'b', branches: [...branchesOf(sends('m')), ...branchesOf(sends('m', sends('n')))] },
    receives('m'),
  ],
  ['a name that no loop binds', /a: it begins loop "x" again/, sends('m', { kind: 'var', name: 'x' }), receives('m')],
  [
    'a loop that says nothing',
    /begins again before anything is said/,
    { kind: 'mu', name: 'x', body: { kind: 'var', name: 'x' } },
    receives('m'),
  ],
  [
    'a payload without a schema',
    /a \/ !b \/ m: its payload/,
    sends('m', endType, unsound(null) as never),
    receives('m'),
  ],
  ['nothing to choose from', /b \/ \?a: there is nothing/, sends('m'), { kind: 'receive', from: 'a', branches: [] }],
  [
    'a kind that there is not',
    /b \/ \?a \/ m: there is no kind of type "loop"/,
    sends('m'),
    receives('m', unsound({ kind: 'loop' })),
  ],
  ['no type at all', /a \/ !b \/ m: there is no type, but null/, sends('m', unsound(null)), receives('m')],
]

function branchesOf(local: LocalType) {
  return local.kind === 'send' ? local.branches : []
}

for (const [what, message, a, b] of malformed) {
  test(`SessionStore.open refuses a type with ${what}, with its place`, () => {
    const { store, open: opening } = open(a, b)
    assert.throws(opening, (error) => {
      assert.ok(error instanceof SessionError && error.code === 'malformed-type', String(error))
      assert.match(error.message, message)
      return true
    })
    assert.equal(store.size, 0)
  })
}

test('SessionStore.open refuses a buffer that cannot be, with its edge', () => {
  const buffers = [
    { mode: 'fifo', capacity: Number.NaN, policy: 'block' },
    { mode: 'fifo', capacity: 2, policy: { resize: { maxCapacity: 1 } } },
    { mode: 'lifo', capacity: 1, policy: 'block' },
    { mode: 'fifo', capacity: 1, policy: 'forget' },
    { mode: 'fifo', capacity: 1, policy: null },
  ] as unknown as BufferConfig[]
  for (const buffer of buffers) {
    assert.throws(
      open(sends('m'), receives('m'), buffer).open,
      (error) => error instanceof SessionError && error.code === 'malformed-buffer' && /edge a->b/.test(error.message),
    )
  }
})

test('SessionStore tells when an edge under resize grows, and up to what', () => {
  const events: unknown[] = []
  const store = new SessionStore({
    clock: new ManualClock(),
    onEvent: (event) => events.push(event.type === 'Resized' ? event.capacity : event.type),
  })
  const stream = (action: LocalType): LocalType => ({ kind: 'mu', name: 's', body: action })
  const [a] = store.open({
    protocol: 'p',
    roles: ['a', 'b'],
    localTypes: [stream(sends('m', { kind: 'var', name: 's' })), stream(receives('m', { kind: 'var', name: 's' }))],
    owners: ['a', 'b'],
    handlers: new Map([['a->b', passThrough]]),
    buffers: new Map([['a->b', { mode: 'fifo', capacity: 1, policy: { resize: { maxCapacity: 3 } } }]]),
  })
  assert.ok(a)
  const outcomes = [1, 2, 3, 4].map(() => store.send(a, 'b', 'm'))
  assert.deepEqual(outcomes, ['sent', 'sent', 'sent', 'blocked'])
  assert.deepEqual(events, ['Opened', 'Sent', 'Sent', 2, 'Sent', 3])
  assert.equal(store.session(a).edges.get('a->b')?.buffer.capacity, 3)
})
