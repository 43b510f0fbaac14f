import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ScriptedHost, settle } from '../../test/support/scripted-host.ts'
import type { ClientEnvironment } from './environment.ts'
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

test('what a listener of the page throws is not taken for the host breaking the protocol', async () => {
  const { host, client, connect } = world()
  await connect()
  client.place.subscribe(() => {
    throw new Error("The page's own")
  })
  const uncaught = new Promise((resolve) => {
    const others = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.once('uncaughtException', (error) => {
      for (const other of others) process.on('uncaughtException', other)
      resolve(error)
    })
  })
  host.socket.say({ type: 'place', place: { kind: 'lobby', lobbyId: 'games' } })
  assert.match(String(await uncaught), /The page's own/)
  assert.equal(client.state, 'connected')
  await client.close()
})
