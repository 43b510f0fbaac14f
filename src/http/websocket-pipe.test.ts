import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { WebSocket, WebSocketServer } from 'ws'
import { testConversation } from '../../test/support/conversation-contract.ts'
import { eventually } from '../../test/support/eventually.ts'
import { testPipe } from '../../test/support/pipe-contract.ts'
import type { PipeEnd, PipeMessage } from '../kernel/pipe.ts'
import { systemClock } from '../kernel/clock.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import { websocketPipe } from './websocket-pipe.ts'

const maxPayload = 16 * 1024 * 1024
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload })
before(() => once(server, 'listening'))
after(() => server.close())

/** Both ends of a WebSocket on loopback: the server's, and a client's. */
async function openSockets(): Promise<{ socket: WebSocket; client: WebSocket }> {
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  client.on('error', () => {})
  const [[socket]] = (await Promise.all([once(server, 'connection'), once(client, 'open')])) as [[WebSocket], unknown]
  return { socket, client }
}

testPipe('a WebSocket', async () => {
  const { socket, client } = await openSockets()
  const heard: PipeMessage[] = []
  client.on('message', (data, isBinary) => void heard.push(isBinary ? (data as Buffer) : (data as Buffer).toString()))
  const closed = new Promise<PipeEnd>((resolve) => {
    client.on('close', (code) => resolve({ code: code === 1006 ? undefined : code }))
  })
  const far = {
    send: (message: PipeMessage) => client.send(message),
    close: (code: number | undefined) => (code === undefined ? client.terminate() : client.close(code)),
    pause: () => client.pause(),
    heard,
    closed,
  }
  const until = async (condition: () => boolean) => {
    await eventually(condition, Boolean, { what: 'what is waited for' })
  }
  const end = async () => {
    client.terminate()
    socket.terminate()
  }
  return { near: websocketPipe(socket, systemClock), far, until, [Symbol.asyncDispose]: end }
})

test('a WebSocket is cut off when its client does not answer the closing handshake', async () => {
  const { socket, client } = await openSockets()
  const clock = new ManualClock()
  const pipe = websocketPipe(socket, clock)
  client.pause()
  pipe.close(4403, 'ä'.repeat(100))
  clock.advance(999)
  assert.equal(socket.readyState, socket.CLOSING)
  clock.advance(1)
  assert.deepEqual(await pipe.closed, { code: undefined })
  assert.equal(clock.pending, 0)
  client.terminate()
})

test('a WebSocket closes with as much of the reason as there is room for, in whole characters', async () => {
  const { socket, client } = await openSockets()
  const closed = once(client, 'close')
  websocketPipe(socket, systemClock).close(4400, `x${'ä'.repeat(100)}`)
  const [code, reason] = (await closed) as [number, Buffer]
  assert.deepEqual([code, reason.toString()], [4400, `x${'ä'.repeat(61)}`])
})

test('a WebSocket tells of frames that break its rules, and of messages that are too long', async () => {
  for (const [fault, bytes] of [
    ['malformed', Uint8Array.of(0x83, 0x80, 0, 0, 0, 0)],
    ['too-long', Uint8Array.of(0x81, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0)],
  ] as const) {
    const { socket, client } = await openSockets()
    const faults: string[] = []
    websocketPipe(socket, systemClock).listen({ message: () => {}, fault: (code) => void faults.push(code) })
    const raw = (client as unknown as { _socket: { write(bytes: Uint8Array): void } })._socket
    raw.write(bytes)
    await once(client, 'close')
    assert.deepEqual(faults, [fault])
  }
})

test('a WebSocket that is gone already is a pipe that has ended', async () => {
  const { socket, client } = await openSockets()
  client.terminate()
  await once(socket, 'close')
  const pipe = websocketPipe(socket, systemClock)
  assert.equal(pipe.open, false)
  assert.deepEqual(await pipe.closed, { code: undefined })
})

testConversation('a WebSocket', async () => {
  const { socket, client } = await openSockets()
  return {
    near: websocketPipe(socket, systemClock),
    far: websocketPipe(client, systemClock),
    [Symbol.asyncDispose]: async () => client.terminate(),
  }
})
