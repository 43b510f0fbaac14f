import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ScriptedHost, settle } from '../../../test/support/scripted-host.ts'
import type { ClientEnvironment } from '../environment/environment.ts'
import { PorchlightClient } from '../porchlight-client.ts'
import { CuttableNetwork } from './cuttable-network.ts'

async function openScene() {
  const host = new ScriptedHost()
  host.isThere = true
  const network = new CuttableNetwork(host.environment as unknown as ClientEnvironment)
  const client = new PorchlightClient({
    signallingUrl: 'ws://host/api/v1/signal',
    token: 'secret',
    environment: network.environment,
  })
  const states: string[] = []
  client.on('stateChange', (state) => states.push(state))
  const started = client.start()
  await host.welcome()
  await started
  return { host, network, client, states }
}

test('a network that is cut carries nothing, and the client comes back when it is mended', async () => {
  const { host, network, client, states } = await openScene()
  const { sockets, clock } = host
  network.cut(5000)
  assert.equal(network.isCut.value, true)
  assert.equal(host.peer.connectionState, 'closed')
  host.socket.say({ type: 'role', role: 'viewer' })
  assert.equal(client.role, 'player')
  const sent = client.sendText('Hello')
  await host.pass(1200)
  assert.deepEqual([client.state, client.path.value], ['connected', undefined])
  await host.pass(1500)
  assert.equal(client.state, 'reconnecting')
  assert.deepEqual(
    sockets[0]?.heard.map(({ type }) => type),
    ['offer'],
    'not even the ping has arrived',
  )
  assert.equal(sockets.length, 1, 'what is dialled now rings nowhere')
  await host.pass(2300)
  assert.equal(network.isCut.value, false)
  await host.pass(250)
  assert.ok(sockets.length > 1)
  await host.welcome({ type: 'reconnect-ack', success: true, sessionId: 's1', historyRecovered: true })
  assert.equal(client.state, 'connected')
  host.socket.say({ type: 'delivered', through: 1, refused: [] })
  await sent
  assert.deepEqual(states.slice(0, 4), ['connecting', 'connected', 'reconnecting', 'connecting'])
  assert.equal(states.at(-1), 'connected')
  await client.close()
  assert.equal(clock.pending, 0)
})

test('a network that is cut again while it is cut is cut for longer', async () => {
  const { host, network, client } = await openScene()
  network.cut(5000)
  host.clock.advance(3000)
  network.cut(5000)
  host.clock.advance(4999)
  assert.equal(network.isCut.value, true)
  host.clock.advance(1)
  assert.equal(network.isCut.value, false)
  await client.close()
  await settle()
  assert.equal(host.clock.pending, 0)
  assert.equal(host.pages.size, 0)
})
