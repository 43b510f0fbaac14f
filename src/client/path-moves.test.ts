import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ScriptedHost, settle } from '../../test/support/scripted-host.ts'
import { webMediaCloseCode } from '../wire/web-media/subprotocol.ts'
import type { ClientEnvironment } from './environment/environment.ts'
import { PorchlightClient } from './porchlight-client.ts'

/** A host that sends media by both ways to a client that can decode what comes through the web port. */
async function world({ canDecode = true, canMakePeers = true, wantsHeadStart = false, isNative = false } = {}) {
  const host = new ScriptedHost()
  host.webMedia.wantsHeadStart = wantsHeadStart
  host.canMakePeers = canMakePeers
  host.peersFlow = false
  host.webMedia.canDecode = canDecode ? ['h264'] : []
  const client = new PorchlightClient({
    signallingUrl: 'ws://host/api/v1/signal',
    token: 'secret',
    environment: host.environment as unknown as ClientEnvironment,
  })
  const seen: (string | undefined)[] = []
  client.on('pathChange', (path) => seen.push(path && `${path.kind}: ${path.why}`))
  client.on('stateChange', (state) => seen.push(state))
  const started = client.start()
  started.catch(() => {})
  host.socket.open()
  host.socket.say({
    type: 'ready',
    id: 's1',
    protocolVersion: 1,
    iceServers: [],
    webMedia: true,
    ...(isNative && { native: true }),
  })
  await settle()
  const media = () => host.webMedia.sockets.at(-1)
  /** The media socket gets its ticket, opens and shows a picture. */
  const showWeb = async () => {
    host.socket.say({ type: 'web-media-ticket', ticket: 't' })
    await settle()
    media()?.open()
    media()?.show()
    await settle()
  }
  /** Virtual time passes in small steps, with media by WebRTC or without; the host answers pings. */
  let pongs = 0
  const pass = async (ms: number, flows = false) => {
    for (let passed = 0; passed < ms; passed += 50) {
      if (flows) host.peer.flow = { framesDecoded: 1, bytesReceived: host.peer.flow.bytesReceived + 1 }
      await host.pass(50)
      const pings = host.socket.heardTypes().filter((type) => type === 'ping').length
      for (; pongs < pings; pongs++) host.socket.say({ type: 'pong', timestamp: 0 })
    }
  }
  return { host, client, seen, started, media, showWeb, pass }
}

test('both ways begin at once, the web port shows first, and WebRTC takes over when it shows a picture', async () => {
  const { host, client, seen, started, media, showWeb, pass } = await world()
  assert.deepEqual(host.socket.heardTypes().toSorted(), ['offer', 'web-media'])
  await showWeb()
  await started
  assert.equal(media()?.url, 'ws://host/api/v1/media')
  assert.deepEqual(media()?.protocols, ['porchlight-media.v1', 'ticket.t'])
  assert.ok(client.send({ type: 'key', code: 'KeyA', key: 'a', down: true }))
  assert.deepEqual(
    media()?.heard.map(({ type }) => type),
    ['receipt', 'keys'],
  )
  await host.answer()
  await pass(500)
  assert.equal(client.path.value?.kind, 'web-port', 'an open peer connection without a picture is not enough')
  await pass(100, true)
  assert.equal(media()?.closedWith, webMediaCloseCode.moved)
  assert.ok(client.send({ type: 'key', code: 'KeyA', key: 'a', down: false }))
  assert.equal(host.peer.channels[0]?.sent.length, 1, 'and nothing is released that goes on')
  assert.deepEqual(seen, ['connecting', 'web-port: first', 'connected', 'direct: udp-works'])
  await pass(2000, true)
  await client.close()
  assert.equal(host.clock.pending, 0)
})

test('what the host says of the path stands beside it, and a move under one that stands is told', async () => {
  const { host, client, started, showWeb, pass } = await world({ isNative: true })
  await showWeb()
  await started
  const told: unknown[] = []
  client.on('pathChange', (path) => void told.push([path?.kind, path?.host?.kind, path?.host?.reason]))
  const since = client.path.value?.sinceMs
  const say = (path: object) => {
    const measured = { targetBps: 1, sentBps: 1, roundTripMs: 1, lossRatio: 0 }
    host.socket.say({ type: 'stats', ...measured, path } as never)
  }
  const direct = { kind: 'direct', reason: 'first', remote: 'direct 192.0.2.1:5000' }
  say(direct)
  await pass(1100)
  assert.deepEqual(client.path.value?.host, direct)
  assert.equal(client.path.value?.sinceMs, since)
  say({ ...direct, kind: 'relayed', reason: 'moved', why: 'relay 192.0.2.9:3478, 19 ms (the direct path is dead)' })
  await pass(1100)
  assert.match(client.path.value?.host?.why ?? '', /dead/)
  assert.ok((client.path.value?.sinceMs ?? 0) > (since ?? 0))
  assert.deepEqual(told, [
    ['native', 'direct', 'first'],
    ['native', 'relayed', 'moved'],
  ])
  await client.close()
})

