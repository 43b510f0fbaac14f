import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientWorld } from './testing/client-world.ts'
import { ScriptedHost, settle } from '../../test/support/scripted-host.ts'
import type { ReconnectionOptions } from './environment/client-options.ts'

const world = (reconnection?: ReconnectionOptions) => clientWorld(new ScriptedHost(), reconnection)

test('start asks for the session that it is given, before anything else', async () => {
  const { host, client } = world()
  const started = client.start({ sessionId: 'old', resumeToken: 'r0', lobbyId: 'games' })
  await host.welcome({
    type: 'reconnect-ack',
    success: true,
    sessionId: 'old',
    historyRecovered: true,
    resumeToken: 'r2',
  })
  await started
  assert.deepEqual(host.socket.heard[0], { type: 'reconnect', sessionId: 'old', resumeToken: 'r0' })
  assert.equal(client.currentSessionId, 'old')
  assert.equal(client.currentResumeToken, 'r2')
  await client.close()
})

test('a lost socket is followed by a new one that resumes the session and joins only if it was not recovered', async () => {
  const { host, client, clock, connect, seen } = world()
  await connect({ lobbyId: 'games' })
  host.socket.say({ type: 'place', place: { kind: 'lobby', lobbyId: 'games' } })
  for (const recovered of [true, false]) {
    host.socket.drop()
    await settle()
    assert.equal(client.state, 'reconnecting')
    clock.advance(2000)
    const ack = { type: 'reconnect-ack', success: recovered, sessionId: 's1', historyRecovered: recovered } as const
    await host.welcome(ack)
    assert.equal(client.state, 'connected')
    assert.deepEqual(host.socket.heardTypes(), recovered ? ['reconnect', 'offer'] : ['reconnect', 'join', 'offer'])
    clock.advance(6000)
    host.socket.say({ type: 'pong', timestamp: 0 })
  }
  assert.deepEqual(seen.slice(2, 6), ['reconnecting', '1/5', 'connecting', 'connected'])
  await client.close()
})

test('a lost media path is offered again over the same socket', async () => {
  const { host, client, clock, connect } = world()
  await connect()
  host.peer.become('failed')
  await settle()
  assert.equal(client.state, 'reconnecting')
  assert.equal(client.cause?.code, 'media-lost')
  clock.advance(1000)
  await host.answer()
  assert.equal(client.state, 'connected')
  assert.equal(host.sockets.length, 1)
  assert.equal(host.peers.length, 2)
  assert.deepEqual(host.socket.heardTypes(), ['offer', 'ping', 'offer'], 'and asked whether it still stands')
  await client.close()
})

test('isHostThere is true only as long as signalling stands and answers', async () => {
  const { host, client, clock, connect } = world()
  const seen: boolean[] = []
  client.isHostThere.subscribe((isThere) => seen.push(isThere))
  await connect()
  host.peer.become('failed')
  await settle()
  assert.deepEqual([client.state, ...seen], ['reconnecting', true, false], 'nobody has answered yet')
  const ping = host.socket.heard.at(-1)
  assert.ok(ping?.type === 'ping')
  host.socket.say({ type: 'pong', timestamp: ping.timestamp })
  await settle()
  assert.equal(client.isHostThere.value, true)
  clock.advance(1000)
  await host.answer()
  host.socket.drop()
  await settle()
  assert.deepEqual(seen, [true, false, true, false])
  await client.close()
})

test('tryNow does not wait for the time that reconnecting tells', async () => {
  const { host, client, connect } = world({ baseDelayMs: 60_000, maxDelayMs: 60_000 })
  const delays: number[] = []
  client.on('reconnecting', (_attempt, _max, delayMs) => delays.push(delayMs))
  await connect()
  host.socket.drop()
  await settle()
  assert.equal(client.state, 'reconnecting')
  assert.ok(delays[0] !== undefined && delays[0] > 30_000)
  client.tryNow()
  assert.equal(client.state, 'connecting')
  assert.equal(host.sockets.length, 2)
  await client.close()
})

