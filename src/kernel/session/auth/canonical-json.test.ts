import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SessionError } from '../contract/session-error.ts'
import { canonicalBytes, frozenCopy } from './canonical-json.ts'

test('canonicalBytes are the same for the same value in another order, and differ for another kind', () => {
  assert.deepEqual(canonicalBytes({ b: 1, a: [{ d: 1, c: 2 }] }), canonicalBytes({ a: [{ c: 2, d: 1 }], b: 1 }))
  const kinds = [undefined, null, 'x', new TextEncoder().encode('"x"'), [], {}, 0, ''].map((value) =>
    Buffer.from(canonicalBytes(value)).toString('hex'),
  )
  assert.equal(new Set(kinds).size, kinds.length)
})

test('frozenCopy is what is signed, and cannot be changed through what it was made of', () => {
  const payload = { amount: 1, items: [{ name: 'Dune' }], __proto__: null, left: undefined }
  const copy = frozenCopy(payload) as typeof payload
  payload.amount = 2
  payload.items.push({ name: 'Emma' })
  assert.deepEqual(copy, { amount: 1, items: [{ name: 'Dune' }] })
  assert.throws(() => copy.items.push({ name: 'Emma' }), TypeError)
  const bytes = Uint8Array.of(1, 2)
  const copied = frozenCopy(bytes)
  bytes[0] = 9
  assert.deepEqual(copied, Uint8Array.of(1, 2))
})

test('frozenCopy names the place of what JSON would lose', () => {
  const around: Record<string, unknown> = {}
  around['self'] = { around }
  const lost: [unknown, RegExp][] = [
    [{ a: [1, { b: 1n }] }, /payload\.a\[1\]\.b: JSON does not carry a bigint/],
    [[1, undefined], /payload\[1\]: JSON does not carry undefined/],
    [around, /payload\.self\.around: an object that holds itself/],
    [{ toJSON: () => undefined }, /payload: JSON does not carry undefined/],
    [{ m: new Map() }, /payload\.m: JSON does not carry a Map/],
  ]
  for (const [payload, message] of lost) {
    assert.throws(
      () => frozenCopy(payload),
      (error) => error instanceof SessionError && error.code === 'unsignable' && message.test(error.message),
    )
  }
})
