import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../../kernel/readable.ts'
import { HostError } from '../contract/host-error.ts'
import type { InputEvent } from '../../domain/input-event.ts'
import type { Lobby } from '../contract/lobby.ts'
import type { Member } from '../../domain/member.ts'
import type { MemoryDisplay } from '../memory/memory-display.ts'
import { openMemoryHost, type MemoryHost } from '../memory/memory-host.ts'
import { MemoryLobbyArchive } from '../memory/memory-lobby-archive.ts'
import type { StreamSession } from '../contract/stream-session.ts'
import { idleHolderMs, keptForMs } from './lobby-seats.ts'
import type { SeatWish } from '../../domain/seat.ts'

const ada: Member = { id: 'o', name: 'Ada', role: 'owner', lobbies: 'all' }
const bob: Member = { id: 'p', name: 'Bob', role: 'player', lobbies: 'all' }
const vera: Member = { id: 'v', name: 'Vera', role: 'viewer', lobbies: 'all' }

const key: InputEvent = { type: 'key', code: 'KeyA', key: 'a', down: true }
const motion: InputEvent = { type: 'pointer', x: 0.5, y: 0.5 }
const keyboard = 'keyboard-mouse'
const withCode = (code: HostError['code']) => (error: unknown) => error instanceof HostError && error.code === code

/** A lobby with the owner and a player in it. */
async function openScene(memory: MemoryHost) {
  const lobby = await memory.host.createLobby({ appId: 'memory' })
  await until(lobby.status, ({ status }) => status === 'running')
  const [owner, player] = [memory.host.createSession(ada), memory.host.createSession(bob)]
  await owner.join(lobby.id)
  await player.join(lobby.id)
  const [display] = memory.parts.displays
  assert.ok(display)
  return { lobby, owner, player, display }
}

const seatOf = (lobby: Lobby) => lobby.seats.value.find(({ id }) => id === keyboard)
const wish = (session: StreamSession, what: SeatWish) => session.changeSeat(keyboard, what)
const isReleased = ({ received }: MemoryDisplay) => received.at(-1)?.type === 'release-all'

test('input reaches the display only from the session that holds the seat', async () => {
  await using memory = await openMemoryHost()
  const { lobby, owner, player, display } = await openScene(memory)
  player.input(key)
  owner.input(key)
  assert.deepEqual(display.received, [key])
  assert.deepEqual([player.holds(keyboard), owner.holds(keyboard)], [true, false])
  assert.equal(seatOf(lobby)?.holder, player.id)
  assert.equal(memory.host.counters.inputsDropped, 1)
})

test('a pointer that is merely moved takes no free seat, until its session has done or asked for something', async () => {
  await using memory = await openMemoryHost()
  const { lobby, owner, player, display } = await openScene(memory)
  const wiggle = [1, -1].map((step) => ({ type: 'pointer-relative', dx: step, dy: step }) as const)
  for (const event of [...wiggle, motion]) player.input(event)
  assert.deepEqual([seatOf(lobby)?.holder, display.received], [undefined, []])
  player.input({ type: 'wheel', dx: 0, dy: 1 })
  assert.equal(seatOf(lobby)?.holder, player.id)
  assert.deepEqual(display.received, [motion, { type: 'wheel', dx: 0, dy: 1 }], 'it is turned where they point')
  wish(owner, { do: 'take-back' })
  wish(owner, { do: 'release' })
  player.input(motion)
  assert.equal(seatOf(lobby)?.holder, player.id, 'who plays already takes it by moving on')
  await player.leave()
  await player.join(lobby.id)
  player.input(motion)
  assert.equal(seatOf(lobby)?.holder, undefined, 'and is somebody new who comes again')
})

test('all that a seat holds down goes up whatever it is lost by', async () => {
  const ways: Readonly<Record<string, (scene: Awaited<ReturnType<typeof openScene>>, memory: MemoryHost) => unknown>> =
    {
      release: ({ player }) => wish(player, { do: 'release' }),
      'hand-over': ({ player, owner }) => wish(player, { do: 'hand-over', to: owner.id }),
      'take-back': ({ owner }) => wish(owner, { do: 'take-back' }),
      'take-back from outside': ({ lobby }, { host }) => host.changeSeat(lobby.id, keyboard, { do: 'take-back' }),
      grant: ({ owner }) => wish(owner, { do: 'grant', to: owner.id }),
      leave: ({ player }) => player.leave(),
      revoked: ({ player }) => player.close('revoked'),
      disconnected: ({ player }) => player.close('disconnected'),
      seating: async ({ lobby, display }, { host }) => {
        await host.changeLobby(lobby.id, { seating: 'shared' })
        assert.ok(!isReleased(display), 'who held it still may')
        await host.changeLobby(lobby.id, { seating: 'single' })
      },
    }
  for (const [way, lose] of Object.entries(ways)) {
    await using memory = await openMemoryHost()
    const scene = await openScene(memory)
    scene.player.input(key)
    assert.deepEqual(scene.display.received, [key])
    await lose(scene, memory)
    assert.ok(isReleased(scene.display), way)
    scene.player.releaseInput()
    assert.equal(scene.player.holds(keyboard), false, way)
  }
})

