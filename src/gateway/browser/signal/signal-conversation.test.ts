import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { setImmediate as settled } from 'node:timers/promises'
import { chromiumOffer } from '../../../../test/support/browser-offers.ts'
import { MemorySocket } from '../../../../test/support/memory-socket.ts'
import type { Member } from '../../../host/member.ts'
import { openMemoryHost } from '../../../host/memory/memory-host.ts'
import { silentLog } from '../../../kernel/log.ts'
import { planConversation } from '../../../kernel/monitor/conversation.ts'
import { replayConversation } from '../../../kernel/monitor/recording.ts'
import { until } from '../../../kernel/readable.ts'
import { DurationWindow } from '../../../media/duration-window.ts'
import { signalCloseCode, type ClientMessage, type ServerMessage } from '../../../wire/signal/messages.ts'
import { signalling } from '../../../wire/signal/protocol.ts'
import { createCounters } from '../gateway-counters.ts'
import { PacketCache } from '../packet-cache.ts'
import { Pump } from '../pump.ts'
import type { ViewerContext } from '../viewer/viewer-context.ts'
import { MediaTickets } from '../web-media/media-tickets.ts'
import { MessageCache } from '../web-media/message-cache.ts'
import type { MediaGrant } from '../web-media/web-media-lane.ts'
import { ResumeTickets } from './resume-tickets.ts'
import { SignalConversation } from './signal-conversation.ts'

const olga: Member = { id: 'olga', name: 'Olga', role: 'owner', lobbyId: undefined }
const vera: Member = { id: 'vera', name: 'Vera', role: 'viewer', lobbyId: undefined }

/** A host in virtual time, and conversations with it that never offer media. */
async function openRig(t: TestContext) {
  const memory = await openMemoryHost()
  t.after(() => memory[Symbol.asyncDispose]())
  const { host, clock, events } = memory
  const nowUs = () => clock.nowMs() * 1000
  const context: ViewerContext = {
    rtc: { iceServers: [], udp: { port: 1, bindAddress: '127.0.0.1' }, clock },
    cache: new PacketCache(),
    messages: new MessageCache(),
    pump: new Pump({ clock, nowUs }),
    counters: createCounters(),
    captureToPacketMs: new DurationWindow(1),
    clock,
    nowUs,
    random32: () => 1,
    log: silentLog,
  }
  const recordings: string[] = []
  const watch = {
    plan: planConversation(signalling, 'host'),
    epochMs: () => clock.epochMs(),
    keepRecording: (_sessionId: string, recording: string) => void recordings.push(recording),
  }
  const tickets = new ResumeTickets({ clock, randomBytes })
  const mediaTickets = new MediaTickets<MediaGrant>({ clock, randomBytes })
  const lobby = await host.createLobby({ appId: 'memory' })
  await until(lobby.status, ({ status }) => status === 'running')
  const lobbyId = lobby.id
  const arrive = (member: Member = olga, socket = new MemorySocket()) => {
    const session = host.createSession(member)
    const conversation = new SignalConversation(
      { host, member, socket: socket.socket, context, tickets, mediaTickets, iceServers: [], watch },
      session,
    )
    conversation.begin()
    const ready = socket.last('ready') as Extract<ServerMessage, { type: 'ready' }>
    return { socket, conversation, sessionId: ready.id, resumeToken: ready.resumeToken ?? '' }
  }
  /** Somebody who was in the lobby and is lost. */
  const loseOne = async () => {
    const lost = arrive()
    lost.socket.says({ type: 'join', lobbyId })
    await settled()
    lost.socket.leaves()
    await lost.conversation.ended
    return lost
  }
  const resume = async (asked: { readonly sessionId: string; readonly resumeToken: string }, member: Member = olga) => {
    const back = arrive(member)
    const { sessionId, resumeToken } = asked
    back.socket.says({ type: 'reconnect', sessionId, resumeToken })
    await settled()
    return { ...back, ack: back.socket.last('reconnect-ack') }
  }
  const causeOf = (id: string) => events.find((event) => event.type === 'StopStream' && event.sessionId === id)
  return { host, clock, events, context, tickets, recordings, lobbyId, arrive, loseOne, resume, causeOf }
}

