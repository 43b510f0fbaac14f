import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as settled } from 'node:timers/promises'
import { chromiumOffer } from '../../test/support/browser-offers.ts'
import { testConversation } from '../../test/support/conversation-contract.ts'
import { PipeClient } from '../../test/support/pipe-client.ts'
import { openMemoryPipe } from '../kernel/memory-pipe.ts'
import type { Member } from '../domain/member.ts'
import { planConversation } from '../kernel/monitor/conversation.ts'
import { replayConversation } from '../kernel/monitor/recording.ts'
import { signalCloseCode, type ClientMessage } from '../wire/signal/messages.ts'
import { signalling } from '../wire/signal/protocol.ts'

import { olga, openSignallingRig as openRig, vera } from '../../test/support/signalling-rig.ts'
testConversation('a pipe in memory', async () => {
  const [near, far] = openMemoryPipe()
  return { near, far, [Symbol.asyncDispose]: async () => far.close(undefined, '') }
})

test('SignalConversation greets with a session, its rights and its place', async (t) => {
  const { arrive, host } = await openRig(t)
  const { client, sessionId } = arrive(vera)
  const [ready, place] = client.messages
  assert.equal(ready?.type === 'ready' && ready.role, 'viewer')
  assert.deepEqual(place, { type: 'place', place: { kind: 'waiting-room', reason: 'Choose a lobby to enter' } })
  assert.ok(host.sessions.has(sessionId))
})

test('SignalConversation tells every change of place', async (t) => {
  const { arrive, host, lobbyId } = await openRig(t)
  const { client } = arrive()
  client.says({ type: 'join', lobbyId })
  await settled()
  assert.deepEqual(client.last('place')?.place, { kind: 'lobby', lobbyId })
  client.says({ type: 'leave' })
  await settled()
  assert.equal(client.last('place')?.place.kind, 'waiting-room')
  client.says({ type: 'join', lobbyId })
  await settled()
  await host.stopLobby(lobbyId, 'It is late')
  assert.match(JSON.stringify(client.last('place')), /It is late/)
})

test('SignalConversation tells a client without a subprotocol nothing that seed 003 does not know', async (t) => {
  const { arrive, host, lobbyId, clock } = await openRig(t)
  const plain = { isPlain: true }
  const { client, conversation, sessionId: handle } = arrive(olga, plain)
  client.says({ type: 'join', lobbyId })
  await settled()
  host.changeRole('olga', 'player')
  client.says({ type: 'ping', timestamp: 3 })
  clock.advance(15_000)
  client.leaves()
  await conversation.ended
  assert.deepEqual(
    client.messages.map(({ type }) => type),
    ['ready', 'pong', 'ping'],
  )
  assert.equal(host.sessions.has(handle), false, 'what it is told as the id of its session is a secret')
})

test('SignalConversation gives a client of seed 003 its session back for the id that it was given, once, and to nobody else', async (t) => {
  const { arrive, lobbyId, host } = await openRig(t)
  const plain = { isPlain: true }
  const lose = async ({ client, conversation }: ReturnType<typeof arrive>) => {
    client.leaves()
    await conversation.ended
  }
  const reconnect = async (sessionId: string, member = olga) => {
    const back = arrive(member, plain)
    back.client.says({ type: 'reconnect', sessionId })
    await settled()
    return { ...back, ack: back.client.last('reconnect-ack') }
  }
  const first = arrive(olga, plain)
  first.client.says({ type: 'join', lobbyId })
  await settled()
  const [id] = [...host.sessions.keys()]
  await lose(first)
  assert.equal((await reconnect(first.sessionId, vera)).ack?.success, false, 'it is not hers')
  assert.equal((await reconnect(id ?? '')).ack?.success, false, 'the id that others know is no secret')
  const second = await reconnect(first.sessionId)
  assert.deepEqual([second.ack?.success, second.ack?.historyRecovered], [true, true])
  assert.ok(id !== undefined && host.sessions.has(id), 'it is the same session')
  assert.notEqual(second.ack?.sessionId, first.sessionId)
  second.client.says({ type: 'leave' })
  await settled()
  await lose(second)
  assert.equal((await reconnect(first.sessionId)).ack?.success, false, 'it is used up')
  const third = await reconnect(second.sessionId)
  assert.equal(third.ack?.success, true, 'what `ready` said last is as good as the acknowledgement')
  await lose(third)
  assert.equal((await reconnect(third.ack?.sessionId ?? '')).ack?.success, true)
})

