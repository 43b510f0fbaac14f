import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../test/support/fast-check.ts'
import { type BackpressurePolicy, BoundedBuffer, BufferError, type BufferMode } from './bounded-buffer.ts'

const buffer = (capacity: number, policy: BackpressurePolicy, mode: BufferMode = 'fifo') =>
  new BoundedBuffer<number>({ mode, capacity, policy })

test('BoundedBuffer keeps 64 values and then blocks when nothing is said', () => {
  const plain = new BoundedBuffer<number>()
  for (let value = 0; value < 64; value++) assert.equal(plain.put(value), 'stored')
  assert.equal(plain.isFull, true)
  assert.equal(plain.put(64), 'full')
  assert.equal(plain.take(), 0)
  assert.equal(plain.put(64), 'stored')
})

test('BoundedBuffer drops, fails or grows to its bound when it is full and its policy says so', () => {
  const dropping = buffer(1, 'drop')
  const failing = buffer(1, 'error')
  const growing = buffer(1, { resize: { maxCapacity: 3 } })
  for (const each of [dropping, failing, growing]) each.put(1)
  assert.equal(dropping.put(2), 'dropped')
  assert.throws(
    () => failing.put(2),
    (error) => error instanceof BufferError && error.code === 'buffer-full',
  )
  assert.deepEqual([growing.put(2), growing.put(3), growing.put(4)], ['stored', 'stored', 'full'])
  assert.deepEqual([growing.take(), growing.take(), growing.take(), growing.take()], [1, 2, 3, undefined])
})

test('BoundedBuffer holds the newest value only under latestValue', () => {
  const latest = buffer(8, 'block', 'latestValue')
  assert.deepEqual([latest.put(1), latest.put(2), latest.put(3)], ['stored', 'replaced', 'replaced'])
  assert.equal(latest.size, 1)
  assert.equal(latest.take(), 3)
})

test('BoundedBuffer wakes those who wait when a value comes, goes, or it closes', async () => {
  const b = buffer(1, 'block')
  const came = b.changed()
  b.put(1)
  await came
  const went = b.changed()
  b.take()
  await went
  const closed = b.changed()
  b.close()
  await closed
  await b.changed()
  assert.throws(
    () => b.put(2),
    (error) => error instanceof BufferError && error.code === 'buffer-closed',
  )
})

test('BoundedBuffer gives values out as they come, until it is closed, undefined like any other', async () => {
  const b = new BoundedBuffer<number | undefined>({ mode: 'fifo', capacity: 2, policy: 'block' })
  const taken: (number | undefined)[] = []
  const reading = (async () => {
    for await (const value of b) taken.push(value)
  })()
  for (const value of [1, undefined, 3]) {
    b.put(value)
    while (b.size > 0) await b.changed()
  }
  b.close()
  await reading
  assert.deepEqual(taken, [1, undefined, 3])
})

test('BoundedBuffer closes when the loop over it is left', async () => {
  const b = buffer(2, 'block')
  b.put(1)
  for await (const value of b) {
    assert.equal(value, 1)
    break
  }
  assert.equal(b.closed, true)
})

test('BoundedBuffer refuses sizes that make no sense', () => {
  assert.throws(() => buffer(0, 'block'), RangeError)
  assert.throws(() => buffer(1.5, 'block'), RangeError)
  assert.throws(() => buffer(4, { resize: { maxCapacity: 3 } }), RangeError)
})

test('BoundedBuffer keeps its exact bound and order, also while it grows, whatever is done to it', () => {
  const policies = fc.oneof(
    fc.constantFrom<BackpressurePolicy>('block', 'drop'),
    fc.nat(9).map((more) => ({ more })),
  )
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      policies,
      fc.array(fc.boolean(), { maxLength: 200 }),
      (capacity, policy, steps) => {
        const bound = typeof policy === 'object' && 'more' in policy ? capacity + policy.more : capacity
        const b = buffer(capacity, typeof policy === 'object' ? { resize: { maxCapacity: bound } } : policy)
        const model: number[] = []
        for (const [value, isPut] of steps.entries()) {
          if (isPut) {
            const stored = b.put(value) === 'stored'
            assert.equal(stored, model.length < bound)
            if (stored) model.push(value)
          } else {
            assert.equal(b.peek(), model[0])
            assert.equal(b.take(), model.shift())
          }
          assert.equal(b.size, model.length)
        }
      },
    ),
  )
})
