import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../kernel/readable.ts'
import type { MediaSink } from '../media/contract/producer.ts'
import { HostError, type HostErrorCode } from './contract/host-error.ts'
import type { Member } from '../domain/member.ts'
import { openMemoryHost } from './memory/memory-host.ts'

const owner: Member = { id: 'o', name: 'Ada', role: 'owner', lobbies: 'all' }
const viewer: Member = { id: 'v', name: 'Bob', role: 'viewer', lobbies: 'all' }

const withCode = (code: HostErrorCode) => (error: unknown) => error instanceof HostError && error.code === code
const running = ({ status }: { status: string }) => status === 'running'
const deaf: MediaSink = { video() {}, audio() {} }

test('createLobby resolves while the app is still starting, and events tell its life', async () => {
  await using memory = await openMemoryHost()
  const open = memory.parts.hold('display')
  const lobby = await memory.host.createLobby({ appId: 'memory', title: 'Games', size: { width: 800, height: 600 } })
  assert.deepEqual(lobby.status.value, { status: 'starting', reason: 'Memory is starting' })
  assert.equal(memory.host.lobbies.get(lobby.id), lobby)
  open()
  await until(lobby.status, running)
  assert.equal(lobby.settings.value.title, 'Games')
  assert.deepEqual(lobby.settings.value.size, { width: 800, height: 600 })
  assert.equal(lobby.resizable, true)
  assert.equal(lobby.sound, 'stereo')
  assert.equal(lobby.settings.value.layout, 'us')
  await memory.host.stopLobby(lobby.id, 'Enough')
  assert.deepEqual(
    memory.events.map(({ type }) => type).filter((type) => type !== 'LobbyChanged'),
    ['CreateLobby', 'StopLobby'],
  )
  assert.deepEqual(memory.events.at(-1), { type: 'StopLobby', lobbyId: lobby.id, reason: 'Enough' })
  assert.equal(memory.parts.open, 0)
})

test('createLobby and changeLobby take out of a title what would act on a terminal', async () => {
  await using memory = await openMemoryHost()
  const lobby = await memory.host.createLobby({ appId: 'memory', title: '\u001B[2JGames\r\n' })
  assert.equal(lobby.settings.value.title, '[2JGames')
  await memory.host.changeLobby(lobby.id, { title: 'Chess\u202E' })
  assert.equal(lobby.settings.value.title, 'Chess')
  await memory.host.changeLobby(lobby.id, { title: '\u0000' })
  assert.equal(lobby.settings.value.title, 'Chess')
})

test('createLobby opens sound and display, producer and app in this order and undoes them in reverse', async () => {
  await using memory = await openMemoryHost()
  const order: string[] = []
  const { parts } = memory
  const openDisplay = parts.openDisplay.bind(parts)
  const openProducer = parts.openProducer.bind(parts)
  const runApp = parts.runApp.bind(parts)
  const openSound = parts.openSound.bind(parts)
  const track = async <T extends { closed: Promise<unknown> }>(name: string, opening: Promise<T>): Promise<T> => {
    const opened = await opening
    order.push(`+${name}`)
    void opened.closed.then(() => order.push(`-${name}`))
    return opened
  }
  parts.openDisplay = (request) => track('display', openDisplay(request))
  parts.openSound = (request) => track('sound', openSound(request))
  parts.openProducer = (id, spec) => track('producer', openProducer(id, spec))
  parts.runApp = (options) => track('app', runApp(options))
  const lobby = await memory.host.createLobby({ appId: 'memory' })
  await until(lobby.status, running)
  await memory.host.stopLobby(lobby.id, 'Enough')
  const opened = ['sound', 'display', 'producer', 'app']
  assert.deepEqual(order, [...opened.map((part) => `+${part}`), ...opened.toReversed().map((part) => `-${part}`)])
})

test('createLobby hands the app its display, its sink, a home that stays and a private runtime directory', async () => {
  await using memory = await openMemoryHost()
  const lobby = await memory.host.createLobby({ appId: 'memory' })
  await until(lobby.status, running)
  const [display] = memory.parts.displays
  const [app] = memory.parts.running
  const [producer] = memory.parts.producers
  const env = app?.options.env ?? {}
  assert.equal(env['DISPLAY'], display?.name)
  assert.equal(env['XAUTHORITY'], display?.authorityFile)
  assert.equal(env['PULSE_SINK'], `porchlight-${lobby.id}`)
  assert.equal(env['PULSE_SOURCE'], `porchlight-${lobby.id}-microphone`)
  assert.match(env['HOME'] ?? '', /\/data\/homes\/memory\/default$/)
  assert.match(env['XDG_RUNTIME_DIR'] ?? '', new RegExp(`/run/${lobby.id}/xdg$`))
  assert.equal(app?.options.runId, lobby.id)
  assert.deepEqual(producer?.spec, {
    kind: 'x11',
    display: display?.name,
    authorityFile: display?.authorityFile,
    fps: 60,
    sound: {
      server: 'unix:memory',
      cookieFile: 'memory',
      source: `porchlight-${lobby.id}.monitor`,
      layout: 'stereo',
      microphone: `porchlight-${lobby.id}-microphone.voices`,
    },
  })
})