test('SignalConversation ends no client of seed 003 for what its own server takes or ignores', async (t) => {
  const { arrive } = await openRig(t)
  const { client, sessionId } = arrive(olga, { isPlain: true })
  for (const type of ['audio', 'attachments', 'speech', 'no-such-type'])
    client.saysRaw(JSON.stringify({ type, data: 'AAAA' }))
  client.says({ type: 'leave' })
  await settled()
  // Some ask late, and for the one that they have.
  client.says({ type: 'reconnect', sessionId })
  assert.deepEqual(client.last('reconnect-ack'), {
    type: 'reconnect-ack',
    success: true,
    historyRecovered: true,
    sessionId,
  })
  client.says({ type: 'reconnect', sessionId: 'another' })
  assert.equal(client.last('reconnect-ack')?.success, false)
  client.says({ type: 'ping', timestamp: 5 })
  assert.deepEqual(client.last('pong'), { type: 'pong', timestamp: 5 })
  assert.equal(client.closedWith, undefined)
  const other = arrive(olga)
  other.client.saysRaw(JSON.stringify({ type: 'no-such-type' }))
  await other.conversation.ended
  assert.equal(other.client.closedWith, 4400, 'whoever names the subprotocol knows the messages')
})

test('SignalConversation says what cannot be done, and goes on', async (t) => {
  const { arrive, lobbyId } = await openRig(t)
  const { client } = arrive()
  client.says({ type: 'join', lobbyId: 'nowhere' })
  await settled()
  assert.equal(client.last('error')?.code, 'lobby-not-found')
  client.says({ type: 'join', lobbyId })
  await settled()
  assert.equal(client.last('place')?.place.kind, 'lobby')
})

test('SignalConversation answers pings at once and sends its own', async (t) => {
  const { arrive, clock } = await openRig(t)
  const { client } = arrive()
  client.says({ type: 'ping', timestamp: 7 })
  assert.deepEqual(client.last('pong'), { type: 'pong', timestamp: 7 })
  clock.advance(15_000)
  assert.deepEqual(client.last('ping'), { type: 'ping', timestamp: clock.nowMs() })
})

test('SignalConversation ends after a minute of silence, and any word keeps it', async (t) => {
  const { arrive, clock, causeOf, resume } = await openRig(t)
  const { client, conversation, sessionId, resumeToken } = arrive()
  for (let minute = 0; minute < 3; minute++) {
    clock.advance(45_000)
    client.says({ type: 'pong', timestamp: 0 })
    await settled()
  }
  assert.equal(client.closedWith, undefined)
  clock.advance(80_000)
  await conversation.ended
  assert.equal(client.closedWith, 'cut')
  assert.deepEqual(causeOf(sessionId), { type: 'StopStream', sessionId, cause: 'idle' })
  assert.equal((await resume({ sessionId, resumeToken })).ack?.success, true)
})

test('SignalConversation leads whoever wants media and names no lobby into one', async (t) => {
  const { arrive, host, lobbyId } = await openRig(t)
  const sdp = chromiumOffer({ videoFormats: '98', videoLines: ['a=rtpmap:98 VP9/90000'] })
  const offer: ClientMessage = { type: 'offer', signal: { type: 'offer', sdp } }
  const media: ClientMessage = { type: 'web-media', codecs: ['h264'], audio: true }
  const lead: ClientMessage = { type: 'lead' }
  const younger = await host.createLobby({ appId: 'memory' })
  const placeAfter = async (member: Member, ...words: readonly ClientMessage[]) => {
    const { client } = arrive(member)
    for (const word of words) {
      client.says(word)
      await settled()
    }
    return client.last('place')?.place.lobbyId
  }
  const guest: Member = { ...vera, lobbies: [younger.id] }
  assert.equal(await placeAfter(olga, { type: 'ping', timestamp: 0 }, offer), lobbyId, 'the oldest')
  assert.equal(await placeAfter(guest, media), younger.id, 'that of the invitation')
  assert.equal(await placeAfter(guest, lead), younger.id, 'who wants to be led and no media')
  assert.equal(await placeAfter(olga, { type: 'reconnect', sessionId: 'forgotten' }, offer), lobbyId)
  assert.equal(await placeAfter(olga, { type: 'leave' }, offer), undefined, 'who says so stays in the waiting room')
  assert.equal(await placeAfter(olga, { type: 'join', lobbyId: younger.id }, offer), younger.id)
  assert.equal(await placeAfter(olga, offer, { type: 'leave' }, media), undefined)
  assert.equal(await placeAfter(olga, { type: 'leave' }, lead), undefined)
})

