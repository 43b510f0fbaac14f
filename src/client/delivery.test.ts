import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ScriptedHost, settle } from '../../test/support/scripted-host.ts'
import type { ClientOptions } from './environment/client-options.ts'
import type { ClientEnvironment } from './environment/environment.ts'
import { PorchlightClient } from './porchlight-client.ts'

const recovered = { type: 'reconnect-ack', success: true, sessionId: 's1', historyRecovered: true } as const

/** A client of a host; another one on the same host is its page after it was loaded again. */
function open(host = new ScriptedHost(), options: Partial<ClientOptions> = {}) {
  const client = new PorchlightClient({
    signallingUrl: 'ws://host/api/v1/signal',
    token: 'secret',
    environment: host.environment as unknown as ClientEnvironment,
    ...options,
  })
  const heard: string[] = []
  client.on('text', ({ text }) => heard.push(text))
  return { host, client, heard }
}

function delivered(host: ScriptedHost) {
  return host.socket.heard.flatMap((message) =>
    message.type === 'deliver' ? [message.deliveries.map(({ sequence }) => sequence)] : [],
  )
}

const text = (id: number) =>
  ({ id, memberId: 'bob', name: 'Bob', role: 'player', text: `text ${id}`, atMs: id }) as const

/** A page in a lobby that goes with a text on its way. */
async function leftPage() {
  const { host, client } = open()
  const started = client.start({ lobbyId: 'games' })
  await host.welcome()
  await started
  void client.sendText('a')
  for (const page of host.pages) page.leaving()
  return { host, client }
}

test('what is sent before there is a connection goes out when there is one, behind the wish for its lobby', async () => {
  const { host, client } = open()
  const sent = [client.sendText('a'), client.typeText('b')]
  const started = client.start({ lobbyId: 'games' })
  await host.welcome()
  await started
  assert.deepEqual(host.socket.heardTypes(), ['join', 'deliver', 'offer'])
  const message = host.socket.heard[1]
  assert.ok(message?.type === 'deliver')
  assert.deepEqual(message.deliveries, [
    { sequence: 1, do: 'say', text: 'a' },
    { sequence: 2, do: 'type', text: 'b' },
  ])
  assert.equal(client.outbox.value.length, 2)
  host.socket.say({ type: 'delivered', through: 2, refused: [] })
  await Promise.all(sent)
  assert.deepEqual(client.outbox.value, [])
  void client.sendText('c')
  const last = host.socket.heard.at(-1)
  assert.ok(last?.type === 'deliver')
  assert.deepEqual(last.deliveries, [{ sequence: 3, do: 'say', text: 'c', lobbyId: 'games' }])
  await client.close()
})

test('what was not acknowledged is sent again after a loss, together with what was sent meanwhile', async () => {
  const { host, client } = open()
  const started = client.start()
  await host.welcome()
  await started
  const sent = client.sendText('a')
  host.socket.drop()
  await settle()
  void client.sendText('b')
  host.clock.advance(2000)
  await host.welcome(recovered)
  assert.deepEqual(delivered(host), [[1, 2]])
  host.socket.say({ type: 'delivered', through: 2, refused: [] })
  await sent
  await client.close()
})

test('a page that was loaded again asks for its session and sends what its former self could not', async () => {
  const { host, client } = await leftPage()
  assert.ok([...host.kept].flat().join().includes('games'))
  host.pages.clear()
  const again = open(host)
  assert.equal(host.kept.size, 0, 'what is used is not there for a duplicate of the tab')
  void again.client.sendText('b')
  const restarted = again.client.start()
  await host.welcome(recovered)
  await restarted
  assert.deepEqual(host.socket.heard[0], { type: 'reconnect', sessionId: 's1', resumeToken: 'r1' })
  assert.deepEqual(host.socket.heardTypes(), ['reconnect', 'join', 'deliver', 'offer'])
  assert.deepEqual(delivered(host), [[1, 2]])
  assert.equal(again.client.currentSessionId, 's1')
  await again.client.close()
  await client.close()
})

test('a page that stays after all leaves nothing, nor does one that is not to', async () => {
  const { host, client } = open()
  const started = client.start()
  await host.welcome()
  await started
  for (const page of host.pages) page.leaving()
  for (const page of host.pages) page.stayed()
  assert.equal(host.kept.size, 0)
  await client.close()
  const other = open(new ScriptedHost(), { persistent: false })
  other.client.start().catch(() => {})
  for (const page of other.host.pages) page.leaving()
  assert.equal(other.host.kept.size, 0)
  await other.client.close()
})