test('createLobby runs the test pattern without a display', async () => {
  await using memory = await openMemoryHost()
  const lobby = await memory.host.createLobby({ appId: 'test-pattern' })
  await until(lobby.status, running)
  assert.equal(memory.parts.displays.size + memory.parts.running.size, 0)
  assert.equal([...memory.parts.producers][0]?.spec?.kind, 'test-pattern')
  assert.equal(lobby.settings.value.layout, undefined)
  assert.equal(lobby.resizable, false)
  await assert.rejects(
    memory.host.changeLobby(lobby.id, { size: { width: 800, height: 600 } }),
    withCode('resize-unsupported'),
  )
  await assert.rejects(memory.host.changeLobby(lobby.id, { layout: 'de' }), withCode('layout-unsupported'))
})

test('createLobby and changeLobby take the keyboard layouts that the machine has, and no other', async () => {
  await using memory = await openMemoryHost()
  const lobby = await memory.host.createLobby({ appId: 'memory', layout: 'us(dvorak)' })
  await until(lobby.status, running)
  assert.equal([...memory.parts.displays][0]?.layout.value, 'us(dvorak)')
  await assert.rejects(memory.host.changeLobby(lobby.id, { layout: 'xx' }), withCode('layout-unknown'))
  await assert.rejects(memory.host.createLobby({ appId: 'memory', layout: 'de(xx)' }), withCode('layout-unknown'))
  assert.equal(lobby.settings.value.layout, 'us(dvorak)')
  assert.equal(memory.host.lobbies.size, 1)
})

test('createLobby refuses unknown apps, more lobbies than allowed, and a host that is closing', async () => {
  await using memory = await openMemoryHost({ limits: { lobbies: 1 } })
  await assert.rejects(memory.host.createLobby({ appId: 'nothing' }), withCode('app-not-found'))
  await memory.host.createLobby({ appId: 'memory' })
  await assert.rejects(memory.host.createLobby({ appId: 'memory' }), withCode('too-many-lobbies'))
  const closing = memory.host.close()
  await assert.rejects(memory.host.createLobby({ appId: 'memory' }), withCode('host-closed'))
  assert.throws(() => memory.host.createSession(owner), withCode('host-closed'))
  await closing
})

test('createSession refuses more sessions than allowed and an id that is here', async () => {
  await using memory = await openMemoryHost({ limits: { sessions: 2 } })
  const session = memory.host.createSession(owner)
  assert.throws(() => memory.host.createSession(owner, { id: session.id }), withCode('session-exists'))
  memory.host.createSession(owner)
  assert.throws(() => memory.host.createSession(owner), withCode('too-many-sessions'))
  await session.close()
  memory.host.createSession(owner, { id: session.id })
})

test('createSession keeps some sessions for the owner', async () => {
  await using memory = await openMemoryHost({ limits: { sessions: 16 } })
  const guest: Member = { id: 'eve', name: 'Eve', role: 'viewer', lobbies: 'all' }
  for (let count = 0; count < 15; count++) memory.host.createSession(guest)
  assert.throws(() => memory.host.createSession(guest), withCode('too-many-sessions'))
  memory.host.createSession(owner)
  assert.throws(() => memory.host.createSession(owner), withCode('too-many-sessions'))
})

test('createLobby and changeLobby take whole even sizes that a display can have', async () => {
  await using memory = await openMemoryHost()
  const lobby = await memory.host.createLobby({ appId: 'test-pattern', size: { width: 801, height: 601 } })
  assert.deepEqual(lobby.settings.value.size, { width: 800, height: 600 })
  for (const size of [
    { width: 10, height: 10 },
    { width: 1e6, height: 600 },
    { width: NaN, height: 600 },
  ]) {
    await assert.rejects(memory.host.createLobby({ appId: 'memory', size }), withCode('invalid-size'))
    await assert.rejects(memory.host.changeLobby(lobby.id, { size }), withCode('invalid-size'))
  }
})

