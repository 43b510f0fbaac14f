import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../kernel/readable.ts'
import { HostError, type HostErrorCode } from './contract/host-error.ts'
import type { LobbyRecord } from './contract/lobby-archive.ts'
import type { Member } from '../domain/member.ts'
import { openMemoryHost } from './memory/memory-host.ts'
import { MemoryLobbyArchive } from './memory/memory-lobby-archive.ts'

const owner: Member = { id: 'o', name: 'Ada', role: 'owner', lobbies: 'all' }
const running = ({ status }: { status: string }) => status === 'running'
const withCode = (code: HostErrorCode) => (error: unknown) => error instanceof HostError && error.code === code

const games: LobbyRecord = {
  id: 'a1',
  appId: 'memory',
  profile: 'default',
  settings: {
    title: 'Games',
    size: { width: 800, height: 600 },
    layout: 'de',
    stopWhenEveryoneLeaves: true,
    restart: 'always',
    seating: 'single',
    voice: 'players',
  },
  seats: [],
  createdAtMs: 1234,
}

test('a lobby is written down when createLobby resolves, and what changeLobby changes of it too', async () => {
  const lobbies = new MemoryLobbyArchive()
  await using memory = await openMemoryHost({ lobbies })
  const lobby = await memory.host.createLobby({ appId: 'memory', title: 'Games', size: { width: 801, height: 600 } })
  const { id, createdAtMs } = lobby
  const settings = { ...games.settings, layout: 'us', stopWhenEveryoneLeaves: false, voice: 'app' }
  const record = { ...games, id, createdAtMs, settings }
  assert.deepEqual(await lobbies.list(), [record])
  const change = { title: 'Work', size: { width: 1024, height: 768 }, layout: 'fr', voice: 'everybody' } as const
  await memory.host.changeLobby(id, change)
  assert.deepEqual(await lobbies.list(), [{ ...record, settings: { ...settings, ...change } }])
})

test('restoreLobbies gives a lobby the usual layout when this machine does not have its own any more', async () => {
  const lobbies = new MemoryLobbyArchive()
  await lobbies.keep({ ...games, settings: { ...games.settings, layout: 'gone(variant)' } })
  await using memory = await openMemoryHost({ lobbies })
  await memory.host.restoreLobbies()
  assert.equal(memory.host.lobbies.get(games.id)?.settings.value.layout, 'us')
})

test('restoreLobbies opens what was written down as it was, with its app started again', async () => {
  const lobbies = new MemoryLobbyArchive()
  await lobbies.keep(games)
  await using memory = await openMemoryHost({ lobbies })
  await memory.host.restoreLobbies()
  const lobby = memory.host.lobbies.get(games.id)
  assert.ok(lobby)
  await until(lobby.status, running)
  const { id, appId, profile, createdAtMs } = lobby
  assert.deepEqual({ id, appId, profile, settings: lobby.settings.value, seats: [], createdAtMs }, games)
  assert.equal(lobby.voices.reach.value.choice, 'players')
  const [display] = memory.parts.displays
  assert.deepEqual([display?.size.value, display?.layout.value], [games.settings.size, 'de'])
  assert.equal([...memory.parts.running][0]?.options.runId, games.id)
  assert.ok(memory.events.some((event) => event.type === 'CreateLobby' && event.lobbyId === games.id))
})

test('a lobby is forgotten when it is stopped, when its app ends and when everyone has left', async () => {
  const lobbies = new MemoryLobbyArchive()
  await using memory = await openMemoryHost({ lobbies })
  const open = async (stopWhenEveryoneLeaves: boolean) => {
    const lobby = await memory.host.createLobby({ appId: 'memory', stopWhenEveryoneLeaves })
    await until(lobby.status, running)
    assert.equal(lobbies.records.size, 1)
    return lobby
  }
  await memory.host.stopLobby((await open(false)).id, 'Enough')
  assert.equal(lobbies.records.size, 0)

  const ended = await open(false)
  await [...memory.parts.running][0]?.exit()
  memory.clock.advance(1000)
  await until(ended.status, ({ status }) => status === 'ended')
  assert.equal(lobbies.records.size, 0)

  const deserted = await open(true)
  const session = memory.host.createSession(owner)
  await session.join(deserted.id)
  await session.leave()
  assert.equal(lobbies.records.size, 0)
})

test('a stop that has begun is not undone by the end of the host', async () => {
  const lobbies = new MemoryLobbyArchive()
  const memory = await openMemoryHost({ lobbies })
  const lobby = await memory.host.createLobby({ appId: 'memory' })
  const stopped = memory.host.stopLobby(lobby.id, 'Enough')
  await memory[Symbol.asyncDispose]()
  await stopped
  assert.equal(lobbies.records.size, 0)
})

test('a lobby stays written down when its host closes, unless it is never to come back', async () => {
  const lobbies = new MemoryLobbyArchive()
  const memory = await openMemoryHost({ lobbies })
  const { id } = await memory.host.createLobby({ appId: 'memory' })
  await memory.host.createLobby({ appId: 'memory', restart: 'never' })
  await memory[Symbol.asyncDispose]()
  assert.deepEqual([...lobbies.records.keys()], [id])
})