test('a page that goes before its client was started leaves what it has found', async () => {
  const { host, client } = await leftPage()
  const [left] = host.kept.values()
  host.pages.clear()
  const again = open(host)
  assert.equal(host.kept.size, 0)
  for (const page of host.pages) page.leaving()
  const parsed = (kept: string | undefined): unknown => JSON.parse(kept ?? '')
  assert.deepEqual([...host.kept.values()].map(parsed), [parsed(left)])
  await Promise.all([client.close(), again.client.close()])
})

test('closing the client rejects what nobody can know of any more', async () => {
  const { client } = open()
  const sent = client.sendText('a')
  await client.close()
  await assert.rejects(sent, { code: 'closed' })
})

test('what others say is heard once, what was said while away too, and what was said before is there to read', async () => {
  const { host, client, heard } = open()
  const started = client.start()
  await host.welcome()
  await started
  host.socket.say({ type: 'texts', lobbyId: 'games', texts: [text(1)] })
  host.socket.say({ type: 'texts', lobbyId: 'games', texts: [text(2)] })
  host.socket.drop()
  await settle()
  host.clock.advance(2000)
  await host.welcome(recovered)
  host.socket.say({ type: 'texts', lobbyId: 'games', texts: [text(1), text(2), text(3)] })
  assert.deepEqual(heard, ['text 2', 'text 3'])
  assert.deepEqual(
    client.texts.value.map(({ id }) => id),
    [1, 2, 3],
  )
  await client.close()
})

test('a client without media is connected as soon as it is greeted, and comes back as any other', async () => {
  const { host, client } = open(new ScriptedHost(), { media: 'none' })
  const started = client.start({ lobbyId: 'games' })
  host.greet()
  await started
  assert.equal(host.peers.length, 0)
  assert.deepEqual(host.socket.heardTypes(), ['join'])
  host.socket.drop()
  await settle()
  host.clock.advance(2000)
  host.greet()
  host.socket.say(recovered)
  await settle()
  assert.equal(client.state, 'connected')
  await client.close()
  assert.equal(host.clock.pending, 0)
})

test('a client of encoded media takes it by the web port alone, a key picture first', async () => {
  const { host, client } = open(new ScriptedHost(), { media: 'encoded', codecs: ['vp8'] })
  const pictures: boolean[] = []
  client.on('picture', ({ key }) => pictures.push(key))
  const started = client.start()
  host.greetWithWebMedia()
  await settle()
  assert.deepEqual(host.socket.heard.at(-1), { type: 'web-media', codecs: ['vp8'], audio: true })
  host.socket.say({ type: 'web-media-ticket', ticket: 't1' })
  await settle()
  const [media] = host.webMedia.sockets
  assert.equal(media?.url, 'ws://host/api/v1/media')
  media?.open()
  media?.show({ key: false })
  media?.show()
  media?.show({ key: false })
  await started
  assert.deepEqual(pictures, [true, false])
  assert.equal(client.path.value?.kind, 'web-port')
  assert.equal(client.path.value?.why, 'no-webrtc')
  assert.equal(host.peers.length, 0)
  await client.close()
})

test('a machine without WebRTC and without anything that decodes is told so', async () => {
  const host = new ScriptedHost()
  const environment = { ...host.environment, createPeer: undefined } as unknown as ClientEnvironment
  const { client } = open(host, { environment, reconnection: { enabled: false } })
  const started = assert.rejects(client.start(), { code: 'web-media-unavailable' })
  host.greetWithWebMedia()
  await started
  assert.equal(client.state, 'failed')
})

test('a share link is all that a client needs', async () => {
  const host = new ScriptedHost()
  const client = new PorchlightClient({
    signallingUrl: 'https://host/#lobby=games&invite=secret',
    environment: host.environment as unknown as ClientEnvironment,
  })
  const started = client.start()
  await host.welcome()
  await started
  assert.deepEqual(host.socket.protocols.slice(0, 2), ['porchlight.v1', 'bearer.secret'])
  assert.deepEqual(host.socket.heard[0], { type: 'join', lobbyId: 'games' })
  await client.close()
  assert.throws(() => new PorchlightClient({ signallingUrl: 'nonsense' }), { code: 'invalid-argument' })
})
