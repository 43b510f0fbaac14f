import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ScriptedHost } from '../../test/support/scripted-host.ts'
import { encodePointers } from '../wire/input/pointers-message.ts'
import type { SeatsMessage } from '../wire/signal/seats.ts'
import type { ClientEnvironment } from './environment/environment.ts'
import { PorchlightClient } from './porchlight-client.ts'

const players = [
  { sessionId: 's1', name: 'Ada', role: 'player', pointer: 0 },
  { sessionId: 's2', name: 'Bob', role: 'owner', pointer: 4 },
] as const

function told(change: { holder?: string; seating?: 'shared' } = {}): SeatsMessage {
  const { holder, seating = 'single' } = change
  const seat = {
    id: 'keyboard-mouse',
    requests: [],
    locked: false,
    ...(holder === undefined ? {} : { holder }),
  } as const
  return { type: 'seats', lobbyId: 'games', seating, seats: [{ ...seat, requests: [] }], players: [...players] }
}

async function openScene() {
  const host = new ScriptedHost()
  const environment = host.environment as unknown as ClientEnvironment
  const client = new PorchlightClient({ signallingUrl: 'ws://host/api/v1/signal', token: 'secret', environment })
  const started = client.start({ lobbyId: 'games' })
  await host.welcome()
  await started
  host.socket.say({ type: 'place', place: { kind: 'lobby', lobbyId: 'games' } })
  return { host, client }
}

test('seats are as the host told last, and gone outside of the lobby', async () => {
  const { host, client } = await openScene()
  const seen: (string | undefined)[] = []
  client.on('seats', (seats) => seen.push(seats?.lobbyId))
  host.socket.say(told({ holder: 's2' }))
  assert.equal(client.seats.value?.seats[0]?.holder, 's2')
  host.socket.say({ type: 'place', place: { kind: 'waiting-room', lobbyId: 'games', reason: 'It recovers' } })
  assert.ok(client.seats.value)
  host.socket.say({ type: 'place', place: { kind: 'waiting-room', reason: 'You left' } })
  assert.equal(client.seats.value, undefined)
  assert.deepEqual(seen, ['games', undefined])
  await client.close()
})

test('holds is true for the holder, and for every player where the seating is shared', async () => {
  const { host, client } = await openScene()
  assert.equal(client.holds(), false)
  host.socket.say(told({ holder: 's2' }))
  assert.equal(client.holds(), false)
  host.socket.say(told({ holder: 's1' }))
  assert.deepEqual([client.holds(), client.holds('gamepad-1')], [true, false])
  host.socket.say(told({ seating: 'shared' }))
  assert.equal(client.holds(), true)
  await client.close()
})

test('changeSeat tells the host what is wanted, and what it refused', async () => {
  const { host, client } = await openScene()
  const refusals: unknown[] = []
  client.on('error', ({ hostCode }) => refusals.push(hostCode))
  const asked = client.changeSeat('gamepad-1', { do: 'hand-over', to: 's2' })
  const message = host.socket.heard.at(-1)
  assert.ok(message?.type === 'deliver')
  assert.deepEqual(message.deliveries, [
    { sequence: 1, do: 'seat', lobbyId: 'games', seat: 'gamepad-1', wish: { do: 'hand-over', to: 's2' } },
  ])
  const refused = [{ sequence: 1, code: 'seat-not-held', message: 'Cannot hand over' }]
  host.socket.say({ type: 'delivered', through: 1, refused })
  await assert.rejects(asked, { code: 'host-error', hostCode: 'seat-not-held' })
  assert.deepEqual(refusals, ['seat-not-held'])
  await client.close()
})

test('askToPlay asks once, or no longer, and the lobby tells who asks', async () => {
  const { host, client } = await openScene()
  const asked = client.askToPlay()
  const message = host.socket.heard.at(-1)
  assert.ok(message?.type === 'deliver')
  assert.deepEqual(message.deliveries, [{ sequence: 1, do: 'ask-to-play', lobbyId: 'games', asks: true }])
  host.socket.say({ type: 'delivered', through: 1, refused: [] })
  await asked
  const askers = [{ memberId: 'm1', name: 'Vera' }]
  host.socket.say({ ...told(), askers })
  assert.deepEqual(client.seats.value?.askers, askers)
  await client.close()
})

test('pointers tells where the others point; what it cannot read or nobody owns is left out', async () => {
  const { host, client } = await openScene()
  host.socket.say(told())
  const seen: string[] = []
  client.on('pointers', (pointers) => seen.push(pointers.map(({ player, x }) => `${player.name} ${x}`).join()))
  const channel = host.peer.channels[1] ?? assert.fail()
  const hear = (data: unknown) => channel.dispatchEvent(new MessageEvent('message', { data }))
  const positions = [
    { player: 0, x: 0, y: 0 },
    { player: 4, x: 1, y: 0 },
    { player: 9, x: 0, y: 0 },
  ]
  hear(Uint8Array.from(encodePointers({ sequence: 1, positions })).buffer)
  hear(Uint8Array.from(encodePointers({ sequence: 1, positions })).buffer)
  hear(new ArrayBuffer(2))
  hear('text')
  assert.deepEqual(seen, ['Bob 1'])
  await client.close()
})
