import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agreed } from '../../../../test/support/moonlight/agreed.ts'
import { neutralState } from '../../../domain/gamepad.ts'
import type { InputEvent } from '../../../domain/input-event.ts'
import type { Role } from '../../../domain/member.ts'
import { openMemoryHost } from '../../../host/memory/memory-host.ts'
import { silentLog } from '../../../kernel/log.ts'
import { until } from '../../../kernel/readable.ts'
import { createCounters } from '../../../viewer/contract/gateway-counters.ts'
import { RemoteViewer, type RemoteViewerEvents } from '../../../viewer/remote-viewer.ts'
import { Pump } from '../../../viewer/sending/pump.ts'
import { keysChannel, pointerChannel } from '../../../wire/input/channels.ts'
import { encodeGamepadMessage } from '../../../wire/input/gamepad-message.ts'
import { encodeKeysMessage } from '../../../wire/input/keys-message.ts'
import { PointerSender } from '../../../wire/input/pointer-message.ts'
import { readLaunchRequest } from '../../../wire/moonlight/launch-request.ts'
import { readStreamWish } from '../../../wire/moonlight/stream-wish.ts'
import { MoonlightStream } from './moonlight-stream.ts'

const key: InputEvent = { type: 'key', code: 'KeyA', key: 'a', down: true }

test('a key without the seat for it is a request for it, once in a while; a motion, a key that goes up and a new pad are none', async () => {
  await using rig = await openRig('player')
  rig.move()
  rig.say({ ...key, down: false })
  rig.events.input(keysChannel.id, encodeKeysMessage({ type: 'gamepad-connect', pad: 0 }))
  assert.deepEqual(rig.requests('keyboard-mouse'), [])
  rig.say(key)
  assert.deepEqual(rig.requests('keyboard-mouse'), [rig.session.id])
  rig.session.changeSeat('keyboard-mouse', { do: 'release' })
  rig.say(key)
  assert.deepEqual(rig.requests('keyboard-mouse'), [], 'who has taken it back is not asked for again at once')
  rig.clock.advance(10_000)
  rig.say(key)
  assert.deepEqual(rig.requests('keyboard-mouse'), [rig.session.id])
})

test('a button of a pad asks for a seat where all are taken, and not for another where the pad has one', async () => {
  await using rig = await openRig('player')
  const press = (sequence: number) => {
    const state = { ...neutralState, buttons: 1 }
    rig.events.input(keysChannel.id, encodeGamepadMessage({ pad: 0, sequence, state }))
  }
  rig.other.changeSeat('gamepad-1', { do: 'request' })
  press(0)
  assert.ok(rig.session.holds('gamepad-2'))
  assert.deepEqual(rig.requests('gamepad-1'), [], 'it has a seat')
})

test('who may only watch asks to play by trying it', async () => {
  await using rig = await openRig('viewer')
  rig.move()
  assert.deepEqual(rig.lobby.askers.value, [])
  rig.say(key)
  assert.deepEqual(
    rig.lobby.askers.value.map(({ name }) => name),
    ['Paul'],
  )
})

test('a stream ends as what it is: lost, quit or revoked', async () => {
  for (const [how, cause] of [
    ['disconnected', 'disconnected'],
    ['left', 'left'],
  ] as const) {
    await using rig = await openRig('player')
    await rig.stream.close(how)
    assert.equal(rig.cause(), cause)
  }
  await using rig = await openRig('player')
  await rig.session.close('revoked')
  await rig.stream.closed
  assert.equal(rig.cause(), 'revoked')
})

/** A stream that has been agreed on, in a lobby whose keyboard somebody else has. */
async function openRig(role: Role) {
  const { host, clock, events: happened, ...memory } = await openMemoryHost()
  const lobby = await host.createLobby({ appId: 'memory' })
  await until(lobby.status, ({ status }) => status === 'running')
  const other = host.createSession({ id: 'olga', name: 'Olga', role: 'owner', lobbies: 'all' })
  await other.join(lobby.id)
  other.changeSeat('keyboard-mouse', { do: 'request' })
  const session = host.createSession({ id: 'paul', name: 'Paul', role, lobbies: 'all' }, { returnsAnew: true })
  await session.join(lobby.id)
  const nowUs = () => clock.nowMs() * 1000
  const pump = new Pump({ clock, nowUs })
  const context = { pump, nowUs, counters: createCounters(), log: silentLog, clock, gateway: 'moonlight' as const }
  const opened: RemoteViewerEvents[] = []
  const viewerProcess = {
    open(request: ConstructorParameters<typeof RemoteViewer>[0]['request'], events: RemoteViewerEvents) {
      opened.push(events)
      return new RemoteViewer({ id: 1, request, events, clock })
    },
  }
  const stream = new MoonlightStream({ context, viewerProcess, session, keepRecording: undefined })
  const request = readLaunchRequest(new URLSearchParams(`appid=1&mode=1280x720x60&rikey=${'0'.repeat(32)}`))
  stream.begin({
    launch: { id: 'launch', fingerprint: 'tv', request, address: '192.0.2.7' },
    wish: readStreamWish(''),
    connectData: 1,
    pingPayloads: { audio: 'a'.repeat(16), video: 'v'.repeat(16) },
    said: agreed(0),
  })
  const [events] = opened
  assert.ok(events)
  const pointers = new PointerSender()
  return {
    clock,
    lobby,
    other,
    session,
    stream,
    events,
    say: (event: InputEvent) => events.input(keysChannel.id, encodeKeysMessage(event)),
    move: () => events.input(pointerChannel.id, pointers.encode({ type: 'pointer-relative', dx: 1, dy: 1 })),
    requests: (seat: string) => lobby.seats.value.find(({ id }) => id === seat)?.requests,
    cause() {
      const end = happened.findLast((event) => event.type === 'StopStream' && event.sessionId === session.id)
      return end?.type === 'StopStream' ? end.cause : undefined
    },
    async [Symbol.asyncDispose]() {
      void stream.close('left')
      clock.advance(10_000)
      await stream.closed
      await memory[Symbol.asyncDispose]()
    },
  }
}
