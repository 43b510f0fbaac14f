import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../kernel/manual-clock.ts'
import { decodeClientMessage, encodeSignal } from '../wire/signal/codec.ts'
import type { ClientMessage, ServerMessage } from '../wire/signal/messages.ts'
import type { ReconnectionOptions, StartOptions } from './client-options.ts'
import type { SocketLike } from './environment.ts'
import { PorchlightClient } from './porchlight-client.ts'

/** The host's end of one WebSocket. */
class FakeSocket extends EventTarget implements SocketLike {
  readonly protocols: readonly string[]
  readonly heard: ClientMessage[] = []
  closed = false

  constructor(protocols: readonly string[]) {
    super()
    this.protocols = protocols
  }

  send(text: string): void {
    this.heard.push(decodeClientMessage(text))
  }

  close(): void {
    this.closed = true
  }

  open(): void {
    this.dispatchEvent(new Event('open'))
  }

  say(message: ServerMessage): void {
    this.dispatchEvent(new MessageEvent('message', { data: encodeSignal(message) }))
  }

  drop(code = 1006, reason = ''): void {
    this.dispatchEvent(Object.assign(new Event('close'), { code, reason }))
  }

  heardTypes(): string[] {
    return this.heard.map(({ type }) => type)
  }
}

class FakeChannel extends EventTarget {
  readyState = 'connecting'
  bufferedAmount = 0
  readonly sent: Uint8Array[] = []

  send(bytes: Uint8Array): void {
    this.sent.push(bytes)
  }
}

/** As much of an RTCPeerConnection as the client touches; `connect` plays the network. */
class FakePeer extends EventTarget {
  connectionState = 'new'
  remoteDescription: unknown = null
  readonly channels: FakeChannel[] = []
  readonly candidates: unknown[] = []

  createDataChannel(): FakeChannel {
    const channel = new FakeChannel()
    this.channels.push(channel)
    return channel
  }

  addTransceiver(kind: string) {
    return { receiver: { track: Object.assign(new EventTarget(), { kind, muted: true }) } }
  }

  getConfiguration = () => ({})
  setConfiguration = () => {}
  createOffer = async () => ({ type: 'offer', sdp: 'v=0 offer' })
  setLocalDescription = async () => {}
  getStats = async () => new Map()

  async setRemoteDescription(description: unknown): Promise<void> {
    this.remoteDescription = description
  }

  async addIceCandidate(candidate: unknown): Promise<void> {
    this.candidates.push(candidate)
  }

  become(state: string): void {
    this.connectionState = state
    this.dispatchEvent(new Event('connectionstatechange'))
  }

  connect(): void {
    for (const channel of this.channels) channel.readyState = 'open'
    this.become('connected')
  }

  close(): void {
    this.connectionState = 'closed'
  }
}

function world(reconnection: ReconnectionOptions = {}) {
  const clock = new ManualClock()
  const sockets: FakeSocket[] = []
  const peers: FakePeer[] = []
  const seen: string[] = []
  const wakes = new Set<() => void>()
  const client = new PorchlightClient({
    signallingUrl: 'ws://host/api/v1/signal',
    token: 'secret',
    reconnection,
    environment: {
      clock,
      random: () => 0.5,
      createSocket(_url, protocols) {
        const socket = new FakeSocket(protocols)
        sockets.push(socket)
        return socket
      },
      createPeer() {
        const peer = new FakePeer()
        peers.push(peer)
        return peer as unknown as RTCPeerConnection
      },
      videoCodecs: () => [],
      onWake(listener) {
        wakes.add(listener)
        return () => wakes.delete(listener)
      },
    },
  })
  client.on('stateChange', (state) => seen.push(state))
  client.on('reconnecting', (attempt, max) => seen.push(`${attempt}/${max}`))
  const socket = () => sockets.at(-1) as FakeSocket
  const peer = () => peers.at(-1) as FakePeer

  /** Greets, answers and connects, as a host would. */
  const welcome = async (ack?: Extract<ServerMessage, { type: 'reconnect-ack' }>) => {
    socket().open()
    socket().say({ type: 'ready', id: 's1', protocolVersion: 1, iceServers: [], resumeToken: 'r1', role: 'player' })
    if (ack) socket().say(ack)
    await answer()
  }
  const answer = async () => {
    await settle()
    socket().say({ type: 'signal', signal: { type: 'answer', sdp: 'v=0 answer' } })
    peer().connect()
    await settle()
  }
  const connect = async (options?: StartOptions) => {
    const started = client.start(options)
    await welcome()
    await started
  }
  const wake = () => wakes.forEach((listener) => listener())
  return { clock, client, sockets, peers, seen, socket, peer, welcome, answer, connect, wake, wakes }
}