test('SignalConversation greets with a session, its rights and its place', async (t) => {
  const { arrive, host } = await openRig(t)
  const { socket, sessionId } = arrive(vera)
  const [ready, place] = socket.messages
  assert.equal(ready?.type === 'ready' && ready.role, 'viewer')
  assert.deepEqual(place, { type: 'place', place: { kind: 'waiting-room', reason: 'Choose a lobby to enter' } })
  assert.ok(host.sessions.has(sessionId))
})

test('SignalConversation tells every change of place', async (t) => {
  const { arrive, host, lobbyId } = await openRig(t)
  const { socket } = arrive()
  socket.says({ type: 'join', lobbyId })
  await settled()
  assert.deepEqual(socket.last('place')?.place, { kind: 'lobby', lobbyId })
  socket.says({ type: 'leave' })
  await settled()
  assert.equal(socket.last('place')?.place.kind, 'waiting-room')
  socket.says({ type: 'join', lobbyId })
  await settled()
  await host.stopLobby(lobbyId, 'It is late')
  assert.match(JSON.stringify(socket.last('place')), /It is late/)
})

test('SignalConversation tells a client without a subprotocol nothing that seed 003 does not know', async (t) => {
  const { arrive, host, lobbyId, clock, resume } = await openRig(t)
  const plain = () => new MemorySocket({ protocol: '' })
  const { socket, conversation, sessionId, resumeToken } = arrive(olga, plain())
  socket.says({ type: 'join', lobbyId })
  await settled()
  host.changeRole('olga', 'player')
  socket.says({ type: 'ping', timestamp: 3 })
  clock.advance(15_000)
  socket.leaves()
  await conversation.ended
  assert.deepEqual(
    socket.messages.map(({ type }) => type),
    ['ready', 'pong', 'ping'],
  )
  const back = arrive(olga, plain())
  back.socket.says({ type: 'reconnect', sessionId })
  await settled()
  const { success, historyRecovered, sessionId: fresh } = back.socket.last('reconnect-ack') ?? {}
  assert.deepEqual([success, historyRecovered, fresh], [false, false, back.sessionId], 'an id alone is no secret')
  assert.equal((await resume({ sessionId, resumeToken })).ack?.success, true)
})

test('SignalConversation says what cannot be done, and goes on', async (t) => {
  const { arrive, lobbyId } = await openRig(t)
  const { socket } = arrive()
  socket.says({ type: 'join', lobbyId: 'nowhere' })
  await settled()
  assert.equal(socket.last('error')?.code, 'lobby-not-found')
  socket.says({ type: 'join', lobbyId })
  await settled()
  assert.equal(socket.last('place')?.place.kind, 'lobby')
})

test('SignalConversation answers pings at once and sends its own', async (t) => {
  const { arrive, clock } = await openRig(t)
  const { socket } = arrive()
  socket.says({ type: 'ping', timestamp: 7 })
  assert.deepEqual(socket.last('pong'), { type: 'pong', timestamp: 7 })
  clock.advance(15_000)
  assert.deepEqual(socket.last('ping'), { type: 'ping', timestamp: clock.nowMs() })
})

test('SignalConversation ends after a minute of silence, and any word keeps it', async (t) => {
  const { arrive, clock, causeOf, resume } = await openRig(t)
  const { socket, conversation, sessionId, resumeToken } = arrive()
  for (let minute = 0; minute < 3; minute++) {
    clock.advance(45_000)
    socket.says({ type: 'pong', timestamp: 0 })
    await settled()
  }
  assert.equal(socket.closedWith, undefined)
  clock.advance(80_000)
  await conversation.ended
  assert.equal(socket.closedWith, 'cut')
  assert.deepEqual(causeOf(sessionId), { type: 'StopStream', sessionId, cause: 'idle' })
  assert.equal((await resume({ sessionId, resumeToken })).ack?.success, true)
})

