import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../../kernel/readable.ts'
import type { MediaSink, WatchRequest } from '../../media/contract/producer.ts'
import { HostError, type HostErrorCode } from '../contract/host-error.ts'
import type { Lobby } from '../contract/lobby.ts'
import type { Member } from '../../domain/member.ts'
import { openMemoryHost, type MemoryHost } from '../memory/memory-host.ts'

const player: Member = { id: 'p', name: 'Ada', role: 'player', lobbies: 'all' }
const viewer: Member = { id: 'v', name: 'Bob', role: 'viewer', lobbies: 'all' }
const request: WatchRequest = { codecs: ['h264'], bitrateBps: 4_000_000, audio: true }
const deaf: MediaSink = { video() {}, audio() {} }

const withCode = (code: HostErrorCode) => (error: unknown) => error instanceof HostError && error.code === code

async function openLobby({ host }: MemoryHost, title = 'Games'): Promise<Lobby> {
  const lobby = await host.createLobby({ appId: 'memory', title })
  await until(lobby.status, ({ status }) => status === 'running')
  return lobby
}

const switches = ({ events }: MemoryHost) =>
  events.flatMap((event) => (event.type === 'SwitchStreamProducer' ? [event.producerId] : []))

test('join refuses an unknown lobby, one that has ended, one beside the invitation, and a second one', async () => {
  await using memory = await openMemoryHost()
  const [games, work, old] = [await openLobby(memory), await openLobby(memory, 'Work'), await openLobby(memory, 'Old')]
  await memory.host.stopLobby(old.id, 'Enough')
  const session = memory.host.createSession(player)
  await assert.rejects(session.join('nothing'), withCode('lobby-not-found'))
  await assert.rejects(session.join(old.id), withCode('lobby-ended'))
  const guest = memory.host.createSession({ ...player, lobbies: [games.id] })
  await assert.rejects(guest.join(work.id), withCode('forbidden'))
  await assert.rejects(guest.join('nothing'), withCode('forbidden'), 'and does not learn which lobbies there are')
  await session.join(games.id)
  await assert.rejects(session.join(work.id), (error: Error) => {
    assert.equal(error.message, 'Cannot join lobby "Work": leave "Games" first')
    return withCode('already-in-lobby')(error)
  })
  assert.deepEqual(games.sessions, [session.id])
  assert.deepEqual(work.sessions, [])
})

test('join and leave do nothing the second time', async () => {
  await using memory = await openMemoryHost()
  const lobby = await openLobby(memory)
  const session = memory.host.createSession(player)
  await session.join(lobby.id)
  await session.join(lobby.id)
  assert.deepEqual(lobby.sessions, [session.id])
  assert.deepEqual(switches(memory), [lobby.id], 'one switch for each target')
  await session.leave()
  await session.leave()
  assert.equal(switches(memory).length, 2)
  assert.equal(memory.events.filter(({ type }) => type === 'LeaveLobby').length, 1)
})

test('join enters a lobby that is still starting: its waiting room says so until there is a picture', async () => {
  await using memory = await openMemoryHost()
  const open = memory.parts.hold('display')
  const lobby = await memory.host.createLobby({ appId: 'memory', title: 'Games' })
  const session = memory.host.createSession(player)
  await session.join(lobby.id)
  assert.deepEqual(session.place.value, {
    kind: 'waiting-room',
    lobbyId: lobby.id,
    reason: 'Memory is starting',
  })
  assert.ok([...memory.parts.rooms.values()].some(({ lines }) => lines[0] === 'Memory is starting'))
  open()
  await until(session.place, ({ kind }) => kind === 'lobby')
  assert.equal(switches(memory).at(-1), lobby.id)
})

