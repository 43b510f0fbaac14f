import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ScriptedHost, settle } from '../../test/support/scripted-host.ts'
import type { StartOptions } from './environment/client-options.ts'
import type { ClientEnvironment } from './environment/environment.ts'
import { PorchlightClient } from './porchlight-client.ts'

function world() {
  const host = new ScriptedHost()
  const seen: string[] = []
  const client = new PorchlightClient({
    signallingUrl: 'ws://host/api/v1/signal',
    token: 'secret',
    environment: host.environment as unknown as ClientEnvironment,
  })
  client.on('stateChange', (state) => seen.push(state))
  const connect = async (options?: StartOptions) => {
    const started = client.start(options)
    await host.welcome()
    await started
  }
  return { host, client, clock: host.clock, seen, connect }
}

test('start greets with the token as a subprotocol, joins, offers, and resolves when media flows', async () => {
  const { host, client, connect, seen } = world()
  await connect({ lobbyId: 'games' })
  assert.deepEqual(host.socket.protocols.slice(0, 2), ['porchlight.v1', 'bearer.secret'])
  assert.deepEqual(host.socket.heardTypes(), ['join', 'offer'])
  assert.deepEqual(seen, ['connecting', 'connected'])
  assert.equal(client.state, 'connected')
  assert.equal(client.currentSessionId, 's1')
  assert.equal(client.role, 'player')
  await client.close()
})

test('role is that of the greeting, until the host says another', async () => {
  const { host, client, connect } = world()
  const roles: string[] = []
  client.on('role', (role) => roles.push(role))
  await connect()
  host.socket.say({ type: 'role', role: 'viewer' })
  host.socket.say({ type: 'role', role: 'viewer' })
  await settle()
  assert.deepEqual(roles, ['player', 'viewer'])
  assert.equal(client.role, 'viewer')
  await client.close()
})

test('start refuses a client that is not disconnected', async () => {
  const { client, connect } = world()
  await connect()
  await assert.rejects(client.start(), { code: 'invalid-state' })
  await client.close()
  await assert.rejects(client.start(), { code: 'invalid-state' })
})

test('a message that breaks the protocol fails the client and says what came', async () => {
  const { host, client, connect } = world()
  await connect()
  host.socket.say({ type: 'signal', signal: { type: 'answer', sdp: 'v=0 unasked' } })
  await settle()
  assert.equal(client.state, 'failed')
  assert.equal(client.cause?.code, 'protocol-violation')
  assert.match(client.cause?.message ?? '', /"signal"/)
})

test('nothing is unhandled when nobody waits for what a client that is closed was asked', async () => {
  const { client } = world()
  const unhandled: unknown[] = []
  const hear = (reason: unknown) => unhandled.push(reason)
  process.on('unhandledRejection', hear)
  void client.start()
  void client.join('games')
  void client.sendText('hello')
  await client.close()
  await new Promise((resolve) => setTimeout(resolve, 10))
  process.off('unhandledRejection', hear)
  assert.deepEqual(unhandled, [])
})

test('start resumes a session by its id alone where its secret is known, and begins afresh with what is no id', async () => {
  const { host, client, connect } = world()
  await connect()
  const sessionId = client.currentSessionId ?? ''
  const asked = () => host.socket.heard.find((message) => message.type === 'reconnect')
  host.socket.drop(4403)
  await settle()
  assert.equal(client.state, 'failed')
  const again = client.start({ sessionId })
  await settle()
  host.socket.open()
  host.socket.say({ type: 'ready', id: 's2', protocolVersion: 1, iceServers: [], resumeToken: 'r2' })
  await settle()
  assert.deepEqual(asked(), { type: 'reconnect', sessionId, resumeToken: 'r1' })
  await client.close()
  await assert.rejects(again)
  for (const stored of ['', null, 'x'.repeat(65)]) {
    const fresh = world()
    await fresh.connect({ sessionId: stored })
    assert.equal(
      fresh.host.socket.heard.some(({ type }) => type === 'reconnect'),
      false,
      String(stored),
    )
    await fresh.client.close()
  }
})

test('close says goodbye, leaves no timer behind and ends start and join', async () => {
  const { host, client, clock, seen } = world()
  const started = assert.rejects(client.start(), { code: 'closed' })
  host.socket.open()
  host.socket.say({ type: 'ready', id: 's1', protocolVersion: 1, iceServers: [] })
  await settle()
  const joined = assert.rejects(client.join('games'), { code: 'closed' })
  await client.close()
  await Promise.all([started, joined])
  assert.deepEqual(host.socket.heardTypes(), ['offer', 'join', 'bye'])
  assert.equal(host.socket.closed, true)
  assert.equal(host.peer.connectionState, 'closed')
  assert.equal(clock.pending, 0)
  assert.equal(host.pages.size, 0)
  assert.deepEqual(seen, ['connecting', 'closed'])
  assert.deepEqual(await client.closed, { kind: 'clean', reason: 'closed' })
})

test('close ends a try that has not been greeted yet', async () => {
  const { host, client, clock } = world()
  const started = assert.rejects(client.start(), { code: 'closed' })
  host.socket.open()
  await client.close()
  await started
  assert.equal(host.socket.closed, true)
  assert.equal(clock.pending, 0)
})

test('place, refusals and candidates reach whom they concern', async () => {
  const { host, client, connect } = world()
  const places: unknown[] = []
  const errors: unknown[] = []
  client.on('place', (place) => places.push(place))
  client.on('error', (error) => errors.push(error.hostCode))
  await connect()
  host.socket.say({ type: 'place', place: { kind: 'lobby', lobbyId: 'games' } })
  host.socket.say({ type: 'error', code: 'lobby-not-found', message: 'There is none' })
  host.socket.say({ type: 'candidate', candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host' })
  await settle()
  assert.deepEqual(places, [{ kind: 'lobby', lobbyId: 'games' }])
  assert.deepEqual(client.place.value, places[0])
  assert.deepEqual(errors, ['lobby-not-found'])
  assert.equal(host.peer.candidates.length, 1)
  await client.close()
})

test('input goes out while connected and is refused otherwise', async () => {
  const { host, client, connect } = world()
  const key = { type: 'key', code: 'KeyA', key: 'a', down: true } as const
  assert.equal(client.send(key), false)
  await connect()
  assert.equal(client.send(key), true)
  assert.equal(host.peer.channels[0]?.sent.length, 1)
  host.socket.drop()
  await settle()
  assert.equal(client.send(key), false)
  await client.close()
})

test('the client tells what an app wants felt, and on which pad', async () => {
  const { host, client, connect } = world()
  const felt: unknown[] = []
  client.on('rumble', (...what) => felt.push(what))
  await connect()
  host.socket.say({ type: 'rumble', pad: 1, strong: 0.5, weak: 1, durationMs: 200 })
  assert.deepEqual(felt, [[1, { strong: 0.5, weak: 1, durationMs: 200 }]])
  await client.close()
})
