import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../kernel/manual-clock.ts'
import { openStore } from './open-store.ts'
import { StoreError } from './store-error.ts'

test('apps come back as they were put, oldest first, with the times of their first and last writing', () => {
  const clock = new ManualClock()
  using store = openStore(':memory:', clock)
  const bornMs = clock.epochMs()
  store.apps.put([{ id: 'b', definition: '{"title":"B"}' }])
  clock.advance(1000)
  store.apps.put([
    { id: 'a', definition: '{}' },
    { id: 'b', definition: '{"title":"New"}' },
  ])
  assert.deepEqual(store.apps.list(), [
    { id: 'b', definition: '{"title":"New"}', createdMs: bornMs, changedMs: bornMs + 1000 },
    { id: 'a', definition: '{}', createdMs: bornMs + 1000, changedMs: bornMs + 1000 },
  ])
  assert.equal(store.apps.delete('a'), true)
  assert.equal(store.apps.delete('a'), false)
  assert.deepEqual(
    store.apps.list().map(({ id }) => id),
    ['b'],
  )
})

test('apps are written all or none', () => {
  using store = openStore(':memory:')
  const broken = [
    { id: 'a', definition: '{}' },
    { id: 'b', definition: '{' },
  ]
  assert.throws(() => store.apps.put(broken), StoreError)
  assert.deepEqual(store.apps.list(), [])
  store.apps.put([{ id: 'a', definition: '{}' }])
  assert.equal(store.apps.list().length, 1)
})
