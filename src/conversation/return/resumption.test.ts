import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as settled } from 'node:timers/promises'
import type { Member } from '../../domain/member.ts'

import { PipeClient } from '../../../test/support/pipe-client.ts'
import type { MediaDoor, MediaDoorContext } from '../contract/media-door.ts'
import { openMemoryPipe } from '../../kernel/memory-pipe.ts'
import { openSignallingRig as openRig, vera } from '../../../test/support/signalling-rig.ts'
test('SignalConversation gives a lost session back: same id, same lobby, a new token', async (t) => {
  const { host, lobbyId, loseOne, resume } = await openRig(t)
  const lost = await loseOne()
  assert.equal(host.sessions.size, 0)
  const back = await resume(lost)
  assert.equal(back.ack?.success, true)
  assert.equal(back.ack?.historyRecovered, true)
  assert.equal(back.ack?.sessionId, lost.sessionId)
  assert.notEqual(back.ack?.resumeToken, lost.resumeToken)
  assert.deepEqual(back.client.last('place')?.place, { kind: 'lobby', lobbyId })
  assert.deepEqual([...host.sessions.keys()], [lost.sessionId])
  assert.equal(back.client.closedWith, undefined)
  back.client.says({ type: 'limit', bitrateBps: 0 })
  assert.equal((await resume(lost)).ack?.success, false, 'a ticket is good for one use')
  back.client.leaves()
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
  for (const { ack, sessionId, client } of cases) {
    assert.equal(ack?.success, false)
    assert.equal(ack?.sessionId, sessionId)
    assert.equal(client.closedWith, undefined)
  }
  assert.equal(host.sessions.size, 3)
  clock.advance(60_000)
  assert.equal((await resume(lost)).ack?.success, false, 'a minute is over')
})

test('SignalConversation takes a session over from a connection that only seems to stand', async (t) => {
  const { host, clock, lobbyId, arrive, resume } = await openRig(t)
  const old = arrive()
  old.client.says({ type: 'join', lobbyId })
  await settled()
  const back = await resume(old)
  assert.equal(back.ack?.success, true)
  assert.equal(old.client.closedWith, 4403)
  assert.deepEqual(back.client.last('place')?.place, { kind: 'lobby', lobbyId })
  assert.deepEqual([...host.sessions.keys()], [old.sessionId])
  clock.advance(1000)
  await old.conversation.ended
  assert.deepEqual([...host.sessions.keys()], [old.sessionId])
  assert.equal(back.client.closedWith, undefined)
})

test('SignalConversation gives a session back by another way in than the one that lost it, and shows it there', async (t) => {
  const { converse, loseOne, lobbyId, host } = await openRig(t)
  const lost = await loseOne()
  const [near, far] = openMemoryPipe()
  const client = new PipeClient(far)
  const shown: unknown[] = []
  const openMedia = ({ session }: MediaDoorContext): MediaDoor => {
    const show = () => void shown.push([session().id, session().place.value.lobbyId])
    return {
      givesTickets: false,
      isNative: false,
      handlers: { offer: show, candidate: show, limit: show, 'web-media': show },
      close: async (reason) => void shown.push(reason),
    }
  }
  const conversation = converse(near, { openMedia })
  assert.equal(client.last('ready')?.webMedia, false)
  client.says({ type: 'reconnect', sessionId: lost.sessionId, resumeToken: lost.resumeToken })
  assert.equal((await client.heard('reconnect-ack')).historyRecovered, true)
  client.says({ type: 'limit', bitrateBps: 0 })
  await settled()
  assert.deepEqual(shown, [[lost.sessionId, lobbyId]])
  assert.deepEqual([...host.sessions.keys()], [lost.sessionId])
  client.says({ type: 'bye' })
  await conversation.ended
  assert.equal(shown.at(-1), 'left')
})

test('SignalConversation says so when the lobby is gone meanwhile', async (t) => {
  const { host, lobbyId, loseOne, resume } = await openRig(t)
  const lost = await loseOne()
  await host.stopLobby(lobbyId, 'It is late')
  const { ack, client } = await resume(lost)
  assert.deepEqual([ack?.success, ack?.historyRecovered, ack?.sessionId], [true, false, lost.sessionId])
  assert.equal(client.last('place')?.place.kind, 'waiting-room')
})

test('SignalConversation gives a session back again when its answer never arrived', async (t) => {
  const { lobbyId, loseOne, resume } = await openRig(t)
  const lost = await loseOne()
  for (const how of ['the answer was lost', 'and the next one too']) {
    const { client, conversation, ack } = await resume(lost)
    assert.deepEqual([ack?.success, ack?.historyRecovered], [true, true], how)
    assert.deepEqual(client.last('place')?.place, { kind: 'lobby', lobbyId })
    // The client can answer what the host asked before; that says nothing about what came after.
    client.says({ type: 'ping', timestamp: 0 })
    client.leaves()
    await conversation.ended
  }
})

