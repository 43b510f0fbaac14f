import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until, Writable } from '../../kernel/readable.ts'
import type { Lobby, LobbyStatus } from '../contract/lobby.ts'
import type { Member } from '../../domain/member.ts'
import { openMemoryHost, type MemoryHost } from '../memory/memory-host.ts'
import type { App } from '../apps/definition/app.ts'
import { memoryApp } from '../memory/memory-parts.ts'
import { plainRun } from '../run/contract/run-rules.ts'
import { recoveryPolicy } from './hosted-lobby.ts'
import { firstWindowMs } from './stage.ts'
import { maxQuickFailures } from './supervise.ts'

const player: Member = { id: 'm', name: 'Ada', role: 'player', lobbies: 'all' }
const is = (wanted: LobbyStatus['status']) => (status: LobbyStatus) => status.status === wanted

async function openLobby({ host }: MemoryHost): Promise<Lobby> {
  const lobby = await host.createLobby({ appId: 'memory' })
  await until(lobby.status, is('running'))
  return lobby
}

/** Lets time pass, fifty times as fast as it does outside so that files can be written meanwhile, until the status is as wanted. */
async function advanceUntil({ clock }: MemoryHost, lobby: Lobby, wanted: LobbyStatus['status']): Promise<void> {
  const timer = setInterval(() => clock.advance(50), 1)
  await until(lobby.status, is(wanted)).finally(() => clearInterval(timer))
}

test('a display that dies is replaced, its app with it; viewers wait in their rooms with the reason and come back', async () => {
  await using memory = await openMemoryHost()
  const lobby = await openLobby(memory)
  const session = memory.host.createSession(player)
  await session.join(lobby.id)
  session.input({ type: 'wheel', dx: 0, dy: 1 })
  const [display] = memory.parts.displays
  const [app] = memory.parts.running
  const places: string[] = []
  session.place.subscribe(({ kind }) => places.push(kind))

  void display?.die()
  await until(lobby.status, is('recovering'))
  const status = lobby.status.value
  assert.ok(status.status === 'recovering')
  assert.match(status.reason, /The display was lost: The X server :memory-1 was killed/)
  assert.deepEqual(session.place.value, { kind: 'waiting-room', lobbyId: lobby.id, reason: status.reason })
  assert.ok([...memory.parts.rooms.values()].some(({ title }) => title === 'Memory'))
  assert.equal(display?.inputs.size, 0)

  await advanceUntil(memory, lobby, 'running')
  assert.deepEqual(places, ['waiting-room', 'lobby'])
  assert.equal(memory.parts.displays.size, 1)
  assert.ok(!memory.parts.displays.has(display ?? assert.fail()))
  assert.ok(!memory.parts.running.has(app ?? assert.fail()))
  assert.equal([...memory.parts.displays][0]?.inputs.size, 1, 'the player has devices on the new display')
  assert.equal(memory.host.counters.lobbyRecoveries, 1)
})

test('a media process that dies leaves the app alone: waiting room meanwhile, then the same display', async () => {
  await using memory = await openMemoryHost()
  const lobby = await openLobby(memory)
  const session = memory.host.createSession(player)
  await session.join(lobby.id)
  const [producer] = memory.parts.producers
  const [display] = memory.parts.displays
  session.input({ type: 'key', code: 'KeyA', key: 'a', down: true })

  producer?.goDown('The media process was killed')
  assert.deepEqual(lobby.status.value, { status: 'recovering', reason: 'The media process was killed' })
  assert.equal(session.place.value.kind, 'waiting-room')
  assert.deepEqual(display?.received.at(-1), { type: 'release-all' }, 'nothing stays held down')
  producer?.state.set({ status: 'starting' })
  producer?.goLive()
  assert.deepEqual(lobby.status.value, { status: 'running' })
  assert.deepEqual(session.place.value, { kind: 'lobby', lobbyId: lobby.id })
  assert.deepEqual([...memory.parts.displays], [display])
  assert.equal(memory.parts.running.size, 1)
  assert.equal(memory.host.counters.lobbyRecoveries, 0)
})

test('an app that ends, ends its lobby with the reason; its viewers are told in their rooms', async () => {
  await using memory = await openMemoryHost()
  const lobby = await openLobby(memory)
  const session = memory.host.createSession(player)
  await session.join(lobby.id)
  void [...memory.parts.running][0]?.exit()
  await advanceUntil(memory, lobby, 'ended')
  assert.deepEqual(lobby.status.value, { status: 'ended', reason: 'Memory has ended' })
  assert.deepEqual(session.place.value, {
    kind: 'waiting-room',
    lobbyId: undefined,
    reason: '"Memory" has ended: Memory has ended',
  })
})