test('media of the native transport that come late go on where they were, also when the host answers late', async () => {
  const { host, client, started, showWeb, media, pass } = await world({ isNative: true })
  await showWeb()
  await started
  const before = media()
  // Its channel takes another path, which needs more than a second.
  await host.pass(1500)
  await pass(50)
  before?.show()
  await pass(500)
  assert.deepEqual([client.state, media() === before], ['connected', true])
  assert.deepEqual(
    host.socket.heardTypes().filter((type) => type === 'web-media' || type === 'ping'),
    ['web-media', 'ping'],
  )
  await client.close()
})

test('WebRTC that falls silent is left for the web port within about a second, and tried again behind it', async () => {
  const { host, client, seen, showWeb, pass } = await world()
  await host.answer()
  await pass(1000, true)
  assert.ok(client.send({ type: 'key', code: 'KeyA', key: 'a', down: true }))
  host.socket.say({ type: 'web-media-ticket', ticket: 'too late' })
  await settle()
  assert.equal(host.webMedia.sockets.length, 0, 'a ticket that nobody wants any more is not used')
  await pass(1300)
  assert.equal(host.socket.heardTypes().filter((type) => type === 'web-media').length, 2)
  await showWeb()
  assert.equal(client.state, 'connected')
  const [first] = host.webMedia.sockets[0]?.heard.filter(({ type }) => type === 'keys') ?? []
  assert.ok(first, 'what was held is released')
  await pass(2000)
  assert.equal(host.peers.length, 2)
  await host.answer()
  await pass(200, true)
  assert.deepEqual(seen, [
    'connecting',
    'direct: first',
    'connected',
    undefined,
    'web-port: udp-failed',
    'direct: udp-works',
  ])
  assert.equal(client.currentSessionId, 's1')
  await pass(2000, true)
  await client.close()
  assert.equal(host.clock.pending, 0)
})

test('what is held goes up when the web port is there before WebRTC is given up', async () => {
  const { host, client, seen, media, showWeb, pass } = await world()
  await host.answer()
  await pass(1000, true)
  host.socket.say({ type: 'web-media-refused', code: 'busy', message: 'Later' })
  assert.ok(client.send({ type: 'key', code: 'KeyA', key: 'a', down: true }))
  await pass(600)
  assert.ok(client.send({ type: 'key', code: 'KeyA', key: 'a', down: false }), 'into a channel that is dead')
  await showWeb()
  assert.deepEqual(seen, ['connecting', 'direct: first', 'connected', 'web-port: udp-failed'])
  assert.equal(media()?.heard.filter(({ type }) => type === 'keys').length, 1)
  await client.close()
})

test('a web port by which nothing comes although the host answers is replaced, and then given up', async () => {
  const { host, client, seen, showWeb, pass } = await world()
  await showWeb()
  host.peer.become('failed')
  await settle()
  await pass(2600)
  assert.equal(client.path.value, undefined)
  await pass(300)
  assert.equal(host.socket.heardTypes().filter((type) => type === 'web-media').length, 2)
  await pass(4000)
  assert.ok(seen.includes('reconnecting'))
  await client.close()
})

test('WebRTC that stutters is kept, and the web port made ready only for that while', async () => {
  const { host, client, seen, pass } = await world()
  await host.answer()
  await pass(1000, true)
  await pass(600)
  host.socket.say({ type: 'web-media-ticket', ticket: 't' })
  await settle()
  assert.equal(host.webMedia.sockets.length, 1)
  await pass(300, true)
  assert.notEqual(host.webMedia.sockets[0]?.closedWith, undefined)
  await pass(2000, true)
  assert.deepEqual(seen, ['connecting', 'direct: first', 'connected'])
  await client.close()
})

test('ICE that is disconnected makes the web port ready at once, and nothing is left when it is not for long', async () => {
  const { host, client, seen, started, pass } = await world()
  await host.answer()
  await pass(500, true)
  await started
  host.socket.say({ type: 'web-media-refused', code: 'busy', message: 'Later' })
  const wishes = () => host.socket.heardTypes().filter((type) => type === 'web-media').length
  const before = wishes()
  host.peer.become('disconnected')
  await settle()
  await pass(400, true)
  assert.ok(wishes() > before)
  host.peer.become('connected')
  await pass(1000, true)
  assert.deepEqual([client.state, client.path.value?.kind], ['connected', 'direct'])
  assert.equal(seen.includes(undefined), false)
  await client.close()
})