test('a media path that only stutters is kept, one that stays silent is lost', async () => {
  const { host, client, clock, connect } = world()
  await connect()
  host.peer.become('disconnected')
  clock.advance(2000)
  host.peer.become('connected')
  clock.advance(2000)
  await settle()
  assert.equal(client.state, 'connected')
  host.peer.become('disconnected')
  clock.advance(3000)
  await settle()
  assert.equal(client.state, 'reconnecting')
  await client.close()
})

test('an offer that was never answered does not bind the next try to its socket', async () => {
  const { host, client, clock } = world()
  void client.start().catch(() => {})
  host.socket.open()
  host.socket.say({ type: 'ready', id: 's1', protocolVersion: 1, iceServers: [] })
  await settle()
  for (let beat = 0; beat < 2; beat++) {
    clock.advance(5000)
    host.socket.say({ type: 'pong', timestamp: clock.nowMs() })
  }
  await settle()
  assert.deepEqual(host.socket.heardTypes(), ['offer', 'ping', 'ping'])
  clock.advance(5000)
  await settle()
  assert.equal(client.state, 'reconnecting')
  assert.equal(client.cause?.code, 'timeout')
  assert.equal(host.sockets[0]?.closed, true)
  clock.advance(1000)
  await settle()
  assert.equal(host.sockets.length, 2)
  await client.close()
})

test('a refused offer is a failed try, and the next one goes over the same socket', async () => {
  const { host, client, clock } = world()
  const started = client.start()
  host.greet()
  await settle()
  host.socket.say({ type: 'offer-refused', code: 'no-usable-codec', message: 'Cannot answer the offer' })
  await settle()
  assert.equal(client.state, 'reconnecting')
  assert.equal(client.cause?.hostCode, 'no-usable-codec')
  clock.advance(1000)
  await host.answer()
  await started
  assert.equal(host.sockets.length, 1)
  await client.close()
})

test('the client gives up after maxRetries tries, with growing delays', async () => {
  const { host, client, clock, seen } = world({ maxRetries: 3, jitterFactor: 0 })
  const started = client.start()
  const outcome = assert.rejects(started, { code: 'signalling-lost' })
  for (const delayMs of [1000, 2000, 4000]) {
    host.socket.drop()
    await settle()
    const before = host.sockets.length
    clock.advance(delayMs - 1)
    await settle()
    assert.equal(host.sockets.length, before)
    clock.advance(1)
    await settle()
    assert.equal(host.sockets.length, before + 1)
  }
  host.socket.drop()
  await settle()
  await outcome
  assert.equal(client.state, 'failed')
  assert.deepEqual(
    seen.filter((entry) => entry.includes('/')),
    ['1/3', '2/3', '3/3'],
  )
  assert.deepEqual(seen.slice(-2), ['reconnecting', 'failed'])
  assert.equal(clock.pending, 0)
  await client.close()
  assert.equal(client.state, 'closed')
})

test('a client that failed is started again, with all its tries, and asks for its session', async () => {
  const { host, client, clock, connect, seen } = world({ maxRetries: 1, jitterFactor: 0 })
  await connect({ lobbyId: 'games' })
  for (let loss = 0; loss < 2; loss++) {
    host.socket.drop()
    await settle()
    clock.advance(1000)
    await settle()
  }
  assert.equal(client.state, 'failed')
  const sockets = host.sockets.length
  const started = client.start()
  await host.welcome({ type: 'reconnect-ack', success: false, sessionId: 's1', historyRecovered: false })
  await started
  assert.equal(host.sockets.length, sockets + 1)
  assert.deepEqual(host.socket.heardTypes(), ['reconnect', 'join', 'offer'])
  host.socket.drop()
  await settle()
  assert.deepEqual(seen.slice(-5), ['failed', 'connecting', 'connected', 'reconnecting', '1/1'])
  await client.close()
})

