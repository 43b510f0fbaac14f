import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as settled } from 'node:timers/promises'
import { testPipe } from '../../test/support/pipe-contract.ts'
import type { PipeMessage } from './pipe.ts'
import { openMemoryPipe } from './memory-pipe.ts'

testPipe('a pipe in memory', async () => {
  const [near, other] = openMemoryPipe()
  const heard: PipeMessage[] = []
  other.listen({ message: (message) => void heard.push(message), fault: () => {} })
  const far = {
    send: (message: PipeMessage) => other.send(message),
    close: (code: number | undefined) => other.close(code, ''),
    pause: () => other.pause(),
    heard,
    closed: other.closed,
  }
  const until = async (condition: () => boolean) => {
    await settled()
    assert.ok(condition())
  }
  return { near, far, until, [Symbol.asyncDispose]: async () => near.close(undefined, '') }
})

test('a pipe in memory hands over before send returns, and never one message within another', () => {
  const [one, other] = openMemoryPipe()
  const order: string[] = []
  one.listen({
    message(message) {
      order.push(`one begins ${String(message)}`)
      if (message === 'a') other.send('b')
      order.push(`one ends ${String(message)}`)
    },
    fault: () => {},
  })
  other.send('a')
  assert.deepEqual(order, ['one begins a', 'one ends a', 'one begins b', 'one ends b'])
})

test('a pipe in memory keeps for a listener what came before it', () => {
  const [one, other] = openMemoryPipe()
  other.send('early')
  const heard: PipeMessage[] = []
  one.listen({ message: (message) => void heard.push(message), fault: () => {} })
  assert.deepEqual(heard, ['early'])
})

test('a pipe in memory is lost to whoever fills it without end', async () => {
  const [one, other] = openMemoryPipe()
  const chunk = new Uint8Array(1024 * 1024)
  for (let count = 0; count < 100; count++) one.send(chunk)
  assert.deepEqual([await one.closed, await other.closed], [{ code: undefined }, { code: undefined }])
  assert.equal(one.buffered, 0)
})
