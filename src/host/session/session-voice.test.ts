import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../../kernel/readable.ts'
import type { Lobby } from '../contract/lobby.ts'
import type { Member } from '../../domain/member.ts'
import { openMemoryHost, type MemoryHost } from '../memory/memory-host.ts'
import type { MemoryProducer } from '../memory/memory-producer.ts'

const unit = { timestamp: 1, data: Uint8Array.of(1) }
const ada: Member = { id: 'a', name: 'Ada', role: 'player', lobbies: 'all' }
const vera: Member = { ...ada, id: 'v', name: 'Vera', role: 'viewer' }

async function openLobby({ host, parts }: MemoryHost): Promise<{ lobby: Lobby; producer: MemoryProducer }> {
  const lobby = await host.createLobby({ appId: 'memory' })
  await until(lobby.status, ({ status }) => status === 'running')
  return { lobby, producer: [...parts.producers][0] as MemoryProducer }
}

test('speak reaches the app of the lobby that the session is in, and nothing while it is in none', async () => {
  await using memory = await openMemoryHost()
  const { lobby, producer } = await openLobby(memory)
  const session = memory.host.createSession(ada)
  session.speak(unit)
  await session.join(lobby.id)
  session.speak(unit)
  assert.deepEqual(producer.voices.heard, [{ speakerId: session.id, unit }])
  await session.leave()
  assert.deepEqual(producer.voices.speakers, [])
  session.speak(unit)
  assert.equal(producer.voices.heard.length, 1)
  await session.close()
  session.speak(unit)
})

test('who is made a viewer is silent at once, and is refused; who is made a player is heard', async () => {
  await using memory = await openMemoryHost()
  const { host } = memory
  const { lobby, producer } = await openLobby(memory)
  const [player, viewer] = [host.createSession(ada), host.createSession(vera)]
  await Promise.all([player.join(lobby.id), viewer.join(lobby.id)])
  player.speak(unit)
  assert.throws(() => viewer.speak(unit), { code: 'voice-forbidden' })
  host.changeRole('a', 'viewer')
  assert.deepEqual(producer.voices.speakers, [])
  assert.throws(() => player.speak(unit), { code: 'voice-forbidden' })
  host.changeRole('v', 'player')
  viewer.speak(unit)
  assert.deepEqual(producer.voices.speakers, [{ id: viewer.id, app: true, members: false }])
})

test('changeLobby says whose voices are heard, tells it, and a lobby begins with the app alone', async () => {
  await using memory = await openMemoryHost()
  const { host, events } = memory
  const { lobby, producer } = await openLobby(memory)
  assert.deepEqual(lobby.voices.reach.value, { choice: 'app', microphone: true })
  const session = host.createSession(vera)
  await session.join(lobby.id)
  const before = events.length
  await host.changeLobby(lobby.id, { voice: 'everybody' })
  assert.deepEqual(
    events.slice(before).map(({ type }) => type),
    ['LobbyChanged'],
  )
  session.speak(unit)
  assert.deepEqual(producer.voices.speakers, [{ id: session.id, app: false, members: true }])
  await host.changeLobby(lobby.id, { voice: 'everybody' })
  assert.equal(events.length, before + 1, 'what is as it was changes nothing')
})

test('a speaker is heard again by an app that was started again', async () => {
  await using memory = await openMemoryHost()
  const { parts, clock, host } = memory
  const { lobby } = await openLobby(memory)
  const session = host.createSession(ada)
  await session.join(lobby.id)
  session.speak(unit)
  const before = new Set(parts.producers)
  const [display] = parts.displays
  await display?.die()
  await until(lobby.status, ({ status }) => status === 'recovering')
  session.speak(unit)
  while (lobby.status.value.status !== 'running') {
    // However many turns that takes, nobody is idle for a minute.
    session.touch()
    clock.advance(20)
    await new Promise((resolve) => setImmediate(resolve))
  }
  session.speak(unit)
  const heard = [...parts.producers].filter((one) => !before.has(one)).flatMap(({ voices }) => voices.heard)
  assert.deepEqual(heard, [{ speakerId: session.id, unit }])
})
