import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ScriptedHost, settle } from '../../test/support/scripted-host.ts'
import type { ServerMessage } from '../wire/signal/messages.ts'
import type { ClientEnvironment } from './environment/environment.ts'
import type { Voices } from './client-events.ts'
import { PorchlightClient } from './porchlight-client.ts'

const told: Extract<ServerMessage, { type: 'voices' }> = {
  type: 'voices',
  lobbyId: 'games',
  voice: 'players',
  audience: { app: true, members: true },
  speaking: ['s2'],
}

/** A client that media comes to by WebRTC, unless it comes through the web port. */
async function world({ byWeb = false } = {}) {
  const host = new ScriptedHost()
  host.webMedia.canDecode = byWeb ? ['h264'] : []
  const client = new PorchlightClient({
    signallingUrl: 'ws://host/api/v1/signal',
    token: 'secret',
    environment: host.environment as unknown as ClientEnvironment,
  })
  void client.start().catch(() => {})
  host.socket.open()
  const webMedia = byWeb ? { webMedia: true } : {}
  host.socket.say({ type: 'ready', id: 's1', protocolVersion: 1, iceServers: [], ...webMedia })
  await settle()
  if (byWeb) {
    host.socket.say({ type: 'web-media-ticket', ticket: 't' })
    await settle()
    host.webMedia.sockets[0]?.open()
    host.webMedia.sockets[0]?.show()
    await settle()
  } else await host.answer()
  return { host, client }
}

test('voices are told as they change, and nothing is known of them outside of the lobby', async () => {
  const { host, client } = await world()
  const seen: (Voices | undefined)[] = []
  client.on('voices', (voices) => seen.push(voices))
  host.socket.say({ type: 'place', place: { kind: 'lobby', lobbyId: 'games' } })
  host.socket.say(told)
  const { type: _, ...voices } = told
  assert.deepEqual(client.voices.value, voices)
  host.socket.say({ type: 'place', place: { kind: 'waiting-room', reason: 'You left' } })
  assert.equal(client.voices.value, undefined)
  assert.deepEqual(seen, [voices, undefined])
  await client.close()
})

test('the microphone goes by the peer connection, which is offered both ways from the beginning', async () => {
  const { host, client } = await world()
  assert.equal(host.peer.voice, null)
  void client.microphone.turnOn()
  const track = host.microphone.allow()
  await settle()
  assert.equal(host.peer.voice, track)
  host.socket.drop()
  await settle()
  assert.equal(client.microphone.value.status, 'paused')
  assert.equal(track.enabled, false)
  await client.close()
  assert.equal(track.stopped, true)
})

test('through the web port the microphone goes as packets, and moves to WebRTC with everything else', async () => {
  const { host, client } = await world({ byWeb: true })
  void client.microphone.turnOn()
  const track = host.microphone.allow()
  await settle()
  const speak = host.webMedia.voices.get(track)
  speak?.({ timestamp: 960, data: Uint8Array.of(1) })
  const [socket] = host.webMedia.sockets
  assert.deepEqual(socket?.heard.at(-1), { type: 'voice', timestamp: 960, data: Uint8Array.of(1) })
  if (socket) socket.bufferedAmount = 20_000
  speak?.({ timestamp: 1920, data: Uint8Array.of(1) })
  assert.equal(socket?.heard.filter(({ type }) => type === 'voice').length, 1, 'what would come too late is dropped')
  await host.answer()
  host.peer.flow = { framesDecoded: 1, bytesReceived: 1 }
  host.clock.advance(100)
  await settle()
  assert.equal(client.path.value?.kind, 'direct')
  assert.equal(host.webMedia.voices.size, 0)
  assert.equal(host.peer.voice, track)
  assert.equal(client.microphone.value.status, 'on')
  await client.close()
})

test('a voice that the host does not take turns the microphone off, and says why', async () => {
  const { host, client } = await world()
  const errors: (string | undefined)[] = []
  client.on('error', ({ hostCode }) => errors.push(hostCode))
  void client.microphone.turnOn()
  host.microphone.allow()
  await settle()
  host.socket.say({ type: 'error', code: 'too-many-speakers', message: 'Cannot speak now' })
  assert.deepEqual(client.microphone.value, { status: 'unavailable', reason: 'Cannot speak now' })
  assert.equal(host.peer.voice, null)
  assert.deepEqual(errors, ['too-many-speakers'])
  await client.close()
})
