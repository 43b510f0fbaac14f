import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until, Writable } from './readable.ts'

test('Writable tells listeners each new value and nothing when it stays the same', () => {
  const value = new Writable(1)
  const seen: number[] = []
  const end = value.subscribe((next) => seen.push(next))
  value.set(1)
  value.set(2)
  end()
  value.set(3)
  assert.deepEqual(seen, [2])
  assert.equal(value.value, 3)
})

test('Writable keeps two subscriptions of one function apart', () => {
  const value = new Writable(0)
  let calls = 0
  const listener = () => calls++
  const end = value.subscribe(listener)
  value.subscribe(listener)
  end()
  value.set(1)
  assert.equal(calls, 1)
})

test('Writable tells every listener, also behind one that throws, if somebody takes the error', () => {
  const fail = () => {
    throw new Error('broken')
  }
  const errors: unknown[] = []
  const value = new Writable(0, (error) => errors.push(error))
  const seen: number[] = []
  value.subscribe(fail)
  value.subscribe((next) => seen.push(next))
  value.set(1)
  assert.deepEqual([seen, errors.map(String)], [[1], ['Error: broken']])
  const strict = new Writable(0)
  strict.subscribe(fail)
  assert.throws(() => strict.set(1), /broken/)
})

test('until resolves at once, later, or rejects when aborted', async () => {
  const value = new Writable(1)
  assert.equal(await until(value, (v) => v === 1), 1)
  const later = until(value, (v) => v > 2)
  value.set(2)
  value.set(3)
  assert.equal(await later, 3)
  const controller = new AbortController()
  const never = until(value, (v) => v > 99, controller.signal)
  controller.abort(new Error('enough'))
  await assert.rejects(never, /enough/)
})