/** Lets everything that waits for nothing but promises come to rest. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

test('start greets with the token as a subprotocol, joins, offers, and resolves when media flows', async () => {
  const { client, connect, socket, seen } = world()
  await connect({ lobbyId: 'games' })
  assert.deepEqual(socket().protocols, ['porchlight.v1', 'bearer.secret'])
  assert.deepEqual(socket().heardTypes(), ['join', 'offer'])
  assert.deepEqual(seen, ['connecting', 'connected'])
  assert.equal(client.state, 'connected')
  assert.equal(client.currentSessionId, 's1')
  assert.equal(client.role, 'player')
  await client.close()
})

test('start refuses a client that is not disconnected', async () => {
  const { client, connect } = world()
  await connect()
  await assert.rejects(client.start(), { code: 'invalid-state' })
  await client.close()
  await assert.rejects(client.start(), { code: 'invalid-state' })
})

test('start asks for the session that it is given, before anything else', async () => {
  const { client, socket, welcome } = world()
  const started = client.start({ sessionId: 'old', resumeToken: 'r0', lobbyId: 'games' })
  await welcome({ type: 'reconnect-ack', success: true, sessionId: 'old', historyRecovered: true, resumeToken: 'r2' })
  await started
  assert.deepEqual(socket().heard[0], { type: 'reconnect', sessionId: 'old', resumeToken: 'r0' })
  assert.equal(client.currentSessionId, 'old')
  assert.equal(client.currentResumeToken, 'r2')
  await client.close()
})

test('a lost socket is followed by a new one that resumes the session and joins only if it was not recovered', async () => {
  const { client, clock, connect, socket, seen, welcome } = world()
  await connect({ lobbyId: 'games' })
  for (const recovered of [true, false]) {
    socket().drop()
    await settle()
    assert.equal(client.state, 'reconnecting')
    clock.advance(2000)
    const ack = { type: 'reconnect-ack', success: recovered, sessionId: 's1', historyRecovered: recovered } as const
    await welcome(ack)
    assert.equal(client.state, 'connected')
    assert.deepEqual(socket().heardTypes(), recovered ? ['reconnect', 'offer'] : ['reconnect', 'join', 'offer'])
    clock.advance(6000)
    socket().say({ type: 'pong', timestamp: 0 })
  }
  assert.deepEqual(seen.slice(2, 6), ['reconnecting', '1/5', 'connecting', 'connected'])
  await client.close()
})

test('a lost media path is offered again over the same socket', async () => {
  const { client, clock, connect, sockets, peers, peer, socket, answer } = world()
  await connect()
  peer().become('failed')
  await settle()
  assert.equal(client.state, 'reconnecting')
  assert.equal(client.cause?.code, 'media-lost')
  clock.advance(1000)
  await answer()
  assert.equal(client.state, 'connected')
  assert.equal(sockets.length, 1)
  assert.equal(peers.length, 2)
  assert.deepEqual(socket().heardTypes(), ['offer', 'offer'])
  await client.close()
})

test('a media path that only stutters is kept, one that stays silent is lost', async () => {
  const { client, clock, connect, peer } = world()
  await connect()
  peer().become('disconnected')
  clock.advance(2000)
  peer().become('connected')
  clock.advance(2000)
  await settle()
  assert.equal(client.state, 'connected')
  peer().become('disconnected')
  clock.advance(3000)
  await settle()
  assert.equal(client.state, 'reconnecting')
  await client.close()
})

test('an offer that was never answered does not bind the next try to its socket', async () => {
  const { client, clock, sockets, socket } = world()
  void client.start().catch(() => {})
  socket().open()
  socket().say({ type: 'ready', id: 's1', protocolVersion: 1, iceServers: [] })
  await settle()
  for (let beat = 0; beat < 2; beat++) {
    clock.advance(5000)
    socket().say({ type: 'pong', timestamp: clock.nowMs() })
  }
  await settle()
  assert.deepEqual(socket().heardTypes(), ['offer', 'ping', 'ping'])
  clock.advance(5000)
  await settle()
  assert.equal(client.state, 'reconnecting')
  assert.equal(client.cause?.code, 'timeout')
  assert.equal(sockets[0]?.closed, true)
  clock.advance(1000)
  await settle()
  assert.equal(sockets.length, 2)
  await client.close()
})

test('the client gives up after maxRetries tries, with growing delays', async () => {
  const { client, clock, sockets, socket, seen } = world({ maxRetries: 3, jitterFactor: 0 })
  const started = client.start()
  const outcome = assert.rejects(started, { code: 'signalling-lost' })
  for (const delayMs of [1000, 2000, 4000]) {
    socket().drop()
    await settle()
    const before = sockets.length
    clock.advance(delayMs - 1)
    await settle()
    assert.equal(sockets.length, before)
    clock.advance(1)
    await settle()
    assert.equal(sockets.length, before + 1)
  }
  socket().drop()
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

test('without reconnection a failed try fails the client, and so does a loss', async () => {
  const first = world({ enabled: false })
  const started = first.client.start()
  first.socket().drop()
  await assert.rejects(started, { code: 'signalling-lost' })
  assert.deepEqual(first.seen, ['connecting', 'failed'])

  const second = world({ enabled: false })
  await second.connect()
  second.socket().drop()
  await settle()
  assert.deepEqual(second.seen, ['connecting', 'connected', 'reconnecting', 'failed'])
})

test('a revoked token is not tried again', async () => {
  const { client, clock, connect, socket } = world()
  await connect()
  socket().drop(4401, 'revoked')
  await settle()
  assert.equal(client.state, 'failed')
  assert.equal(client.cause?.code, 'revoked')
  assert.equal(clock.pending, 0)
})

test('a message that breaks the protocol fails the client and says what came', async () => {
  const { client, connect, socket } = world()
  await connect()
  socket().say({ type: 'signal', signal: { type: 'answer', sdp: 'v=0 unasked' } })
  await settle()
  assert.equal(client.state, 'failed')
  assert.equal(client.cause?.code, 'protocol-violation')
  assert.match(client.cause?.message ?? '', /"signal"/)
})

test('a host that stops answering is noticed', async () => {
  const { client, clock, connect, socket } = world()
  await connect()
  clock.advance(5000)
  assert.equal(socket().heardTypes().at(-1), 'ping')
  clock.advance(10_000)
  await settle()
  assert.equal(client.state, 'reconnecting')
  assert.equal(client.cause?.code, 'timeout')
  await client.close()
})

test('a wake-up ends the waiting, and doubts a connection that stands', async () => {
  const { client, clock, connect, socket, sockets, wake } = world()
  await connect()
  clock.advance(5000)
  wake()
  assert.deepEqual(socket().heardTypes(), ['offer', 'ping'])
  clock.advance(2000)
  await settle()
  assert.equal(client.state, 'reconnecting')
  wake()
  await settle()
  assert.equal(client.state, 'connecting')
  assert.equal(sockets.length, 2)
  await client.close()
})

test('close says goodbye, leaves no timer behind and ends start and join', async () => {
  const { client, clock, socket, peer, seen, wakes } = world()
  const started = assert.rejects(client.start(), { code: 'closed' })
  socket().open()
  socket().say({ type: 'ready', id: 's1', protocolVersion: 1, iceServers: [] })
  await settle()
  const joined = assert.rejects(client.join('games'), { code: 'closed' })
  await client.close()
  await Promise.all([started, joined])
  assert.deepEqual(socket().heardTypes(), ['offer', 'join', 'bye'])
  assert.equal(socket().closed, true)
  assert.equal(peer().connectionState, 'closed')
  assert.equal(clock.pending, 0)
  assert.equal(wakes.size, 0)
  assert.deepEqual(seen, ['connecting', 'closed'])
  assert.deepEqual(await client.closed, { kind: 'clean', reason: 'closed' })
})

test('close ends a try that has not been greeted yet', async () => {
  const { client, clock, socket } = world()
  const started = assert.rejects(client.start(), { code: 'closed' })
  socket().open()
  await client.close()
  await started
  assert.equal(socket().closed, true)
  assert.equal(clock.pending, 0)
})

test('a listener may close the client in the middle of a loss', async () => {
  const { client, clock, connect, socket, seen } = world()
  await connect()
  client.on('stateChange', (state) => {
    if (state === 'reconnecting') void client.close()
  })
  socket().drop()
  await settle()
  assert.deepEqual(seen, ['connecting', 'connected', 'reconnecting', 'closed'])
  assert.equal(clock.pending, 0)
})

test('place, refusals and candidates reach whom they concern', async () => {
  const { client, connect, socket, peer } = world()
  const places: unknown[] = []
  const errors: unknown[] = []
  client.on('place', (place) => places.push(place))
  client.on('error', (error) => errors.push(error.hostCode))
  await connect()
  socket().say({ type: 'place', place: { kind: 'lobby', lobbyId: 'games' } })
  socket().say({ type: 'error', code: 'lobby-not-found', message: 'There is none' })
  socket().say({ type: 'candidate', candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host' })
  await settle()
  assert.deepEqual(places, [{ kind: 'lobby', lobbyId: 'games' }])
  assert.deepEqual(client.place.value, places[0])
  assert.deepEqual(errors, ['lobby-not-found'])
  assert.equal(peer().candidates.length, 1)
  await client.close()
})

test('input goes out while connected and is refused otherwise', async () => {
  const { client, connect, peer, socket } = world()
  const key = { type: 'key', code: 'KeyA', key: 'a', down: true } as const
  assert.equal(client.send(key), false)
  await connect()
  assert.equal(client.send(key), true)
  assert.equal(peer().channels[0]?.sent.length, 1)
  socket().drop()
  await settle()
  assert.equal(client.send(key), false)
  await client.close()
})
