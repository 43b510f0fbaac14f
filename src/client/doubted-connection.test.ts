import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientWorld } from './testing/client-world.ts'
import { ScriptedHost, settle } from '../../test/support/scripted-host.ts'

const world = () => clientWorld(new ScriptedHost())

test('a host that stops answering is noticed', async () => {
  const { host, client, clock, connect } = world()
  await connect()
  clock.advance(5000)
  assert.equal(host.socket.heardTypes().at(-1), 'ping')
  clock.advance(10_000)
  await settle()
  assert.equal(client.state, 'reconnecting')
  assert.equal(client.cause?.code, 'timeout')
  await client.close()
})

test('a wake-up ends the waiting, and doubts a connection that stands', async () => {
  const { host, client, connect } = world()
  await connect()
  host.peer.isFlowing = false
  await host.pass(500)
  host.wake()
  assert.deepEqual(host.socket.heardTypes(), ['offer', 'ping'])
  host.isThere = true
  await host.pass(400)
  assert.equal(client.state, 'connecting', 'the host answered, but not by this connection')
  assert.deepEqual([host.sockets[0]?.closed, host.sockets.length], [true, 2])
  host.socket.drop()
  await settle()
  assert.equal(client.state, 'reconnecting')
  host.wake()
  await settle()
  assert.equal(client.state, 'connecting')
  await client.close()
  assert.equal(host.clock.pending, 0)
})

test('a connection is left for dead only when the host answers elsewhere and not by it', async () => {
  const { host, client, connect } = world()
  await connect()
  for (const page of host.pages) page.doubted()
  await host.pass(3000)
  assert.equal(client.state, 'connected', 'nobody answers anywhere: it is the network that is away')
  host.socket.say({ type: 'pong', timestamp: 0 })
  host.isThere = true
  await host.pass(1000)
  assert.deepEqual([client.state, host.sockets.length], ['connected', 1])
  assert.ok(host.clock.pending < 8, 'nobody knocks any more')
  await client.close()
})

test('a connection by which the host is late is not left for dead in a hurry while media comes', async () => {
  const { host, client, connect } = world()
  await connect()
  host.isThere = true
  for (const page of host.pages) page.doubted()
  await host.pass(1500)
  assert.deepEqual([client.state, host.sockets.length], ['connected', 1])
  await host.pass(1000)
  assert.deepEqual([client.state, host.sockets.length], ['connecting', 2])
  await client.close()
})

test('when the host answers after an interruption, what was begun meanwhile is begun anew at once', async () => {
  const { host, client, connect } = world()
  await connect()
  host.peer.become('failed')
  await host.pass(700)
  assert.deepEqual([client.state, host.peers.length], ['reconnecting', 1])
  host.socket.say({ type: 'pong', timestamp: 0 })
  await settle()
  assert.deepEqual([client.state, host.peers.length], ['connecting', 2])
  await host.answer()
  assert.deepEqual([client.state, host.sockets.length], ['connected', 1])
  await client.close()
  assert.equal(host.clock.pending, 0)
})

test('an answer that comes at once does not shorten the wait for the next try', async () => {
  const { host, client, connect } = world()
  await connect()
  host.peer.become('failed')
  await settle()
  host.socket.say({ type: 'pong', timestamp: 0 })
  await host.pass(700)
  assert.deepEqual([client.state, host.peers.length], ['reconnecting', 1])
  await client.close()
})