test('input reaches the display for those who may play, and only there', async () => {
  await using memory = await openMemoryHost()
  const lobby = await openLobby(memory)
  const [plays, looks] = [memory.host.createSession(player), memory.host.createSession(viewer)]
  const [display] = memory.parts.displays
  plays.input({ type: 'text', text: 'lost' })
  assert.equal(memory.host.counters.inputsDropped, 1)
  await plays.join(lobby.id)
  await looks.join(lobby.id)
  assert.equal(display?.inputs.size, 0, 'nobody has used the free seat yet')
  plays.input({ type: 'text', text: 'found' })
  assert.equal(display?.inputs.size, 1)
  assert.throws(() => looks.input({ type: 'text', text: 'forbidden' }), withCode('input-forbidden'))
  plays.releaseInput()
  looks.releaseInput()
  await plays.leave()
  assert.deepEqual(display?.received, [
    { type: 'text', text: 'found' },
    { type: 'release-all' },
    { type: 'release-all' },
  ])
  assert.equal(display?.inputs.size, 0)
  plays.input({ type: 'text', text: 'late' })
  assert.equal(memory.host.counters.inputsDropped, 2)
})

test('attach feeds two at once, a third in the place of the oldest; a closed session refuses it', async () => {
  await using memory = await openMemoryHost()
  const session = memory.host.createSession(player)
  const seen: string[] = []
  const sinkNamed = (name: string): MediaSink => ({ video: () => void seen.push(name), audio() {} })
  session.attach(request, sinkNamed('first'))
  const [room] = memory.parts.rooms.keys()
  session.attach(request, sinkNamed('second'))
  assert.equal(room?.viewers, 2)
  session.attach(request, sinkNamed('third'))
  assert.equal(room?.viewers, 2)
  room?.sendPicture({ key: true })
  assert.deepEqual(seen, ['second', 'third'])
  await session.close()
  assert.throws(() => session.attach(request, deaf), withCode('session-closed'))
  await assert.rejects(session.join('nothing'), withCode('session-closed'))
  await session.leave()
  session.input({ type: 'pointer', x: 0, y: 0 })
  session.releaseInput()
  session.observe({ kind: 'freeze', durationMs: 1, gateway: 'browser' })
  assert.equal(memory.events.at(-1)?.type, 'StopStream', 'nothing is told of a session that is gone')
})

test('a lobby that ends while a session joins leaves the session in its waiting room', async () => {
  await using memory = await openMemoryHost()
  const lobby = await openLobby(memory)
  const session = memory.host.createSession(player)
  const stopping = memory.host.stopLobby(lobby.id, 'Enough')
  await assert.rejects(session.join(lobby.id), withCode('lobby-ended'))
  await stopping

  const other = await openLobby(memory)
  const joining = session.join(other.id)
  const stopped = memory.host.stopLobby(other.id, 'Enough')
  await Promise.all([joining, stopped])
  assert.equal(session.place.value.kind, 'waiting-room')
  assert.deepEqual(other.sessions, [])
})

test('a session that closes while it joins is in no lobby', async () => {
  await using memory = await openMemoryHost()
  const lobby = await openLobby(memory)
  const session = memory.host.createSession(player)
  const joining = session.join(lobby.id)
  const closing = session.close()
  await Promise.all([joining, closing])
  assert.deepEqual(lobby.sessions, [])
  await assert.rejects(session.join(lobby.id), withCode('session-closed'))
})

test('listeners may leave, close and stop in the middle of a join', async () => {
  for (const react of ['leave', 'close', 'stop'] as const) {
    for (const type of ['LobbyChanged', 'JoinLobby', 'SwitchStreamProducer'] as const) {
      await using memory = await openMemoryHost()
      const lobby = await openLobby(memory)
      const session = memory.host.createSession(player)
      session.attach(request, deaf)
      const reactions: Promise<void>[] = []
      memory.host.events.on(type, () => {
        if (reactions.length > 0) return
        if (react === 'leave') reactions.push(session.leave())
        else if (react === 'close') reactions.push(session.close())
        else reactions.push(memory.host.stopLobby(lobby.id, 'Enough'))
      })
      await session.join(lobby.id)
      await Promise.all(reactions)
      assert.deepEqual(lobby.sessions, [], `${react} on ${type}`)
      assert.equal(session.place.value.kind, react === 'close' ? session.place.value.kind : 'waiting-room')
      assert.equal(
        [...memory.parts.displays].reduce((count, { inputs }) => count + inputs.size, 0),
        0,
      )
      await session.close()
      assert.equal(memory.parts.rooms.size, 0)
    }
  }
})

