import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goingAway, type Pipe, type PipeEnd, type PipeMessage } from '../../src/kernel/pipe.ts'

/** A pipe, of which the contract is asked for the end `near`. */
interface PipePair extends AsyncDisposable {
  readonly near: Pipe
  /** The other end, as it is known there. */
  readonly far: {
    send(message: PipeMessage): void
    close(code: number | undefined): void
    readonly heard: readonly PipeMessage[]
    readonly closed: Promise<PipeEnd>
    /** Reads nothing any more. */
    pause(): void
  }
  /** Resolves when this is so. */
  readonly until: (condition: () => boolean) => Promise<void>
}

/** What is true of every pipe. */
export function testPipe(name: string, openPair: () => Promise<PipePair>): void {
  const opened = async () => {
    const pair = await openPair()
    const heard: PipeMessage[] = []
    pair.near.listen({ message: (message) => void heard.push(message), fault: () => {} })
    return { ...pair, heard, [Symbol.asyncDispose]: () => pair[Symbol.asyncDispose]() }
  }

  test(`${name} carries texts and bytes both ways, in order`, async () => {
    await using pipe = await opened()
    const { near, far, heard, until } = pipe
    const messages = ['first', Uint8Array.of(1, 2, 3), '', 'ünïcode 🏮', new Uint8Array(0), 'last']
    for (const message of messages) {
      near.send(message)
      far.send(message)
    }
    await until(() => heard.length === messages.length && far.heard.length === messages.length)
    const plain = (all: readonly PipeMessage[]) => all.map((one) => (typeof one === 'string' ? one : [...one]))
    assert.deepEqual(plain(heard), plain(messages))
    assert.deepEqual(plain(far.heard), plain(messages))
  })

  test(`${name} takes an answer from within the message that it answers`, async () => {
    await using pair = await openPair()
    const { near, far, until } = pair
    near.listen({ message: (message) => near.send(`${String(message)}!`), fault: () => {} })
    for (let count = 0; count < 3; count++) far.send(`${count}`)
    await until(() => far.heard.length === 3)
    assert.deepEqual(far.heard, ['0!', '1!', '2!'])
  })

  test(`${name} tells the other end by which code it was closed, after what was sent before`, async () => {
    await using pipe = await opened()
    const { near, far } = pipe
    near.send('goodbye')
    near.close(4403, 'Enough')
    near.close(1000, 'once more')
    assert.equal(near.open, false)
    near.send('late')
    assert.deepEqual([await near.closed, await far.closed], [{ code: 4403 }, { code: 4403 }])
    assert.deepEqual(far.heard, ['goodbye'])
  })

  test(`${name} tells of the code that the other end gave, or that there was none`, async () => {
    for (const code of [goingAway, undefined]) {
      await using pipe = await opened()
      const { near, far } = pipe
      far.close(code)
      assert.deepEqual(await near.closed, { code })
      assert.equal(near.open, false)
      near.send('nobody is there')
      near.close(1000, 'and none is told')
    }
  })

  test(`${name} is cut at once without a code, also while it is being closed, and whether or not the other end reads`, async () => {
    await using pipe = await opened()
    const { near, far } = pipe
    far.pause()
    near.send('unread')
    near.close(1000, 'Goodbye')
    near.close(undefined, '')
    await near.closed
    assert.equal(near.open, false)
  })

  test(`${name} says how much waits for an end that does not read`, async () => {
    await using pipe = await opened()
    const { near, far, until } = pipe
    assert.equal(near.buffered, 0)
    far.pause()
    const chunk = new Uint8Array(1024 * 1024)
    for (let count = 0; count < 12; count++) near.send(chunk)
    await until(() => near.buffered > 0)
    near.close(undefined, '')
  })

  test(`${name} hears nothing any more when it is paused`, async () => {
    await using pipe = await opened()
    const { near, far, heard, until } = pipe
    far.send('heard')
    await until(() => heard.length === 1)
    near.pause()
    far.send('not heard')
    near.send('said')
    await until(() => far.heard.length === 1)
    assert.deepEqual(heard, ['heard'])
  })
}
