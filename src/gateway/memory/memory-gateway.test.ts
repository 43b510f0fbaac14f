import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { openMemoryScene } from '../../../test/support/memory-scene.ts'
import { viewerContract } from '../../../test/support/viewer-contract.ts'
import { createReturnDesk } from '../../conversation/return/return-desk.ts'
import type { Member } from '../../domain/member.ts'
import { openMemoryHost } from '../../host/memory/memory-host.ts'
import { ScriptedProducer } from '../../host/memory/scripted-producer.ts'
import { silentLog } from '../../kernel/log.ts'
import { until } from '../../kernel/readable.ts'
import { openMemoryGateway, type MemoryArrival } from './open-memory-gateway.ts'

viewerContract('memory', () => openMemoryScene())

viewerContract('memory with parity and loss reports, as Moonlight has them', () =>
  openMemoryScene({ manner: { repair: 'parity', rateKnownBy: 'losses' } }),
)

/** One who watches a waiting room of 60 pictures a second, in virtual time. */
async function watch(arrival: MemoryArrival) {
  const memory = await openMemoryHost({
    parts: {
      openWaitingRoom: (id) =>
        new ScriptedProducer(id, { fps: 60, clock: memory.clock, nowUs: () => memory.clock.nowMs() * 1000 }),
    },
  })
  const { clock, events, host } = memory
  const nowUs = () => clock.nowMs() * 1000
  const gateway = openMemoryGateway({
    host,
    clock,
    nowUs,
    log: silentLog,
    desk: createReturnDesk({ clock, randomBytes }),
  })
  const connection = await gateway.connect({ id: 'a', name: 'Ada', role: 'owner', lobbies: 'all' }, arrival)
  return {
    clock,
    gateway,
    connection,
    observed: () => events.flatMap((event) => (event.type === 'SessionObserved' ? [event.observation] : [])),
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await memory[Symbol.asyncDispose]()
    },
  }
}

test('a viewer begins anew on another path, and the path is told', async () => {
  await using seen = await watch({ down: { delayUs: 10_000, rateBps: 20e6 }, up: { delayUs: 10_000 } })
  const { clock, connection } = seen
  clock.advance(15_000)
  assert.ok((connection.statistics?.targetBps ?? 0) > 6e6, `${connection.statistics?.targetBps}`)
  connection.move('elsewhere', { delayUs: 90_000, rateBps: 1e6 })
  clock.advance(6000)
  assert.ok((connection.statistics?.targetBps ?? 0) < 1.3e6, `${connection.statistics?.targetBps}`)
  const paths = seen.observed().filter(({ kind }) => kind === 'path')
  assert.deepEqual(
    paths.map((path) => path.kind === 'path' && path.local),
    ['here memory', 'here elsewhere'],
  )
})

test('a viewer whose session ends before it is open is fed nothing, and ends', async () => {
  await using seen = await watch({ down: { delayUs: 10_000 }, up: { delayUs: 10_000 } })
  const { clock, connection } = seen
  void connection.session.close('revoked')
  clock.advance(1000)
  assert.equal((await connection.ended).kind, 'revoked')
  assert.equal(connection.client.pictures.length, 0)
})

test('a viewer is told of with the gateway that it came by, and with the encoding that it is shown', async () => {
  await using scene = await openMemoryScene()
  const viewer = await scene.arrive({ id: 'a', name: 'Ada', role: 'owner', lobbies: 'all' })
  await scene.until('a picture', () => viewer.pictures.length > 0)
  const lobby = await scene.host.createLobby({ appId: 'memory' })
  await until(lobby.status, ({ status }) => status === 'running')
  viewer.join(lobby.id)
  await scene.until('the lobby', () => viewer.lobbyId === lobby.id)
  await scene.pass(500)
  const observed = scene.observed(viewer.sessionId)
  assert.ok(observed.every(({ gateway }) => gateway === 'memory'))
  assert.deepEqual(
    observed.find(({ kind }) => kind === 'rendition'),
    {
      kind: 'rendition',
      from: { size: '1280x720', fps: 10 },
      to: { size: '1280x720', fps: 60 },
      cause: 'switch',
      gateway: 'memory',
    },
  )
})