test('ten viewers that wait for the same reason share one room', async () => {
  await using memory = await openMemoryHost()
  const sessions = Array.from({ length: 10 }, () => memory.host.createSession(viewer))
  for (const session of sessions) session.attach(request, deaf)
  assert.deepEqual(
    [...memory.parts.rooms.keys()].map(({ viewers }) => viewers),
    [10],
  )
  await Promise.all(sessions.slice(1).map((session) => session.close()))
  assert.equal(memory.parts.rooms.size, 1)
  await sessions[0]?.close()
  assert.equal(memory.parts.rooms.size, 0)
})

test('join does not mind that the display has just died', async () => {
  await using memory = await openMemoryHost()
  const lobby = await openLobby(memory)
  const session = memory.host.createSession(player)
  void [...memory.parts.displays][0]?.die()
  await session.join(lobby.id)
  session.input({ type: 'text', text: 'lost' })
  await until(session.place, ({ kind }) => kind === 'waiting-room')
})

test('observe goes out as an event', async () => {
  await using memory = await openMemoryHost()
  const session = memory.host.createSession(player)
  session.observe({ kind: 'freeze', durationMs: 300, gateway: 'browser' })
  assert.deepEqual(memory.events.at(-1), {
    type: 'SessionObserved',
    sessionId: session.id,
    observation: { kind: 'freeze', durationMs: 300, gateway: 'browser' },
  })
})

test('send puts a session from one lobby into another with no waiting room in between, and tells by whom and why', async () => {
  await using memory = await openMemoryHost()
  const [games, work] = [await openLobby(memory), await openLobby(memory, 'Work')]
  const session = memory.host.createSession(player)
  session.attach(request, deaf)
  await session.join(games.id)
  const sent = { by: 'Owner', reason: 'Work begins' }
  await session.send(work.id, sent)
  assert.deepEqual(session.place.value, { kind: 'lobby', lobbyId: work.id, sent })
  assert.deepEqual(switches(memory), [games.id, work.id])
  assert.deepEqual([games.sessions, work.sessions], [[], [session.id]])
  await session.send(work.id, { by: 'Owner' })
  assert.deepEqual(session.place.value.sent, sent, 'it is there already')
  await session.send(undefined, { by: 'Owner' })
  const reason = 'Owner has sent you to the waiting room'
  assert.deepEqual(session.place.value, { kind: 'waiting-room', lobbyId: undefined, reason, sent: { by: 'Owner' } })
  await session.join(games.id)
  assert.deepEqual(session.place.value, { kind: 'lobby', lobbyId: games.id }, 'of its own accord')
  assert.deepEqual(
    memory.events.flatMap((event) => (event.type === 'SendSession' ? [event.lobbyId] : [])),
    [work.id, undefined],
  )
})

test('send leaves a session where it is when the lobby is not one that its member may enter, or is none', async () => {
  await using memory = await openMemoryHost()
  const [games, work] = [await openLobby(memory), await openLobby(memory, 'Work')]
  const session = memory.host.createSession({ ...viewer, lobbies: [games.id] })
  await session.join(games.id)
  await assert.rejects(session.send(work.id, { by: 'Owner' }), withCode('forbidden'))
  memory.host.changeScope(viewer.id, [games.id, work.id, 'gone'])
  await assert.rejects(session.send('gone', { by: 'Owner' }), withCode('lobby-not-found'))
  assert.deepEqual(session.place.value, { kind: 'lobby', lobbyId: games.id })
  await session.send(work.id, { by: 'Owner' })
  assert.equal(session.role.value, 'viewer')
  assert.throws(() => session.input({ type: 'key', code: 'KeyA', key: 'a', down: true }), withCode('input-forbidden'))
  memory.host.changeScope(viewer.id, [games.id])
  assert.deepEqual(
    [session.place.value.kind, work.sessions],
    ['waiting-room', []],
    'and it goes when the lobby is closed to it',
  )
  await session.close()
  await assert.rejects(session.send(games.id, { by: 'Owner' }), withCode('session-closed'))
})
