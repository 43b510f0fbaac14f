import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../kernel/readable.ts'
import type { AccessUnit } from '../media/contract/access-unit.ts'
import type { MediaSink, WatchRequest } from '../media/contract/producer.ts'
import type { Lobby } from './contract/lobby.ts'
import type { Member } from '../domain/member.ts'
import { openMemoryHost, type MemoryHost } from './memory/memory-host.ts'
import type { StreamSession } from './contract/stream-session.ts'

/** The invariants and scenarios of seed 001, as far as the host decides them, by the seed's own names. */

const player: Member = { id: 'm', name: 'Ada', role: 'player', lobbies: 'all' }
const request: WatchRequest = { codecs: ['h264'], bitrateBps: 4_000_000, audio: true }

class Viewer implements MediaSink {
  /** The producer of each picture, without repetitions. */
  readonly seen: string[] = []

  video(unit: AccessUnit): void {
    const producerId = new TextDecoder().decode(unit.data).split(' ')[0] ?? ''
    if (this.seen.at(-1) !== producerId) this.seen.push(producerId)
  }

  audio(): void {}
}

async function openLobby({ host }: MemoryHost, options: { stopWhenEveryoneLeaves?: boolean } = {}): Promise<Lobby> {
  const lobby = await host.createLobby({ appId: 'memory', ...options })
  await until(lobby.status, ({ status }) => status === 'running')
  return lobby
}

function watch(session: StreamSession): Viewer {
  const viewer = new Viewer()
  session.attach(request, viewer)
  return viewer
}

/** One key picture of every producer there is. */
function sendPictures({ parts }: MemoryHost): void {
  for (const producer of [...parts.rooms.keys(), ...parts.producers]) producer.sendPicture({ key: true })
}

const eventTypes = ({ events }: MemoryHost, sessionId: string) =>
  events.flatMap((event) => ('sessionId' in event && event.sessionId === sessionId ? [event.type] : []))

test('invariant 1, test pattern producer lifetime: the waiting room lives from session creation until StopStream', async () => {
  await using memory = await openMemoryHost()
  const lobby = await openLobby(memory)
  const roomsAtEvents: number[] = []
  memory.host.events.subscribe((event) => {
    if (event.type !== 'StopStream') roomsAtEvents.push(memory.parts.rooms.size)
  })
  const session = memory.host.createSession(player)
  await session.join(lobby.id)
  await session.leave()
  await session.close()
  assert.ok(roomsAtEvents.length >= 6)
  assert.ok(Math.min(...roomsAtEvents) >= 1, 'also while the lobby is shown')
  assert.equal(memory.parts.rooms.size, 0)
  assert.equal(memory.events.at(-1)?.type, 'StopStream')
})

test('invariant 2, no pause: a disconnect destroys the session, and the lobby goes on', async () => {
  await using memory = await openMemoryHost()
  const lobby = await openLobby(memory)
  const session = memory.host.createSession(player)
  watch(session)
  await session.join(lobby.id)
  await session.close('disconnected')
  assert.equal(memory.host.sessions.size, 0)
  assert.equal(lobby.status.value.status, 'running')
  assert.deepEqual(eventTypes(memory, session.id), [
    'StreamSessionCreated',
    'ResumeStream',
    'JoinLobby',
    'SwitchStreamProducer',
    'LeaveLobby',
    'StopStream',
  ])
})

test('invariant 3, skip_producer_switch: a session that is being destroyed is not switched back', async () => {
  await using memory = await openMemoryHost()
  const lobby = await openLobby(memory)
  const session = memory.host.createSession(player)
  await session.join(lobby.id)
  await session.leave()
  await session.join(lobby.id)
  await session.close('left')
  const leaves = memory.events.filter((event) => event.type === 'LeaveLobby')
  assert.deepEqual(
    leaves.map(({ skipProducerSwitch }) => skipProducerSwitch),
    [false, true],
  )
  const last = memory.events.slice(memory.events.lastIndexOf(leaves[1] ?? assert.fail()))
  assert.ok(!last.some(({ type }) => type === 'SwitchStreamProducer'))
})

test('invariant 4, lobby cleanup: a lobby that stops when everyone leaves ends with its last session', async () => {
  await using memory = await openMemoryHost()
  const lobby = await openLobby(memory, { stopWhenEveryoneLeaves: true })
  const first = memory.host.createSession(player)
  const second = memory.host.createSession(player)
  await first.join(lobby.id)
  await second.join(lobby.id)
  await first.leave()
  assert.equal(lobby.status.value.status, 'running')
  const stopped = Promise.withResolvers<void>()
  memory.host.events.on('StopLobby', () => stopped.resolve())
  await second.close('left')
  await stopped.promise
  assert.equal(memory.host.lobbies.size, 0)
  assert.deepEqual(lobby.status.value, { status: 'ended', reason: 'Everyone has left' })
  assert.equal(memory.parts.displays.size + memory.parts.producers.size + memory.parts.running.size, 0)
})