test('after an interruption the former peer connection may be the first to be back, with nothing held', async () => {
  const { host, client, seen, pass } = await world()
  await host.answer()
  await pass(1000, true)
  assert.ok(client.send({ type: 'key', code: 'KeyA', key: 'a', down: true }))
  await pass(2000)
  assert.equal(client.send({ type: 'key', code: 'KeyA', key: 'a', down: false }), false)
  await pass(200, true)
  assert.deepEqual(seen, ['connecting', 'direct: first', 'connected', undefined, 'direct: udp-works'])
  assert.equal(host.peers.length, 1)
  assert.equal(host.peer.channels[0]?.sent.length, 2, 'the key, and that it is released')
  await client.close()
  await settle()
  assert.equal(host.clock.pending, 0)
})

test('a wish for the media socket that was not answered before the loss is not made again, and its answer is used', async () => {
  const { host, client, pass, showWeb } = await world()
  await host.answer()
  await pass(500, true)
  await pass(5200)
  assert.equal(client.state, 'reconnecting')
  await pass(1500)
  assert.equal(client.state, 'connecting')
  assert.equal(host.sockets.length, 1)
  assert.equal(host.socket.heardTypes().filter((type) => type === 'web-media').length, 1)
  await showWeb()
  assert.equal(client.state, 'connected')
  await client.close()
})

test('a media socket by which nothing comes any more is replaced when the network is back', async () => {
  const { host, client, media, showWeb } = await world()
  await showWeb()
  await host.pass(700)
  assert.equal(host.socket.heardTypes().at(-1), 'ping', 'it is doubted')
  await host.pass(600)
  host.socket.say({ type: 'pong', timestamp: 0 })
  await settle()
  assert.equal(media()?.closedWith, 1000)
  assert.equal(host.socket.heardTypes().filter((type) => type === 'web-media').length, 2)
  await showWeb()
  assert.equal(client.path.value?.kind, 'web-port')
  await client.close()
  host.clock.advance(2000)
  assert.equal(host.clock.pending, 0)
})

test('a media socket that is lost is opened again; without any media for a while the connection is lost', async () => {
  const { host, client, seen, media, showWeb, pass } = await world()
  await showWeb()
  media()?.drop()
  await settle()
  assert.equal(seen.at(-1), undefined)
  await pass(500)
  await showWeb()
  assert.equal(client.path.value?.kind, 'web-port')
  assert.equal(host.webMedia.sockets.length, 2)
  media()?.drop()
  await pass(4200)
  assert.equal(client.state, 'reconnecting')
  assert.deepEqual(seen.filter((entry) => entry === 'reconnecting').length, 1)
  await client.close()
  assert.equal(host.clock.pending, 0)
})

test('a browser that makes no peer connection now is asked again, at once when the network is back', async () => {
  const { host, client, started, showWeb } = await world({ canMakePeers: false })
  await showWeb()
  await started
  await host.pass(2000)
  assert.deepEqual([client.state, client.path.value?.kind, host.peers.length], ['connected', 'web-port', 0])
  host.canMakePeers = true
  host.wake()
  await settle()
  assert.deepEqual([host.peers.length, host.socket.heardTypes().filter((type) => type === 'offer').length], [1, 1])
  await client.close()

  const other = await world({ canDecode: false, canMakePeers: false })
  await settle()
  assert.deepEqual([other.client.state, other.client.cause?.code], ['reconnecting', 'web-media-unavailable'])
  await other.client.close()
})

test('where the web port wants a head start a peer connection waits for its picture, or for a second', async () => {
  const { host, client, started, showWeb, pass } = await world({ wantsHeadStart: true })
  assert.equal(host.peers.length, 0)
  await showWeb()
  await started
  await pass(1900)
  assert.equal(host.peers.length, 0, 'not before picture and sound are settled')
  await pass(100)
  await host.answer()
  assert.equal(host.peers.length, 1)
  await client.close()
  assert.equal(host.clock.pending, 0)

  const slow = await world({ wantsHeadStart: true })
  await slow.host.pass(950)
  assert.equal(slow.host.peers.length, 0)
  await slow.host.pass(50)
  assert.equal(slow.host.peers.length, 1)
  await slow.client.close()

  const blind = await world({ wantsHeadStart: true, canDecode: false })
  assert.equal(blind.host.peers.length, 1, 'there is nothing to wait for')
  await blind.host.answer()
  await blind.started
  await blind.client.close()
})

test('where nothing can be decoded the client says so when WebRTC fails, and not before', async () => {
  const { host, client } = await world({ canDecode: false })
  assert.deepEqual(host.socket.heardTypes(), ['offer'])
  host.peer.become('failed')
  await settle()
  assert.equal(client.state, 'reconnecting')
  assert.equal(client.cause?.code, 'web-media-unavailable')
  assert.match(client.cause?.message ?? '', /this machine has no decoder/)
  await client.close()
  assert.equal(host.clock.pending, 0)
})
