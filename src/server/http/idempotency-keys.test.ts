import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { IdempotencyKeys, type KeptAnswer } from './idempotency-keys.ts'

const limits = { keys: 2, lifetimeMs: 1000 }
const answering = (body: string) => async (): Promise<KeptAnswer> => ({ status: 201, headers: [], body })

function openKeys() {
  const clock = new ManualClock()
  const keys = new IdempotencyKeys(clock, limits)
  const once = async (
    key: string,
    options: { memberId?: string; request?: unknown; act?: () => Promise<KeptAnswer> },
  ) => {
    const { memberId = 'owner', request = 'a', act = answering('?') } = options
    return (await keys.once({ memberId, key, request, act })).body
  }
  return { clock, keys, once }
}

test('once gives the first answer again until it has expired', async () => {
  const { clock, keys, once } = openKeys()
  assert.equal(await once('k', { act: answering('1') }), '1')
  clock.advance(999)
  assert.equal(await once('k', { act: answering('2') }), '1')
  clock.advance(1)
  assert.deepEqual([keys.size, clock.pending], [0, 0])
  assert.equal(await once('k', { act: answering('3') }), '3')
})

test('once keeps the keys of members apart', async () => {
  const { once } = openKeys()
  assert.equal(await once('k', { memberId: 'a', act: answering('1') }), '1')
  assert.equal(await once('k', { memberId: 'b', act: answering('2') }), '2')
})

test('once refuses another request with the same key, and the same while the first is under way', async () => {
  const { once } = openKeys()
  const { promise, resolve } = Promise.withResolvers<KeptAnswer>()
  const first = once('k', { act: () => promise })
  await assert.rejects(once('k', {}), { code: 'idempotency-key-busy' })
  await assert.rejects(once('k', { request: 'b' }), { code: 'idempotency-key-reused' })
  resolve(await answering('1')())
  assert.equal(await first, '1')
  await assert.rejects(once('k', { request: 'b' }), { code: 'idempotency-key-reused' })
  assert.equal(await once('k', {}), '1')
})

test('once frees the key of what failed', async () => {
  const { keys, once } = openKeys()
  await assert.rejects(once('k', { act: () => Promise.reject(new Error('full')) }), { message: 'full' })
  assert.equal(keys.size, 0)
  assert.equal(await once('k', { act: answering('1') }), '1')
})

test('once forgets the oldest answer for one more, and never what is under way', async () => {
  const { clock, keys, once } = openKeys()
  const { promise, resolve } = Promise.withResolvers<KeptAnswer>()
  const first = once('1', { act: () => promise })
  await once('2', { act: answering('old') })
  await once('3', {})
  assert.deepEqual([keys.size, clock.pending], [2, 1])
  assert.equal(await once('2', { act: answering('new') }), 'new')
  const fourth = Promise.withResolvers<KeptAnswer>()
  const second = once('4', { act: () => fourth.promise })
  await assert.rejects(once('5', {}), { code: 'too-many-keys' })
  for (const each of [resolve, fourth.resolve]) each(await answering('late')())
  assert.deepEqual([await first, await second], ['late', 'late'])
  keys[Symbol.dispose]()
  assert.deepEqual([keys.size, clock.pending], [0, 0])
})

test('once refuses what is no key', async () => {
  const { once } = openKeys()
  for (const key of ['', ' ', 'a b', 'ü', 'x'.repeat(129)]) {
    await assert.rejects(once(key, {}), { code: 'invalid-request' })
  }
})