test('SignalConversation gives a lost session back: same id, same lobby, a new token', async (t) => {
  const { host, lobbyId, loseOne, resume } = await openRig(t)
  const lost = await loseOne()
  assert.equal(host.sessions.size, 0)
  const back = await resume(lost)
  assert.equal(back.ack?.success, true)
  assert.equal(back.ack?.historyRecovered, true)
  assert.equal(back.ack?.sessionId, lost.sessionId)
  assert.notEqual(back.ack?.resumeToken, lost.resumeToken)
  assert.deepEqual(back.socket.last('place')?.place, { kind: 'lobby', lobbyId })
  assert.deepEqual([...host.sessions.keys()], [lost.sessionId])
  assert.equal(back.socket.closedWith, undefined)
  back.socket.says({ type: 'limit', bitrateBps: 0 })
  assert.equal((await resume(lost)).ack?.success, false, 'a ticket is good for one use')
  back.socket.leaves()
  await back.conversation.ended
  const again = await resume({ sessionId: lost.sessionId, resumeToken: back.ack?.resumeToken ?? '' })
  assert.equal(again.ack?.success, true)
})

test('SignalConversation keeps the fresh session of whoever asks for one that is not theirs', async (t) => {
  const { host, clock, loseOne, resume } = await openRig(t)
  const lost = await loseOne()
  const cases = [
    await resume({ ...lost, resumeToken: 'guess' }),
    await resume({ ...lost, sessionId: 'guess' }),
    await resume(lost, vera),
  ]
  for (const { ack, sessionId, socket } of cases) {
    assert.equal(ack?.success, false)
    assert.equal(ack?.sessionId, sessionId)
    assert.equal(socket.closedWith, undefined)
  }
  assert.equal(host.sessions.size, 3)
  clock.advance(60_000)
  assert.equal((await resume(lost)).ack?.success, false, 'a minute is over')
})

test('SignalConversation takes a session over from a connection that only seems to stand', async (t) => {
  const { host, lobbyId, arrive, resume } = await openRig(t)
  const old = arrive()
  old.socket.says({ type: 'join', lobbyId })
  await settled()
  const back = await resume(old)
  assert.equal(back.ack?.success, true)
  assert.equal(old.socket.closedWith, 4403)
  assert.deepEqual(back.socket.last('place')?.place, { kind: 'lobby', lobbyId })
  assert.deepEqual([...host.sessions.keys()], [old.sessionId])
})

test('SignalConversation says so when the lobby is gone meanwhile', async (t) => {
  const { host, lobbyId, loseOne, resume } = await openRig(t)
  const lost = await loseOne()
  await host.stopLobby(lobbyId, 'It is late')
  const { ack, socket } = await resume(lost)
  assert.deepEqual([ack?.success, ack?.historyRecovered, ack?.sessionId], [true, false, lost.sessionId])
  assert.equal(socket.last('place')?.place.kind, 'waiting-room')
})

test('SignalConversation gives a session back again when its answer never arrived', async (t) => {
  const { lobbyId, loseOne, resume } = await openRig(t)
  const lost = await loseOne()
  for (const how of ['the answer was lost', 'and the next one too']) {
    const { socket, conversation, ack } = await resume(lost)
    assert.deepEqual([ack?.success, ack?.historyRecovered], [true, true], how)
    assert.deepEqual(socket.last('place')?.place, { kind: 'lobby', lobbyId })
    // The client can answer what the host asked before; that says nothing about what came after.
    socket.says({ type: 'ping', timestamp: 0 })
    socket.leaves()
    await conversation.ended
  }
})

test('SignalConversation recovers the history only with the role and the seats that were there', async (t) => {
  const { host, lobbyId, arrive, resume } = await openRig(t)
  const loseWithSeat = async () => {
    const one = arrive({ ...vera, role: 'player' })
    one.socket.says({ type: 'join', lobbyId })
    await settled()
    host.sessions.get(one.sessionId)?.changeSeat('keyboard-mouse', { do: 'request' })
    one.socket.leaves()
    await one.conversation.ended
    return one
  }
  const player: Member = { ...vera, role: 'player' }
  const same = await resume(await loseWithSeat(), player)
  assert.deepEqual([same.ack?.success, same.ack?.historyRecovered], [true, true])
  same.socket.says({ type: 'bye' })
  await same.conversation.ended

  const demoted = await resume(await loseWithSeat(), vera)
  assert.deepEqual([demoted.ack?.success, demoted.ack?.historyRecovered], [true, false])
  demoted.socket.says({ type: 'bye' })
  await demoted.conversation.ended

  const unseated = await loseWithSeat()
  const other = arrive()
  other.socket.says({ type: 'join', lobbyId })
  await settled()
  host.sessions.get(other.sessionId)?.changeSeat('keyboard-mouse', { do: 'request' })
  const { ack } = await resume(unseated, player)
  assert.deepEqual([ack?.success, ack?.historyRecovered], [true, false])
})

