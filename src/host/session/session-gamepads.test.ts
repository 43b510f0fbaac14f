import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../../kernel/readable.ts'
import { neutralState } from '../../domain/gamepad.ts'
import type { Member } from '../../domain/member.ts'
import { openMemoryHost } from '../memory/memory-host.ts'

const member = (id: string, role: Member['role'] = 'player'): Member => ({ id, name: id, role, lobbies: 'all' })
const pressed = { ...neutralState, buttons: 1 }

async function openHostService() {
  const memory = await openMemoryHost()
  const lobby = await memory.host.createLobby({ appId: 'memory' })
  await until(lobby.status, ({ status }) => status === 'running')
  const enter = async (id: string, role?: Member['role']) => {
    const session = memory.host.createSession(member(id, role))
    await session.join(lobby.id)
    return session
  }
  const { plugged } = memory.parts.gamepads
  const holders = () => lobby.seats.value.slice(1).map(({ holder }) => holder)
  return { memory, lobby, enter, plugged, holders }
}

test('a pad that is plugged in gets a seat and is seen by apps; unplugged, it gives the seat back', async () => {
  const { memory, enter, plugged, holders } = await openHostService()
  await using _ = memory
  const ada = await enter('ada')
  ada.input({ type: 'gamepad-connect', pad: 0 })
  ada.input({ type: 'gamepad-connect', pad: 2 })
  assert.deepEqual(holders(), [ada.id, ada.id, undefined, undefined])
  ada.input({ type: 'gamepad', pad: 2, state: pressed })
  assert.deepEqual(
    [...plugged].map(({ state }) => state.buttons),
    [0, 1],
  )
  ada.input({ type: 'gamepad-disconnect', pad: 2 })
  assert.deepEqual(holders(), [ada.id, undefined, undefined, undefined])
  assert.equal(plugged.size, 1)
})

test('a fifth pad has no seat until one is free and a button is pressed', async () => {
  const { memory, enter, plugged, holders } = await openHostService()
  await using _ = memory
  const [ada, bob] = [await enter('ada'), await enter('bob')]
  for (const pad of [0, 1, 2, 3]) ada.input({ type: 'gamepad-connect', pad })
  bob.input({ type: 'gamepad-connect', pad: 0 })
  bob.input({ type: 'gamepad', pad: 0, state: pressed })
  assert.equal(plugged.size, 4)
  assert.ok(!holders().includes(bob.id))
  ada.input({ type: 'gamepad-disconnect', pad: 1 })
  bob.input({ type: 'gamepad', pad: 0, state: neutralState })
  bob.input({ type: 'gamepad', pad: 0, state: pressed })
  assert.deepEqual(holders(), [ada.id, bob.id, ada.id, ada.id])
})

test('a pad lets everything go when its seat is lost, whatever the reason', async () => {
  const { memory, lobby, enter, plugged } = await openHostService()
  await using _ = memory
  const ways: Record<string, (session: Awaited<ReturnType<typeof enter>>, owner: typeof session) => unknown> = {
    'it is taken back': (_session, owner) => owner.changeSeat('gamepad-1', { do: 'take-back' }),
    'it is given back': (session) => session.changeSeat('gamepad-1', { do: 'release' }),
    'the session leaves': (session) => session.leave(),
    'the session ends': (session) => session.close(),
    'everything is released': (session) => session.releaseInput(),
  }
  for (const [way, lose] of Object.entries(ways)) {
    const [session, owner] = [await enter('ada'), await enter('olga', 'owner')]
    session.input({ type: 'gamepad-connect', pad: 0 })
    session.input({ type: 'gamepad', pad: 0, state: pressed })
    const [pad] = plugged
    assert.equal(pad?.state.buttons, 1, way)
    await lose(session, owner)
    assert.deepEqual(pad?.state, neutralState, way)
    await session.close('left')
    await owner.close('left')
    assert.equal(plugged.size, 0, way)
  }
  assert.equal(lobby.status.value.status, 'running')
})

test('what an app wants felt reaches the player whose pad it is', async () => {
  const { memory, enter, plugged } = await openHostService()
  await using _ = memory
  const [ada, bob] = [await enter('ada'), await enter('bob')]
  const felt: string[] = []
  ada.onRumble((pad, { strong }) => felt.push(`ada ${pad} ${strong}`))
  bob.onRumble((pad, { strong }) => felt.push(`bob ${pad} ${strong}`))
  ada.input({ type: 'gamepad-connect', pad: 0 })
  bob.input({ type: 'gamepad-connect', pad: 3 })
  for (const pad of plugged) pad.rumble({ strong: 1, weak: 0, durationMs: 100 })
  assert.deepEqual(felt, ['ada 0 1', 'bob 3 1'])
})

test('those who may only watch have no pads', async () => {
  const { memory, enter, plugged } = await openHostService()
  await using _ = memory
  const viewer = await enter('vera', 'viewer')
  assert.throws(() => viewer.input({ type: 'gamepad-connect', pad: 0 }), { code: 'input-forbidden' })
  assert.equal(plugged.size, 0)
})