test('an idle holder gives way to a request, one who holds a key down does not', async () => {
  await using memory = await openMemoryHost()
  const { lobby, owner, player } = await openScene(memory)
  player.input(key)
  wish(owner, { do: 'request' })
  assert.deepEqual(seatOf(lobby)?.requests, [owner.id])
  memory.clock.advance(idleHolderMs * 2)
  assert.equal(seatOf(lobby)?.holder, player.id, 'the key is still down')
  player.input({ ...key, down: false })
  memory.clock.advance(idleHolderMs - 1)
  player.input(motion)
  memory.clock.advance(idleHolderMs - 1)
  assert.equal(seatOf(lobby)?.holder, player.id)
  memory.clock.advance(1)
  assert.deepEqual(seatOf(lobby), { id: keyboard, holder: owner.id, requests: [], locked: false })
  memory.clock.advance(idleHolderMs)
  wish(player, { do: 'request' })
  assert.equal(seatOf(lobby)?.holder, player.id, 'at once from who has been idle for long enough')
})

test('a lost session that comes back has its seat again, within a minute and unless somebody took it', async () => {
  for (const [waitMs, taken] of [
    [keptForMs - 1, false],
    [keptForMs, false],
    [0, true],
  ] as const) {
    await using memory = await openMemoryHost()
    const { lobby, owner, player } = await openScene(memory)
    player.input(key)
    await player.close('disconnected')
    owner.input(motion)
    assert.equal(seatOf(lobby)?.holder, undefined, 'a motion takes nobody’s place')
    memory.clock.advance(waitMs)
    if (taken) owner.input(key)
    const again = memory.host.createSession(bob, { id: player.id })
    await again.join(lobby.id)
    assert.equal(again.holds(keyboard), waitMs < keptForMs && !taken)
  }
})

test('rights are checked: a viewer has no seat, and only the owner decides about the others', async () => {
  await using memory = await openMemoryHost()
  const { lobby, owner, player } = await openScene(memory)
  const viewer = memory.host.createSession(vera)
  await viewer.join(lobby.id)
  assert.throws(() => wish(viewer, { do: 'request' }), withCode('input-forbidden'))
  assert.throws(() => wish(owner, { do: 'grant', to: viewer.id }), withCode('not-in-lobby'))
  for (const what of ['lock', 'unlock', 'take-back'] as const) {
    assert.throws(() => wish(player, { do: what }), withCode('forbidden'))
  }
  assert.throws(() => wish(player, { do: 'grant', to: player.id }), withCode('forbidden'))
  assert.throws(() => wish(player, { do: 'hand-over', to: owner.id }), withCode('seat-not-held'))
  wish(player, { do: 'request' })
  assert.throws(() => wish(player, { do: 'hand-over', to: 'nobody' }), withCode('not-in-lobby'))
  await player.leave()
  assert.throws(() => wish(player, { do: 'request' }), withCode('not-in-lobby'))
  await assert.rejects(memory.host.changeSeat('nowhere', keyboard, { do: 'lock' }), withCode('lobby-not-found'))
})

test('keyboard and mouse are for all players at once where the seating is shared', async () => {
  await using memory = await openMemoryHost()
  const { lobby, owner, player, display } = await openScene(memory)
  player.input(key)
  await memory.host.changeLobby(lobby.id, { seating: 'shared' })
  owner.input(motion)
  player.input(motion)
  assert.deepEqual(display.received, [key, motion, motion])
  assert.deepEqual(seatOf(lobby), { id: keyboard, holder: undefined, requests: [], locked: false })
  assert.throws(() => wish(player, { do: 'request' }), withCode('seat-shared'))
  player.changeSeat('gamepad-1', { do: 'request' })
  assert.ok(player.holds('gamepad-1') && !owner.holds('gamepad-1'))
})

test('an app without a display has no seats', async () => {
  await using memory = await openMemoryHost()
  const lobby = await memory.host.createLobby({ appId: 'test-pattern' })
  await until(lobby.status, ({ status }) => status === 'running')
  const player = memory.host.createSession(bob)
  await player.join(lobby.id)
  player.input(key)
  assert.deepEqual(lobby.seats.value, [])
  assert.throws(() => wish(player, { do: 'request' }), withCode('seat-not-found'))
})

test('seats come back with their lobby: to the member who had them, and locked when they were', async () => {
  const lobbies = new MemoryLobbyArchive()
  const kept = async () => (await lobbies.list())[0]?.seats
  {
    await using memory = await openMemoryHost({ lobbies })
    const { lobby, owner, player } = await openScene(memory)
    player.input(key)
    assert.deepEqual(await kept(), [], 'nobody waits for the disk before typing')
    memory.clock.advance(1000)
    assert.deepEqual(await kept(), [{ id: keyboard, locked: false, memberId: 'p' }])
    await memory.host.changeSeat(lobby.id, 'gamepad-2', { do: 'lock' })
    assert.equal((await kept())?.length, 2, 'what the owner decides is written down at once')
    await memory.host.changeLobby(lobby.id, { seating: 'shared' })
    await memory.host.changeLobby(lobby.id, { seating: 'single' })
    owner.input(key)
  }
  assert.deepEqual(await kept(), [
    { id: keyboard, locked: false, memberId: 'o' },
    { id: 'gamepad-2', locked: true, memberId: undefined },
  ])
  await using memory = await openMemoryHost({ lobbies })
  await memory.host.restoreLobbies()
  const [lobby] = memory.host.lobbies.values()
  assert.ok(lobby)
  await until(lobby.status, ({ status }) => status === 'running')
  assert.equal(lobby.seats.value.find(({ id }) => id === 'gamepad-2')?.locked, true)
  const [player, owner] = [memory.host.createSession(bob), memory.host.createSession(ada)]
  await player.join(lobby.id)
  await owner.join(lobby.id)
  assert.deepEqual([player.holds(keyboard), owner.holds(keyboard)], [false, true])
})