test('changeLobby resizes the display while everything runs on, and keeps a wish made before there is one', async () => {
  await using memory = await openMemoryHost()
  const open = memory.parts.hold('display')
  const lobby = await memory.host.createLobby({ appId: 'memory' })
  await memory.host.changeLobby(lobby.id, { size: { width: 1600, height: 900 }, layout: 'de', title: 'Große Welt' })
  open()
  await until(lobby.status, running)
  const [display] = memory.parts.displays
  assert.deepEqual(display?.size.value, { width: 1600, height: 900 })
  assert.equal(display?.layout.value, 'de')
  await memory.host.changeLobby(lobby.id, { size: { width: 1024, height: 768 }, layout: 'fr' })
  assert.deepEqual(display?.size.value, { width: 1024, height: 768 })
  assert.deepEqual(lobby.settings.value.size, { width: 1024, height: 768 })
  assert.equal(lobby.settings.value.layout, 'fr')
  assert.equal(lobby.settings.value.title, 'Große Welt')
  assert.equal(memory.parts.displays.size, 1)
})

test('changeLobby refuses what the display or the lobby cannot, with an error of the host', async () => {
  await using memory = await openMemoryHost()
  memory.parts.displayServer = 'Xvfb'
  const lobby = await memory.host.createLobby({ appId: 'memory' })
  await until(lobby.status, running)
  assert.equal(lobby.resizable, false)
  const change = { size: { width: 800, height: 600 }, title: 'Small' }
  await assert.rejects(memory.host.changeLobby(lobby.id, change), withCode('resize-unsupported'))
  assert.equal(lobby.settings.value.title, 'Memory')
  await assert.rejects(memory.host.changeLobby('nothing', { title: 'x' }), withCode('lobby-not-found'))
  await memory.host.stopLobby(lobby.id, 'Enough')
  await assert.rejects(memory.host.changeLobby(lobby.id, { title: 'x' }), withCode('lobby-ended'))
})

test('stopLobby during the start ends it and leaves nothing behind', async () => {
  for (const part of ['display', 'producer', 'app'] as const) {
    await using memory = await openMemoryHost()
    const open = memory.parts.hold(part)
    const lobby = await memory.host.createLobby({ appId: 'memory' })
    const session = memory.host.createSession(owner)
    await session.join(lobby.id)
    const stopped = memory.host.stopLobby(lobby.id, 'Changed my mind')
    assert.deepEqual(session.place.value, {
      kind: 'waiting-room',
      lobbyId: undefined,
      reason: '"Memory" has ended: Changed my mind',
    })
    open()
    await stopped
    await session.close()
    assert.equal(memory.parts.open, 0, part)
    assert.equal(memory.host.lobbies.size, 0)
  }
})

test('close ends sessions and lobbies and resolves when nothing is open any more', async () => {
  const memory = await openMemoryHost()
  const lobby = await memory.host.createLobby({ appId: 'memory' })
  await until(lobby.status, running)
  await memory.host.createLobby({ appId: 'test-pattern' })
  const session = memory.host.createSession(owner)
  session.attach({ codecs: ['h264'], bitrateBps: 1e6, audio: true }, deaf)
  await session.join(lobby.id)
  memory.host.createSession(viewer)
  await memory.host.close()
  await memory.host.close()
  assert.equal(memory.parts.open, 0)
  assert.equal(memory.host.sessions.size + memory.host.lobbies.size, 0)
  assert.equal(memory.clock.pending, 0)
  assert.deepEqual(await session.closed, { kind: 'clean', reason: 'host-closing' })
  await memory[Symbol.asyncDispose]()
})

test('a listener that throws hurts nobody', async () => {
  await using memory = await openMemoryHost()
  memory.host.events.subscribe(() => {
    throw new Error('listener')
  })
  const session = memory.host.createSession(owner)
  const lobby = await memory.host.createLobby({ appId: 'memory' })
  await until(lobby.status, running)
  await session.join(lobby.id)
  assert.deepEqual(session.place.value, { kind: 'lobby', lobbyId: lobby.id })
})

test('a lobby whose last viewer was lost waits for the return before it stops, and stops at once when that one left', async () => {
  await using memory = await openMemoryHost()
  const lobby = await memory.host.createLobby({ appId: 'memory', stopWhenEveryoneLeaves: true })
  await until(lobby.status, running)
  const lost = memory.host.createSession(owner)
  await lost.join(lobby.id)
  await lost.close('disconnected')
  memory.clock.advance(9_000)
  const returned = memory.host.createSession(owner, { id: lost.id })
  await returned.join(lobby.id)
  memory.clock.advance(60_000)
  returned.touch()
  assert.equal(lobby.status.value.status, 'running')
  await returned.close('disconnected')
  memory.clock.advance(10_000)
  assert.equal(lobby.status.value.status, 'ended')
})