test('SignalConversation leads whoever wants media and names no lobby into one', async (t) => {
  const { arrive, host, lobbyId } = await openRig(t)
  const sdp = chromiumOffer({ videoFormats: '98', videoLines: ['a=rtpmap:98 VP9/90000'] })
  const offer: ClientMessage = { type: 'offer', signal: { type: 'offer', sdp } }
  const media: ClientMessage = { type: 'web-media', codecs: ['h264'], audio: true }
  const younger = await host.createLobby({ appId: 'memory' })
  const placeAfter = async (member: Member, ...words: readonly ClientMessage[]) => {
    const { socket } = arrive(member)
    for (const word of words) {
      socket.says(word)
      await settled()
    }
    return socket.last('place')?.place.lobbyId
  }
  const guest: Member = { ...vera, lobbyId: younger.id }
  assert.equal(await placeAfter(olga, { type: 'ping', timestamp: 0 }, offer), lobbyId, 'the oldest')
  assert.equal(await placeAfter(guest, media), younger.id, 'that of the invitation')
  assert.equal(await placeAfter(olga, { type: 'reconnect', sessionId: 'forgotten' }, offer), lobbyId)
  assert.equal(await placeAfter(olga, { type: 'leave' }, offer), undefined, 'who says so stays in the waiting room')
  assert.equal(await placeAfter(olga, { type: 'join', lobbyId: younger.id }, offer), younger.id)
  assert.equal(await placeAfter(olga, offer, { type: 'leave' }, media), undefined)
})

test('SignalConversation keeps a ticket good when the connection is lost before its answer', async (t) => {
  const { host, arrive, loseOne, resume } = await openRig(t)
  const lost = await loseOne()
  const flap = arrive()
  flap.socket.says({ type: 'reconnect', sessionId: lost.sessionId, resumeToken: lost.resumeToken })
  flap.socket.leaves()
  await flap.conversation.ended
  await settled()
  assert.equal(host.sessions.size, 0)
  assert.equal((await resume(lost)).ack?.success, true)
})

test('SignalConversation keeps no ticket for who left, was revoked, was ended or broke the protocol', async (t) => {
  const { arrive, resume, host, clock, causeOf } = await openRig(t)
  const ends: [how: string, end: (one: ReturnType<typeof arrive>) => void, code: unknown, cause: string][] = [
    ['left', ({ socket }) => socket.says({ type: 'bye' }), 1000, 'left'],
    ['revoked', ({ socket }) => socket.leaves(4401), undefined, 'revoked'],
    ['ended', ({ sessionId }) => void host.sessions.get(sessionId)?.close('stopped'), 4403, 'stopped'],
    ['fault', ({ socket }) => socket.saysRaw('{'), 4400, 'disconnected'],
  ]
  for (const [how, end, code, cause] of ends) {
    const one = arrive()
    end(one)
    await one.conversation.ended
    if (code !== undefined) assert.equal(one.socket.closedWith, code, how)
    assert.deepEqual(causeOf(one.sessionId), { type: 'StopStream', sessionId: one.sessionId, cause }, how)
    assert.equal((await resume(one)).ack?.success, false, how)
  }
  assert.equal(clock.pending > 0, true)
})