test('an app that fails ends its lobby with its last words', async () => {
  await using memory = await openMemoryHost()
  const lobby = await openLobby(memory)
  const [app] = memory.parts.running
  app?.output.push('cannot load libthing.so')
  void app?.exit(new Error('exit code 127'))
  await advanceUntil(memory, lobby, 'ended')
  assert.deepEqual(lobby.status.value, {
    status: 'ended',
    reason: 'Memory has ended: exit code 127 (cannot load libthing.so)',
  })
})

const kiosk: App = {
  ...memoryApp,
  id: 'kiosk',
  title: 'Kiosk',
  source: {
    kind: 'display',
    sound: undefined,
    rules: { ...plainRun, onExit: 'restart' },
    prepare: async () => ({ command: ['kiosk'], env: {}, afterResize: undefined }),
  },
}

test('an app that is to be restarted comes back after it has ended, well or badly, and its viewers with it', async () => {
  await using memory = await openMemoryHost({ apps: new Writable([kiosk]) })
  const lobby = await memory.host.createLobby({ appId: 'kiosk' })
  await until(lobby.status, is('running'))
  const session = memory.host.createSession(player)
  await session.join(lobby.id)
  for (const error of [undefined, new Error('kiosk was killed by SIGSEGV')]) {
    const [app] = memory.parts.running
    app?.print(`run ${error ? 2 : 1}\n`)
    void app?.exit(error)
    await advanceUntil(memory, lobby, 'recovering')
    assert.equal(session.place.value.kind, 'waiting-room')
    await advanceUntil(memory, lobby, 'running')
    assert.deepEqual(session.place.value, { kind: 'lobby', lobbyId: lobby.id })
  }
  assert.deepEqual(
    lobby.output.lines().map(({ text }) => text),
    [
      'Kiosk is starting',
      'run 1',
      'Kiosk has ended. Starting it again',
      'Kiosk is starting',
      'run 2',
      'Kiosk has ended: kiosk was killed by SIGSEGV. Starting it again, for the second time in a row',
      'Kiosk is starting',
    ],
  )
})

test('an app that crashes again and again is given up with the reason, and one that crashes seldom is not', async () => {
  await using memory = await openMemoryHost({ apps: new Writable([kiosk]) })
  const lobby = await memory.host.createLobby({ appId: 'kiosk' })
  const crash = async (next: LobbyStatus['status']) => {
    await advanceUntil(memory, lobby, 'running')
    void [...memory.parts.running][0]?.exit(new Error('exit code 1'))
    await advanceUntil(memory, lobby, next)
  }
  for (let time = 0; time < 2 * maxQuickFailures; time++) {
    await crash('recovering')
    await advanceUntil(memory, lobby, 'running')
    memory.clock.advance(recoveryPolicy.healthyAfterMs)
  }
  const session = memory.host.createSession(player)
  await session.join(lobby.id)
  for (let time = 0; time < maxQuickFailures; time++) await crash('recovering')
  await crash('ended')
  const reason =
    'Kiosk has ended: exit code 1. It has ended 6 times in a row, each time within a minute, and is not started again'
  assert.deepEqual(lobby.status.value, { status: 'ended', reason })
  assert.deepEqual(await until(session.place, ({ kind }) => kind === 'waiting-room'), {
    kind: 'waiting-room',
    lobbyId: undefined,
    reason: `"Kiosk" has ended: ${reason}`,
  })
})

test('an app that ends because its display died is not to blame', async () => {
  await using memory = await openMemoryHost()
  const lobby = await openLobby(memory)
  void [...memory.parts.running][0]?.exit(new Error('X connection broken'))
  await new Promise((resolve) => setImmediate(resolve))
  memory.clock.advance(300)
  void [...memory.parts.displays][0]?.die()
  await until(lobby.status, is('recovering'))
  await advanceUntil(memory, lobby, 'running')
})

test('a lobby that breaks again and again ends, after waiting longer each time', async () => {
  await using memory = await openMemoryHost()
  for (let failure = 0; failure <= maxQuickFailures; failure++) {
    memory.parts.failNext('producer', new Error('no encoder'))
  }
  const lobby = await memory.host.createLobby({ appId: 'memory' })
  const statuses: string[] = []
  lobby.status.subscribe(({ status }) => statuses.push(status))
  await advanceUntil(memory, lobby, 'ended')
  assert.ok(memory.clock.nowMs() >= 250 + 500 + 1000 + 2000 + 4000)
  assert.deepEqual(new Set(statuses), new Set(['starting', 'ended']), 'it never ran, so it never recovered')
  assert.match(JSON.stringify(lobby.status.value), /no encoder\. It was started 6 times in vain/)
  assert.equal(memory.parts.open, 0)
})

test('a lobby that breaks seldom goes on for ever', async () => {
  await using memory = await openMemoryHost()
  const lobby = await openLobby(memory)
  for (let death = 0; death < 2 * maxQuickFailures; death++) {
    memory.clock.advance(60_000)
    void [...memory.parts.displays][0]?.die()
    await until(lobby.status, is('recovering'))
    await advanceUntil(memory, lobby, 'running')
  }
  assert.equal(memory.host.counters.lobbyRecoveries, 2 * maxQuickFailures)
})