test('SignalConversation recovers the history only with the role and the seats that were there', async (t) => {
  const { host, lobbyId, arrive, resume } = await openRig(t)
  const loseWithSeat = async () => {
    const one = arrive({ ...vera, role: 'player' })
    one.client.says({ type: 'join', lobbyId })
    await settled()
    host.sessions.get(one.sessionId)?.changeSeat('keyboard-mouse', { do: 'request' })
    one.client.leaves()
    await one.conversation.ended
    return one
  }
  const player: Member = { ...vera, role: 'player' }
  const same = await resume(await loseWithSeat(), player)
  assert.deepEqual([same.ack?.success, same.ack?.historyRecovered], [true, true])
  same.client.says({ type: 'bye' })
  await same.conversation.ended

  const demoted = await resume(await loseWithSeat(), vera)
  assert.deepEqual([demoted.ack?.success, demoted.ack?.historyRecovered], [true, false])
  demoted.client.says({ type: 'bye' })
  await demoted.conversation.ended

  const unseated = await loseWithSeat()
  const other = arrive()
  other.client.says({ type: 'join', lobbyId })
  await settled()
  host.sessions.get(other.sessionId)?.changeSeat('keyboard-mouse', { do: 'request' })
  const { ack } = await resume(unseated, player)
  assert.deepEqual([ack?.success, ack?.historyRecovered], [true, false])
})

test('SignalConversation keeps a ticket good when the connection is lost before its answer', async (t) => {
  const { host, arrive, loseOne, resume } = await openRig(t)
  const lost = await loseOne()
  const flap = arrive()
  flap.client.says({ type: 'reconnect', sessionId: lost.sessionId, resumeToken: lost.resumeToken })
  flap.client.leaves()
  await flap.conversation.ended
  await settled()
  assert.equal(host.sessions.size, 0)
  assert.equal((await resume(lost)).ack?.success, true)
})

test('SignalConversation tells a page that was closed from a connection that was lost, and takes it back all the same', async (t) => {
  const { arrive, resume, causeOf } = await openRig(t)
  for (const [code, cause] of [
    [1001, 'page-closed'],
    [undefined, 'disconnected'],
  ] as const) {
    const one = arrive()
    one.client.leaves(code)
    await one.conversation.ended
    assert.deepEqual(causeOf(one.sessionId), { type: 'StopStream', sessionId: one.sessionId, cause })
    assert.equal((await resume(one)).ack?.success, true, cause)
  }
})

test('SignalConversation keeps no ticket for who left, was revoked, was ended or broke the protocol', async (t) => {
  const { arrive, resume, host, clock, causeOf } = await openRig(t)
  const ends: [how: string, end: (one: ReturnType<typeof arrive>) => void, code: unknown, cause: string][] = [
    ['left', ({ client }) => client.says({ type: 'bye' }), 1000, 'left'],
    ['revoked', ({ client }) => client.leaves(4401), undefined, 'revoked'],
    ['ended', ({ sessionId }) => void host.sessions.get(sessionId)?.close('stopped'), 4403, 'stopped'],
    ['fault', ({ client }) => client.saysRaw('{'), 4400, 'disconnected'],
  ]
  for (const [how, end, code, cause] of ends) {
    const one = arrive()
    end(one)
    await one.conversation.ended
    if (code !== undefined) assert.equal(one.client.closedWith, code, how)
    assert.deepEqual(causeOf(one.sessionId), { type: 'StopStream', sessionId: one.sessionId, cause }, how)
    assert.equal((await resume(one)).ack?.success, false, how)
  }
  assert.equal(clock.pending > 0, true)
})

test('a viewer is told when their role changes, and comes back with it after a loss', async (t) => {
  const rig = await openRig(t)
  const first = rig.arrive(vera)
  rig.host.changeRole('vera', 'player')
  assert.deepEqual(first.client.last('role'), { type: 'role', role: 'player' })
  first.client.leaves()
  await first.conversation.ended
  const second = rig.arrive({ ...vera, role: 'player' })
  second.client.says({ type: 'reconnect', sessionId: first.sessionId, resumeToken: first.resumeToken })
  await settled()
  assert.equal(rig.host.sessions.get(first.sessionId)?.member.role, 'player')
  rig.host.changeRole('vera', 'viewer')
  assert.deepEqual(second.client.last('role'), { type: 'role', role: 'viewer' })
})