test('invariant 5, session timeout: 60 s without activity stop the stream, looked for every 10 s', async () => {
  await using memory = await openMemoryHost()
  const idle = memory.host.createSession(player)
  const active = memory.host.createSession(player)
  memory.clock.advance(60_000)
  assert.equal(memory.host.sessions.size, 2, '60 s are not more than 60 s')
  active.touch()
  memory.clock.advance(10_000)
  assert.deepEqual([...memory.host.sessions.keys()], [active.id])
  assert.deepEqual(await idle.closed, { kind: 'clean', reason: 'idle' })
  memory.clock.advance(50_000)
  active.input({ type: 'pointer', x: 0, y: 0 })
  memory.clock.advance(59_000)
  assert.equal(memory.host.sessions.size, 1, 'input is activity')
})

test('scenario: session disconnects while in lobby: it leaves, is destroyed, and the lobby persists', async () => {
  await using memory = await openMemoryHost()
  const lobby = await openLobby(memory)
  const session = memory.host.createSession(player)
  await session.join(lobby.id)
  assert.deepEqual(lobby.sessions, [session.id])
  await session.close()
  assert.deepEqual(lobby.sessions, [])
  assert.deepEqual([...memory.host.lobbies.values()], [lobby])
  assert.equal([...memory.parts.producers][0]?.viewers, 0)
  assert.equal([...memory.parts.displays][0]?.inputs.size, 0)
})

test('scenario: session disconnects while showing the test pattern: it is destroyed completely', async () => {
  await using memory = await openMemoryHost()
  const session = memory.host.createSession(player)
  const viewer = watch(session)
  sendPictures(memory)
  assert.equal(viewer.seen.length, 1)
  await session.close()
  assert.equal(memory.host.sessions.size, 0)
  assert.equal(memory.parts.open, 0)
})

test('scenario: user reconnects after disconnect: a new session joins the lobby that is still there', async () => {
  await using memory = await openMemoryHost()
  const lobby = await openLobby(memory)
  const session = memory.host.createSession(player)
  await session.join(lobby.id)
  await session.close()
  const [display] = memory.parts.displays
  const returned = memory.host.createSession(player, { id: session.id })
  const viewer = watch(returned)
  await returned.join(lobby.id)
  sendPictures(memory)
  assert.deepEqual(viewer.seen, [lobby.id])
  assert.deepEqual([...memory.parts.displays], [display], 'the same app, as it was left')
})

test('scenario: session times out: it leaves its lobby, and everything of it is destroyed', async () => {
  await using memory = await openMemoryHost()
  const lobby = await openLobby(memory)
  const session = memory.host.createSession(player)
  await session.join(lobby.id)
  memory.clock.advance(70_000)
  await session.closed
  assert.deepEqual(lobby.sessions, [])
  assert.equal(memory.parts.rooms.size, 0)
  const stop = memory.events.find((event) => event.type === 'StopStream')
  assert.equal(stop?.cause, 'idle')
})

test('scenario: two sessions, first disconnects: the second is unaffected', async () => {
  await using memory = await openMemoryHost()
  const lobby = await openLobby(memory)
  const [first, second] = [memory.host.createSession(player), memory.host.createSession(player)]
  await first.join(lobby.id)
  const viewer = watch(second)
  sendPictures(memory)
  await first.close()
  sendPictures(memory)
  assert.match(viewer.seen.join(), /^waiting-room-\d+$/, 'no black screen: its waiting room lives')
  await second.join(lobby.id)
  sendPictures(memory)
  assert.equal(viewer.seen.at(-1), lobby.id)
})

test('scenario: session in lobby, another joins the same lobby: both see it independently', async () => {
  await using memory = await openMemoryHost()
  const lobby = await openLobby(memory)
  const [first, second] = [memory.host.createSession(player), memory.host.createSession(player)]
  const viewers = [watch(first), watch(second)]
  await first.join(lobby.id)
  await second.join(lobby.id)
  sendPictures(memory)
  assert.deepEqual(
    viewers.map(({ seen }) => seen),
    [[lobby.id], [lobby.id]],
  )
  await first.leave()
  sendPictures(memory)
  assert.match(viewers[0]?.seen.at(-1) ?? '', /^waiting-room-\d+$/)
  assert.deepEqual(viewers[1]?.seen, [lobby.id])
  assert.equal(memory.parts.producers.size, 1, 'one producer feeds both')
})