test('a lobby without a picture within 20 s is started again', async () => {
  await using memory = await openMemoryHost()
  memory.parts.liveAtOnce = false
  const lobby = await memory.host.createLobby({ appId: 'memory' })
  await new Promise<void>((resolve) => {
    memory.host.events.on('LobbyChanged', () => {
      if (lobby.status.value.status === 'starting' && memory.parts.running.size === 1) resolve()
    })
  })
  memory.parts.liveAtOnce = true
  await advanceUntil(memory, lobby, 'running')
  assert.equal(memory.host.counters.lobbyRecoveries, 1)
})

test('a lobby that is stopped by a listener in the middle of its start stays ended for everybody', async () => {
  await using memory = await openMemoryHost()
  const lobby = await memory.host.createLobby({ appId: 'memory' })
  const session = memory.host.createSession(player)
  await session.join(lobby.id)
  session.place.subscribe(({ kind }) => {
    if (kind === 'lobby') void memory.host.stopLobby(lobby.id, 'Enough')
  })
  const last: string[] = []
  lobby.status.subscribe(({ status }) => last.push(status))
  await until(lobby.status, is('ended'))
  assert.equal(lobby.status.value.status, 'ended')
  assert.equal(last.at(-1), 'ended')
  assert.ok(!last.includes('running'), 'what came later is told, and not what was overtaken')
})

test('a partial failure undoes what was opened before it', async () => {
  for (const part of ['display', 'producer', 'app'] as const) {
    await using memory = await openMemoryHost()
    memory.parts.failNext(part, new Error(`no ${part}`))
    const lobby = await memory.host.createLobby({ appId: 'memory' })
    const told = Promise.withResolvers<void>()
    lobby.status.subscribe((status) => {
      if ('reason' in status && status.reason.includes(`no ${part}`)) told.resolve()
    })
    await told.promise
    assert.equal(memory.parts.open, 0, part)
    await advanceUntil(memory, lobby, 'running')
  }
})

test('a lobby tells which limits are not held, and want of memory as the cause when its display was killed for it', async () => {
  await using memory = await openMemoryHost()
  const outOfMemory = async () => 'It needed more than its 64 MiB'
  const plain = memory.parts.openScope.bind(memory.parts)
  memory.parts.openScope = async () => ({ ...(await plain()), unheldLimits: ['processes'], outOfMemory })
  const lobby = await openLobby(memory)
  assert.deepEqual(lobby.unheldLimits, ['processes'])
  void [...memory.parts.displays][0]?.die()
  const status = await until(lobby.status, is('recovering'))
  assert.match('reason' in status ? status.reason : '', /^The display was lost: It needed more than its 64 MiB/)
})

test('a lobby without a sound server goes on without sound', async () => {
  await using memory = await openMemoryHost()
  memory.parts.failNext('sound', new Error('no sound today'))
  const lobby = await openLobby(memory)
  assert.equal(lobby.sound, undefined)
  const spec = [...memory.parts.producers][0]?.spec
  assert.ok(spec?.kind === 'x11' && spec.sound === undefined)
})

test('an app without a window yet is waited for in the waiting room, and shown all the same after a while', async () => {
  await using memory = await openMemoryHost()
  const showWindow = memory.parts.hold('window')
  const early = await memory.host.createLobby({ appId: 'memory' })
  const session = memory.host.createSession(player)
  await session.join(early.id)
  while (memory.parts.running.size === 0) await new Promise(setImmediate)
  assert.deepEqual(session.place.value, { kind: 'waiting-room', lobbyId: early.id, reason: 'Memory is starting' })
  showWindow()
  await until(early.status, is('running'))

  memory.parts.hold('window')
  const beganMs = memory.clock.nowMs()
  const late = await memory.host.createLobby({ appId: 'memory' })
  await advanceUntil(memory, late, 'running')
  assert.ok(memory.clock.nowMs() - beganMs >= firstWindowMs)
})

test('an app that becomes the window manager of its display is shown soon, before it has a window', async () => {
  await using memory = await openMemoryHost()
  memory.parts.hold('window')
  const plain = memory.parts.openDisplay.bind(memory.parts)
  memory.parts.openDisplay = async (request) => {
    const display = await plain(request)
    display.isManaged = false
    return display
  }
  const beganMs = memory.clock.nowMs()
  const lobby = await memory.host.createLobby({ appId: 'memory' })
  while (memory.parts.running.size === 0) await new Promise(setImmediate)
  const [display] = memory.parts.displays
  assert.ok(display)
  display.isManaged = true
  await advanceUntil(memory, lobby, 'running')
  assert.ok(memory.clock.nowMs() - beganMs < firstWindowMs)
})
