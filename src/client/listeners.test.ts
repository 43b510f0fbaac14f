import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { ScriptedHost, settle } from '../../test/support/scripted-host.ts'
import type { ClientEnvironment } from './environment/environment.ts'
import { PorchlightClient } from './porchlight-client.ts'

function world({ enabled = true, host = new ScriptedHost(), environment = {} } = {}) {
  const client = new PorchlightClient({
    signallingUrl: 'ws://host/api/v1/signal',
    reconnection: { enabled },
    environment: { ...host.environment, ...environment } as unknown as ClientEnvironment,
  })
  const seen: string[] = []
  client.on('stateChange', (state) => seen.push(state))
  const connect = async () => {
    const started = client.start()
    await host.welcome()
    await started
  }
  return { host, client, seen, connect }
}

test('a listener may close the client in the middle of a loss', async () => {
  const { host, client, seen, connect } = world()
  await connect()
  client.on('stateChange', (state) => {
    if (state === 'reconnecting') void client.close()
  })
  host.socket.drop()
  await settle()
  assert.deepEqual(seen, ['connecting', 'connected', 'reconnecting', 'closed'])
  assert.equal(host.clock.pending, 0)
})

test('a client that is started again by who hears of its failure begins anew', async () => {
  const { host, client, connect } = world({ enabled: false })
  await connect()
  let starts = 0
  client.on('stateChange', (state) => {
    if (state === 'failed' && starts++ === 0) client.start().catch(() => {})
  })
  host.socket.drop()
  await settle()
  assert.deepEqual([client.state, host.sockets.length], ['connecting', 2])
  await host.welcome({ type: 'reconnect-ack', success: true, sessionId: 's1', historyRecovered: true })
  assert.equal(client.state, 'connected')
  await client.close()
  assert.equal(host.clock.pending, 0)
})

test('a WebSocket that cannot even be dialled fails the client and leaves nothing behind', async () => {
  const createSocket = () => {
    throw new SyntaxError('No such subprotocol')
  }
  const { host, client } = world({ enabled: false, environment: { createSocket } })
  await assert.rejects(client.start(), /No such subprotocol/)
  assert.equal(client.state, 'failed')
  assert.equal(host.clock.pending, 0)
})

test('what listeners of the page throw is reported, and the client goes on as if they had not', async () => {
  using uncaught = hearUncaught()
  const { host, client, connect } = world()
  const fail = () => {
    throw new Error("The page's own")
  }
  for (const readable of [client.place, client.seats, client.path, client.stats, client.outbox, client.texts])
    readable.subscribe(fail)
  const told: string[] = []
  client.on('pathChange', (path) => told.push(path?.kind ?? 'none'))
  client.on('text', ({ text }) => told.push(text))
  client.on('stats', () => told.push('stats'))
  await connect()
  const sent = client.sendText('a')
  host.socket.say({ type: 'delivered', through: 1, refused: [] })
  await sent
  host.socket.say({ type: 'place', place: { kind: 'lobby', lobbyId: 'games' } })
  for (const id of [1, 2]) {
    const text = { id, memberId: 'bob', name: 'Bob', role: 'player', text: `text ${id}`, atMs: id } as const
    host.socket.say({ type: 'texts', lobbyId: 'games', texts: [text] })
  }
  await host.pass(1000)
  assert.equal(client.state, 'connected')
  assert.deepEqual(told, ['direct', 'text 2', 'stats'])
  await client.close()
  await setImmediate()
  assert.ok(uncaught.errors.length >= 6, `${uncaught.errors.length} errors`)
  for (const error of uncaught.errors) assert.match(error, /The page's own/)
})

/** What is thrown and caught by nobody, until the end of the block. */
function hearUncaught(): Disposable & { readonly errors: readonly string[] } {
  const others = process.listeners('uncaughtException')
  const errors: string[] = []
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', (error) => errors.push(String(error)))
  return {
    errors,
    [Symbol.dispose]() {
      process.removeAllListeners('uncaughtException')
      for (const other of others) process.on('uncaughtException', other)
    },
  }
}