test('SignalConversation ends whoever breaks the protocol, with a record, and nobody else', async (t) => {
  const { arrive, events, context, lobbyId } = await openRig(t)
  const bystander = arrive()
  const flood = (socket: MemorySocket, count: number) => {
    for (let index = 0; index < count; index++) socket.says({ type: 'ping', timestamp: 0 })
  }
  const cases: [what: string, does: (socket: MemorySocket) => void, errorCode: RegExp, closeCode: number][] = [
    ['no JSON', (socket) => socket.saysRaw('hello'), /malformed/, 4400],
    ['another type', (socket) => socket.saysRaw('{"type":"teleport"}'), /./, 4400],
    ['missing fields', (socket) => socket.saysRaw('{"type":"join"}'), /./, 4400],
    ['wrong fields', (socket) => socket.saysRaw('{"type":"limit","bitrateBps":-1}'), /./, 4400],
    ['too long', (socket) => socket.saysRaw(`{"type":"join","lobbyId":"${'x'.repeat(200_000)}"}`), /too-long/, 4400],
    ['binary', (socket) => socket.saysRaw('{"type":"leave"}', true), /malformed/, 4400],
    ['candidate first', (socket) => socket.says({ type: 'candidate', candidate: '' }), /out-of-order/, 4400],
    ['flood', (socket) => flood(socket, 201), /flood/, 4429],
    [
      'late reconnect',
      (socket) => {
        socket.says({ type: 'join', lobbyId })
        socket.says({ type: 'reconnect', sessionId: 'x' })
      },
      /out-of-order/,
      4400,
    ],
    [
      'SDP without sense',
      (socket) => socket.says({ type: 'offer', signal: { type: 'offer', sdp: 'v=0\r\nhello' } }),
      /sdp-malformed/,
      4400,
    ],
  ]
  for (const [what, does, errorCode, closeCode] of cases) {
    const { socket, conversation, sessionId } = arrive()
    does(socket)
    await conversation.ended
    assert.match(socket.last('error')?.code ?? '', errorCode, what)
    assert.equal(socket.closedWith, closeCode, what)
    const fault = events.find(
      (event) =>
        event.type === 'SessionObserved' && event.sessionId === sessionId && event.observation.kind === 'fault',
    )
    assert.ok(fault, what)
  }
  assert.equal(context.counters.faults, cases.length)
  bystander.socket.says({ type: 'ping', timestamp: 1 })
  assert.equal(bystander.socket.last('pong')?.timestamp, 1)
})

test('SignalConversation names what the host can send when an offer has none of it, and goes on', async (t) => {
  const { arrive } = await openRig(t)
  const { socket } = arrive()
  const sdp = chromiumOffer({ videoFormats: '98', videoLines: ['a=rtpmap:98 VP9/90000'] })
  for (let tries = 0; tries < 2; tries++) {
    socket.says({ type: 'offer', signal: { type: 'offer', sdp } })
    await settled()
  }
  const refusals = socket.messages.filter((message) => message.type === 'offer-refused')
  assert.equal(refusals.length, 2)
  assert.equal(refusals[0]?.code, 'no-usable-codec')
  assert.match(refusals[0]?.message ?? '', /H\.264.*VP8/)
  assert.equal(socket.closedWith, undefined)
})

test('SignalConversation cuts off whoever does not read what he is told', async (t) => {
  const { arrive, host } = await openRig(t)
  const { socket, conversation } = arrive()
  socket.bufferedAmount = 1024 * 1024
  socket.says({ type: 'ping', timestamp: 0 })
  await conversation.ended
  assert.equal(socket.closedWith, 'cut')
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
  const { socket, conversation } = arrive()
  socket.says({ type: 'ping', timestamp: 1 })
  socket.says({ type: 'pong', timestamp: 1 })
  await conversation.ended
  assert.equal(socket.closedWith, signalCloseCode.protocolViolation)
  const replayed = replayConversation(recordings.join(''), (_, role) => planConversation(signalling, role))
  assert.equal(replayed.violation?.got.label, 'pong')
  assert.deepEqual(
    replayed.messages.map(({ label }) => label),
    ['ready', 'place', 'ping', 'pong', 'pong'],
  )
})

test('a viewer is told when their role changes, and comes back with it after a loss', async (t) => {
  const rig = await openRig(t)
  const first = rig.arrive(vera)
  rig.host.changeRole('vera', 'player')
  assert.deepEqual(first.socket.last('role'), { type: 'role', role: 'player' })
  first.socket.leaves()
  await first.conversation.ended
  const second = rig.arrive({ ...vera, role: 'player' })
  second.socket.says({ type: 'reconnect', sessionId: first.sessionId, resumeToken: first.resumeToken })
  await settled()
  assert.equal(rig.host.sessions.get(first.sessionId)?.member.role, 'player')
  rig.host.changeRole('vera', 'viewer')
  assert.deepEqual(second.socket.last('role'), { type: 'role', role: 'viewer' })
})