test('a lobby that cannot come back is absent, tells who comes why, and keeps its record until it is given up', async () => {
  const lobbies = new MemoryLobbyArchive()
  await lobbies.keep({ ...games, appId: 'tetris' })
  await lobbies.keep({ ...games, id: 'b2', settings: { ...games.settings, size: { width: 1, height: 1 } } })
  await lobbies.keep({ ...games, id: 'c3' })
  await lobbies.keep({ ...games, id: 'd4' })
  await using memory = await openMemoryHost({ lobbies, limits: { lobbies: 3 } })
  const { host } = memory
  await host.restoreLobbies()
  assert.deepEqual([...host.lobbies.keys()], ['c3'])
  assert.deepEqual(
    [...host.absentLobbies.values()].map(({ id, title, reason }) => `${id} ${title}: ${reason.slice(0, 46)}`),
    [
      'a1 Games: Cannot open a lobby: there is no app "tetris" ',
      'b2 Games: Cannot make a display of 1x1: it can have 320x',
      'd4 Games: Cannot open a lobby: 3 exist (2 of them could ',
    ],
  )
  assert.equal(lobbies.records.size, 4)
  await assert.rejects(host.createLobby({ appId: 'memory' }), withCode('too-many-lobbies'))
  await assert.rejects(host.createSession(owner).join('a1'), withCode('lobby-ended'))
  await host.stopLobby('a1', 'Enough')
  assert.deepEqual([...host.absentLobbies.keys()], ['b2', 'd4'])
  assert.ok(!lobbies.records.has('a1'))
  await assert.rejects(host.stopLobby('a1', 'Enough'), withCode('lobby-not-found'))
})

test('createLobby refuses a lobby that cannot be written down, and a stop that cannot be is told in the log', async () => {
  const lobbies = new MemoryLobbyArchive()
  const told: string[] = []
  const write = (message: string) => void told.push(message)
  const log = { debug: write, info: write, warn: write, error: write, with: () => log }
  await using memory = await openMemoryHost({ lobbies, log })
  lobbies.failure = new Error('the disk is full')
  await assert.rejects(memory.host.createLobby({ appId: 'memory' }), withCode('not-recorded'))
  assert.equal(memory.host.lobbies.size + memory.parts.open, 0)
  lobbies.failure = undefined
  const lobby = await memory.host.createLobby({ appId: 'memory' })
  lobbies.failure = new Error('the disk is full')
  await assert.rejects(memory.host.changeLobby(lobby.id, { title: 'Work' }), withCode('not-recorded'))
  await memory.host.stopLobby(lobby.id, 'Enough')
  assert.ok(told.includes('A lobby that has ended could not be forgotten'))
  assert.ok(lobbies.records.has(lobby.id))
  lobbies.failure = undefined
  memory.clock.advance(10_000)
  assert.ok(!lobbies.records.has(lobby.id), 'it is tried again')
})

test('restart can be changed while a lobby runs: it is written down, or taken out', async () => {
  const lobbies = new MemoryLobbyArchive()
  await using memory = await openMemoryHost({ lobbies })
  const lobby = await memory.host.createLobby({ appId: 'memory' })
  const events: string[] = []
  memory.host.events.on('LobbyChanged', ({ lobbyId }) => events.push(lobbyId))
  await memory.host.changeLobby(lobby.id, { restart: 'never' })
  assert.deepEqual([lobby.settings.value.restart, lobbies.records.size], ['never', 0])
  assert.deepEqual(events, [lobby.id])
  await memory.host.changeLobby(lobby.id, { restart: 'always', stopWhenEveryoneLeaves: true })
  assert.deepEqual(
    [lobby.settings.value.restart, (await lobbies.list())[0]?.settings.stopWhenEveryoneLeaves],
    ['always', true],
  )
})

test('a lobby that stops when everyone leaves waits for somebody after a restart, and not for ever', async () => {
  for (const comes of [true, false]) {
    const lobbies = new MemoryLobbyArchive()
    await lobbies.keep(games)
    await using memory = await openMemoryHost({ lobbies })
    await memory.host.restoreLobbies()
    const lobby = memory.host.lobbies.get(games.id)
    assert.ok(lobby)
    await until(lobby.status, running)
    memory.clock.advance(299_999)
    assert.equal(lobby.status.value.status, 'running')
    if (comes) await memory.host.createSession(owner).join(lobby.id)
    memory.clock.advance(1)
    assert.equal(lobby.status.value.status, comes ? 'running' : 'ended')
    assert.equal(lobbies.records.size, comes ? 1 : 0)
  }
})

test('an empty lobby that is told to stop when everyone leaves waits for somebody, unless it is told to stay', async () => {
  for (const stays of [true, false]) {
    await using memory = await openMemoryHost()
    const { host, clock } = memory
    const lobby = await host.createLobby({ appId: 'memory' })
    await until(lobby.status, running)
    await host.changeLobby(lobby.id, { stopWhenEveryoneLeaves: true })
    clock.advance(299_999)
    if (stays) await host.changeLobby(lobby.id, { stopWhenEveryoneLeaves: false })
    clock.advance(1)
    assert.equal(lobby.status.value.status, stays ? 'running' : 'ended')
  }
})