test('SignalConversation ends whoever breaks the protocol, with a record, and nobody else', async (t) => {
  const { arrive, events, context, lobbyId } = await openRig(t)
  const bystander = arrive()
  const flood = (client: PipeClient, count: number) => {
    for (let index = 0; index < count; index++) client.says({ type: 'ping', timestamp: 0 })
  }
  const cases: [what: string, does: (client: PipeClient) => void, errorCode: RegExp, closeCode: number][] = [
    ['no JSON', (client) => client.saysRaw('hello'), /malformed/, 4400],
    ['another type', (client) => client.saysRaw('{"type":"teleport"}'), /./, 4400],
    ['missing fields', (client) => client.saysRaw('{"type":"join"}'), /./, 4400],
    ['wrong fields', (client) => client.saysRaw('{"type":"limit","bitrateBps":-1}'), /./, 4400],
    ['too long', (client) => client.saysRaw(`{"type":"join","lobbyId":"${'x'.repeat(200_000)}"}`), /too-long/, 4400],
    ['binary', (client) => client.saysRaw(new TextEncoder().encode('{"type":"leave"}')), /malformed/, 4400],
    ['candidate first', (client) => client.says({ type: 'candidate', candidate: '' }), /out-of-order/, 4400],
    ['flood', (client) => flood(client, 201), /flood/, 4429],
    [
      'late reconnect',
      (client) => {
        client.says({ type: 'join', lobbyId })
        client.says({ type: 'reconnect', sessionId: 'x' })
      },
      /out-of-order/,
      4400,
    ],
    [
      'SDP without sense',
      (client) => client.says({ type: 'offer', signal: { type: 'offer', sdp: 'v=0\r\nhello' } }),
      /sdp-malformed/,
      4400,
    ],
  ]
  for (const [what, does, errorCode, closeCode] of cases) {
    const { client, conversation, sessionId } = arrive()
    does(client)
    await conversation.ended
    assert.match(client.last('error')?.code ?? '', errorCode, what)
    assert.equal(client.closedWith, closeCode, what)
    const fault = events.find(
      (event) =>
        event.type === 'SessionObserved' && event.sessionId === sessionId && event.observation.kind === 'fault',
    )
    assert.ok(fault, what)
  }
  assert.equal(context.counters.faults, cases.length)
  bystander.client.says({ type: 'ping', timestamp: 1 })
  assert.equal(bystander.client.last('pong')?.timestamp, 1)
})

test('SignalConversation names what the host can send when an offer has none of it, and goes on', async (t) => {
  const { arrive } = await openRig(t)
  const { client } = arrive()
  const sdp = chromiumOffer({ videoFormats: '98', videoLines: ['a=rtpmap:98 VP9/90000'] })
  for (let tries = 0; tries < 2; tries++) {
    client.says({ type: 'offer', signal: { type: 'offer', sdp } })
    await settled()
  }
  const refusals = client.messages.filter((message) => message.type === 'offer-refused')
  assert.equal(refusals.length, 2)
  assert.equal(refusals[0]?.code, 'no-usable-codec')
  assert.match(refusals[0]?.message ?? '', /H\.264.*VP8/)
  assert.equal(client.closedWith, undefined)
})

test('SignalConversation cuts off whoever does not read what he is told', async (t) => {
  const { converse, host } = await openRig(t)
  const [near, far] = openMemoryPipe()
  const client = new PipeClient(far)
  const conversation = converse(near)
  client.stopsReading()
  near.send('x'.repeat(512 * 1024 + 1))
  assert.equal(near.open, true)
  client.says({ type: 'ping', timestamp: 0 })
  await conversation.ended
  assert.equal(client.closedWith, 'cut')
  assert.equal(host.sessions.size, 0)
})

test('SignalConversation leaves no timer behind', async (t) => {
  const { arrive, clock } = await openRig(t)
  const comeAndGo = async () => {
    await arrive().conversation.end({ kind: 'gateway-closed' })
    return clock.pending
  }
  const before = await comeAndGo()
  assert.equal(await comeAndGo(), before)
})

test('SignalConversation records what was said, and a replay finds the same violation', async (t) => {
  const { arrive, recordings } = await openRig(t)
  const { client, conversation } = arrive()
  client.says({ type: 'ping', timestamp: 1 })
  client.says({ type: 'pong', timestamp: 1 })
  await conversation.ended
  assert.equal(client.closedWith, signalCloseCode.protocolViolation)
  const replayed = replayConversation(recordings.join(''), (_, role) => planConversation(signalling, role))
  assert.equal(replayed.violation?.got.label, 'pong')
  assert.deepEqual(
    replayed.messages.map(({ label }) => label),
    ['ready', 'place', 'ping', 'pong', 'pong'],
  )
})

test('a client that asks for ICE servers again is told those that there are then, as often as it asks, one wish at a time', async (t) => {
  const rig = await openRig(t)
  const told = (credential: string) => [{ urls: 'turn:turn.test', username: 'x', credential }]
  rig.ice.offered = { servers: told('first'), forMs: 480_000.4 }
  const { client, conversation } = rig.arrive()
  const { iceServers, iceServersForMs } = client.last('ready') ?? assert.fail()
  assert.deepEqual([iceServers, iceServersForMs], [told('first'), 480_000])
  for (const credential of ['second', 'third']) {
    rig.ice.offered = { servers: told(credential), forMs: 480_000 }
    client.says({ type: 'ice-servers' })
    await settled()
    const answer = { type: 'ice-servers', iceServers: told(credential), iceServersForMs: 480_000 } as const
    assert.deepEqual(client.last('ice-servers'), answer)
  }
  rig.ice.offered = { servers: [] }
  client.says({ type: 'ice-servers' })
  await settled()
  assert.deepEqual(client.last('ice-servers'), { type: 'ice-servers', iceServers: [] })
  await conversation.end({ kind: 'left' })
  assert.doesNotMatch(rig.recordings.join(), /second/, 'a recording has no credentials')
})
