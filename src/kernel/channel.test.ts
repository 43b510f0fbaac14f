import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Channel, ChannelError, type OverflowPolicy } from './channel.ts'

const channel = (capacity: number, policy: OverflowPolicy) => new Channel<number>({ name: 'test', capacity, policy })

async function drain(source: Channel<number>): Promise<number[]> {
  source.close()
  return Array.fromAsync(source)
}

test('Channel delivers in order when values were sent before they are received', async () => {
  const c = channel(3, 'wait')
  for (const value of [1, 2, 3]) await c.send(value)
  assert.deepEqual(await drain(c), [1, 2, 3])
})

test('Channel hands a value straight to a receiver that waits', async () => {
  const c = channel(1, 'wait')
  const next = c.receive()
  assert.equal(c.trySend(7), true)
  assert.deepEqual(await next, { done: false, value: 7 })
  assert.equal(c.size, 0)
})

test('Channel.send waits for room under policy wait and keeps the order', async () => {
  const c = channel(1, 'wait')
  await c.send(1)
  let sent = false
  const second = c.send(2).then(() => (sent = true))
  await Promise.resolve()
  assert.equal(sent, false)
  assert.deepEqual(await c.receive(), { done: false, value: 1 })
  await second
  assert.deepEqual(await c.receive(), { done: false, value: 2 })
})

test('Channel drops the oldest or the newest value when it is full and its policy says so', async () => {
  const oldest = channel(2, 'drop-oldest')
  const newest = channel(2, 'drop-newest')
  for (const value of [1, 2, 3]) {
    oldest.trySend(value)
    newest.trySend(value)
  }
  assert.equal(oldest.dropped, 1)
  assert.equal(newest.dropped, 1)
  assert.deepEqual(await drain(oldest), [2, 3])
  assert.deepEqual(await drain(newest), [1, 2])
})

test('Channel fails the sender when it is full and its policy is fail', async () => {
  const c = channel(1, 'fail')
  c.trySend(1)
  await assert.rejects(c.send(2), (error) => error instanceof ChannelError && error.code === 'channel-full')
})

test('Channel.close wakes receivers and refuses senders that wait', async () => {
  const empty = channel(1, 'wait')
  const receiving = empty.receive()
  empty.close()
  assert.deepEqual(await receiving, { done: true, value: undefined })

  const full = channel(1, 'wait')
  await full.send(1)
  const sending = full.send(2)
  full.close()
  await assert.rejects(sending, (error) => error instanceof ChannelError && error.code === 'channel-closed')
  assert.equal(full.trySend(3), false)
})

test('Channel closes when its loop is left', async () => {
  const c = channel(4, 'wait')
  c.trySend(1)
  for await (const value of c) {
    assert.equal(value, 1)
    break
  }
  await assert.rejects(c.send(2), ChannelError)
})

test('Channel carries undefined like any other value', async () => {
  const c = new Channel<undefined>({ name: 'test', capacity: 2, policy: 'wait' })
  c.trySend(undefined)
  assert.deepEqual(await c.receive(), { done: false, value: undefined })
})

test('Channel refuses a capacity that is no positive integer', () => {
  for (const capacity of [0, -1, 1.5, Number.NaN]) assert.throws(() => channel(capacity, 'wait'), RangeError)
})

test('Channel never holds more than its capacity and never reorders, whatever is done to it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom<OverflowPolicy>('wait', 'drop-oldest', 'drop-newest'),
      fc.array(fc.boolean(), { maxLength: 60 }),
      async (capacity, policy, steps) => {
        const c = channel(capacity, policy)
        const received: number[] = []
        let next = 0
        for (const isSend of steps) {
          if (isSend) c.trySend(next++)
          else if (c.size > 0) {
            const result = await c.receive()
            if (!result.done) received.push(result.value)
          }
          assert.ok(c.size <= capacity)
        }
        received.push(...(await drain(c)))
        assert.deepEqual(
          received,
          received.toSorted((a, b) => a - b),
        )
        assert.equal(new Set(received).size, received.length)
      },
    ),
  )
})