test('a client does not wait for its next try when somebody answers at the door, but once', async () => {
  const { host, client, clock, connect } = world()
  await connect()
  host.socket.drop()
  await settle()
  clock.advance(500)
  await settle()
  assert.equal(client.state, 'reconnecting')
  host.isThere = true
  clock.advance(250)
  await settle()
  assert.equal(client.state, 'connecting', 'before the second is over')
  host.socket.drop()
  await settle()
  clock.advance(1000)
  await settle()
  assert.equal(client.state, 'reconnecting', 'whoever answers and lets nobody in is waited for as before')
  assert.equal(client.cause?.code, 'websockets-blocked', 'something in between passes requests on, and no WebSockets')
  assert.match(client.cause?.message ?? '', /a proxy in between has to pass them on/)
  clock.advance(1500)
  await host.welcome({ type: 'reconnect-ack', success: true, sessionId: 's1', historyRecovered: true })
  assert.equal(client.state, 'connected')
  await client.close()
  assert.equal(clock.pending, 0)
})

test('a dial that hangs is not waited for when somebody answers at the door', async () => {
  const { host, client, clock, connect } = world()
  await connect()
  host.socket.drop()
  await settle()
  clock.advance(1000)
  await settle()
  assert.equal(client.state, 'connecting')
  const dials = host.sockets.length
  host.isThere = true
  clock.advance(250)
  await settle()
  assert.equal(host.sockets.length, dials + 1)
  await host.welcome({ type: 'reconnect-ack', success: true, sessionId: 's1', historyRecovered: true })
  assert.equal(client.state, 'connected')
  assert.equal(host.sockets.at(-2)?.closed, true)
  await client.close()
})

test('a network that goes makes the client doubt its connection, and nothing is lost if it stands', async () => {
  const { host, client, clock, connect } = world()
  await connect()
  for (const page of host.pages) page.doubted()
  assert.deepEqual(host.socket.heardTypes(), ['offer', 'ping'])
  host.socket.say({ type: 'pong', timestamp: 0 })
  clock.advance(3000)
  await settle()
  assert.equal(client.state, 'connected')
  await client.close()
})

test('a limit holds after every reconnection', async () => {
  const { host, client, clock, connect } = world()
  await connect()
  client.limit(500_000)
  host.socket.drop()
  await settle()
  clock.advance(2000)
  await host.welcome({ type: 'reconnect-ack', success: true, sessionId: 's1', historyRecovered: true })
  assert.deepEqual(host.socket.heardTypes(), ['reconnect', 'limit', 'offer'])
  await client.close()
})

test('without reconnection a failed try fails the client, and so does a loss', async () => {
  const first = world({ enabled: false })
  const started = first.client.start()
  first.host.socket.drop()
  await assert.rejects(started, { code: 'signalling-lost' })
  assert.deepEqual(first.seen, ['connecting', 'failed'])

  const second = world({ enabled: false })
  await second.connect()
  second.host.socket.drop()
  await settle()
  assert.deepEqual(second.seen, ['connecting', 'connected', 'reconnecting', 'failed'])
})

test('a revoked token is not tried again', async () => {
  const { host, client, clock, connect } = world()
  await connect()
  host.socket.drop(4401, 'revoked')
  await settle()
  assert.equal(client.state, 'failed')
  assert.equal(client.cause?.code, 'revoked')
  assert.equal(clock.pending, 0)
})

test('a session that was ended is not tried again when its media path goes first', async () => {
  const { host, client, clock, connect } = world()
  await connect()
  host.peer.become('failed')
  await settle()
  assert.equal(client.state, 'reconnecting')
  host.socket.drop(4403, 'The session was ended: stopped')
  await settle()
  assert.equal(client.state, 'failed')
  assert.equal(client.cause?.code, 'session-ended')
  assert.equal(clock.pending, 0)
})