test('another size is told as wished when somebody asked for it, and again when they do no longer', async () => {
  await using seen = await watch({ down: { delayUs: 10_000 }, up: { delayUs: 10_000 } })
  const { clock, connection } = seen
  const { picture } = connection.session
  clock.advance(1000)
  picture.setShape({ width: 640, height: 360, maxFps: 30 })
  clock.advance(1000)
  picture.setShape(undefined)
  clock.advance(1000)
  const told = seen.observed().flatMap((fact) => (fact.kind === 'rendition' ? [fact] : []))
  assert.deepEqual(
    told.map(({ from, to, cause }) => `${from.size}@${from.fps} ${to.size}@${to.fps} ${cause}`),
    ['1280x720@60 640x360@30 wish', '640x360@30 1280x720@60 wish'],
  )
  const { length } = connection.client.pictures
  assert.ok(length > 140 && length < 160, `${length} pictures: half as many while half as many were wished`)
})

test('a viewer whose losses are repaired by parity is sent more of it the more is lost', async () => {
  await using seen = await watch({
    manner: { repair: 'parity', rateKnownBy: 'losses' },
    down: { delayUs: 10_000, lossRatio: 0.06 },
    up: { delayUs: 10_000 },
  })
  const { clock, connection } = seen
  clock.advance(5000)
  const parity = seen.observed().filter(({ kind }) => kind === 'parity')
  assert.ok(parity.length > 0)
  const { length } = connection.client.pictures
  clock.advance(5000)
  assert.ok(connection.client.pictures.length > length + 240, `${connection.client.pictures.length - length} of 300`)
})

test('what nobody repairs is begun anew at a key picture', async () => {
  await using seen = await watch({ manner: { repair: 'none' }, down: { delayUs: 10_000, lossRatio: 0.01 } })
  seen.clock.advance(10_000)
  const keys = seen.connection.client.pictures.filter(({ key }) => key).length
  assert.ok(keys > 3, `${keys} key pictures`)
  assert.ok(seen.gateway.counters.keyframeRequests > 2)
})

test('a wire on which silence is the end loses its session, which comes back by its token', async () => {
  await using seen = await watch({ manner: { whenSilent: 'end' } })
  const { clock, connection, gateway } = seen
  clock.advance(1000)
  connection.client.isAsleep = true
  clock.advance(4000)
  assert.equal((await connection.ended).kind, 'lost')
  const resume = { sessionId: connection.session.id, token: connection.resumeToken }
  const again = await gateway.connect({ id: 'a', name: 'Ada', role: 'owner', lobbies: 'all' }, { resume })
  assert.equal(again.session.id, connection.session.id)
  const other = await gateway.connect({ id: 'a', name: 'Ada', role: 'owner', lobbies: 'all' }, { resume })
  assert.notEqual(other.session.id, connection.session.id, 'a token is good once')
})

test('a session that was lost by one way in is found again by another, in its lobby and with its seat', async () => {
  const memory = await openMemoryHost()
  const { clock, host } = memory
  const nowUs = () => clock.nowMs() * 1000
  const desk = createReturnDesk({ clock, randomBytes })
  const open = () => openMemoryGateway({ host, clock, nowUs, log: silentLog, desk })
  const [one, other] = [open(), open()]
  const lobby = await host.createLobby({ appId: 'memory' })
  await until(lobby.status, ({ status }) => status === 'running')
  const ada: Member = { id: 'a', name: 'Ada', role: 'owner', lobbies: 'all' }
  const first = await one.connect(ada)
  await first.session.join(lobby.id)
  first.session.changeSeat('keyboard-mouse', { do: 'request' })
  void first.cut()
  const resume = { sessionId: first.session.id, token: first.resumeToken }
  const again = await other.connect(ada, { resume })
  assert.deepEqual([one.connections, other.connections], [0, 1])
  assert.equal(again.session.id, first.session.id)
  assert.deepEqual(again.session.place.value, { kind: 'lobby', lobbyId: lobby.id })
  assert.equal(again.session.holds('keyboard-mouse'), true)
  await again.cut()
  await host.stopLobby(lobby.id, 'It is late')
  const late = await one.connect(ada, { resume: { sessionId: again.session.id, token: again.resumeToken } })
  assert.equal(late.session.id, first.session.id)
  assert.equal(late.session.place.value.kind, 'waiting-room')
  assert.deepEqual(late.refusals, ['lobby-ended'])
  await one.close()
  await other.close()
  await memory[Symbol.asyncDispose]()
})

test('a gateway that closes ends what it has opened, and leaves no timer behind', async () => {
  const seen = await watch({})
  seen.clock.advance(500)
  assert.equal(seen.gateway.connections, 1)
  await seen.gateway.close()
  assert.equal(seen.gateway.connections, 0)
  assert.equal((await seen.connection.ended).kind, 'gateway-closed')
  await seen[Symbol.asyncDispose]()
  assert.equal(seen.clock.pending, 0)
})
