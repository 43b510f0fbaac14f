import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import * as v from 'valibot'
import { eventually } from '../../../test/support/eventually.ts'
import { openRunningWeb, type RunningWeb } from '../../../test/support/running-web.ts'
import { apiEvent, type ApiEvent } from '../../wire/api/resources.ts'
import { heartbeatMs } from './event-stream.ts'
import { defaultShares } from './shares.ts'

/** An open event stream, read block by block. */
async function follow(web: RunningWeb, token: string, lastEventId?: string) {
  const headers = { Authorization: `Bearer ${token}`, ...(lastEventId && { 'Last-Event-ID': lastEventId }) }
  let id = ''
  const outgoing = request({ host: '127.0.0.1', port: web.port, path: '/api/v1/events', headers, agent: false }).end()
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  async function* blocks(): AsyncGenerator<string, void> {
    let rest = ''
    for await (const chunk of incoming.setEncoding('utf8')) {
      const parts = (rest + String(chunk)).split('\n\n')
      rest = parts.pop() ?? ''
      for (const part of parts) {
        id = /^id: (.*)$/m.exec(part)?.[1] ?? id
        const said = part.replace(/^id: .*\n?/m, '').trim()
        if (said !== '') yield said
      }
    }
  }
  const iterator = blocks()
  const next = async () => (await iterator.next()).value ?? 'the end'
  assert.equal(await next(), ': welcome')
  return {
    response: incoming,
    next,
    /** Where the stream stands after what was read. */
    get id() {
      return id
    },
    event: async (): Promise<ApiEvent> => v.parse(apiEvent, JSON.parse((await next()).replace(/^data: /, ''))),
    leave: () => outgoing.destroy(),
  }
}

test('events tell the owner of lobbies and sessions as they come, change and go', async (t) => {
  const web = await openRunningWeb(t)
  const stream = await follow(web, web.ownerToken)
  t.after(stream.leave)
  const seen: string[] = []
  const until = async (type: ApiEvent['type'], accept: (event: ApiEvent) => boolean = () => true) => {
    for (;;) {
      const event = await stream.event()
      seen.push(event.type)
      if (event.type === type && accept(event)) return
    }
  }
  const lobbyId = await web.openLobby()
  await until('lobby')
  const session = web.host.createSession({ id: 'moon', name: 'Moon', role: 'viewer', lobbies: 'all' })
  await until('session')
  await session.join(lobbyId)
  await until('lobby', (event) => event.type === 'lobby' && event.lobby.members.length === 1)
  await until('session', (event) => event.type === 'session' && event.session.lobbyId === lobbyId)
  await session.close('left')
  await until('session-ended')
  await web.host.stopLobby(lobbyId, 'Enough')
  await until('lobby-ended', (event) => event.type === 'lobby-ended' && event.reason === 'Enough')
})

test('events tell a guest of his lobby and of nothing else', async (t) => {
  const web = await openRunningWeb(t)
  const [own, other] = [await web.openLobby(), await web.openLobby()]
  const stream = await follow(web, web.invite(own, 'player'))
  t.after(stream.leave)
  web.host.createSession({ id: 'moon', name: 'Moon', role: 'viewer', lobbies: 'all' })
  await web.host.changeLobby(other, { title: 'Secret' })
  await web.host.stopLobby(other, 'Over')
  await web.host.changeLobby(own, { title: 'New' })
  for (;;) {
    const event = await stream.event()
    assert.ok(event.type === 'lobby' && event.lobby.id === own, JSON.stringify(event))
    if (event.lobby.title === 'New') break
  }
})

test('many changes in one turn are told once', async (t) => {
  const web = await openRunningWeb(t)
  const lobbyId = await web.openLobby()
  await new Promise(setImmediate)
  const stream = await follow(web, web.ownerToken)
  t.after(stream.leave)
  for (let count = 0; count < 100; count++) web.host.events.emit({ type: 'LobbyChanged', lobbyId })
  web.clock.advance(heartbeatMs)
  await new Promise(setImmediate)
  const blocks = [await stream.next(), await stream.next()]
  assert.equal(blocks.filter((block) => block.startsWith('data:')).length, 1)
})

test('a comment comes every 15 seconds', async (t) => {
  const web = await openRunningWeb(t)
  const stream = await follow(web, web.ownerToken)
  t.after(stream.leave)
  web.clock.advance(heartbeatMs)
  assert.equal(await stream.next(), ': still here')
})

test('a client that does not read is cut off, and the others go on', async (t) => {
  const web = await openRunningWeb(t)
  const lobbyId = await web.openLobby()
  const deaf = connect(web.port, '127.0.0.1').on('error', () => {})
  deaf.write(`GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${web.ownerToken}\r\n\r\n`)
  await once(deaf, 'readable')
  const gone = new Promise((resolve) => deaf.once('close', resolve))
  const stream = await follow(web, web.ownerToken)
  t.after(stream.leave)
  await web.host.changeLobby(lobbyId, { title: 'x'.repeat(80) })
  // What the kernel takes for a deaf client is some megabytes; an event has about half a kilobyte.
  const tell = async () => {
    web.host.events.emit({ type: 'LobbyChanged', lobbyId })
    await new Promise(setImmediate)
    await stream.next()
  }
  for (let count = 0; count < 40_000 && !deaf.destroyed && web.web.eventStreams > 1; count++) await tell()
  assert.equal(web.web.eventStreams, 1)
  deaf.resume()
  await gone
  await tell()
})

test('a stream ends when its invitation is revoked, by us or by another process', async (t) => {
  const web = await openRunningWeb(t)
  const lobbyId = await web.openLobby()
  for (const revoke of [
    async (id: string) => {
      await web.api('DELETE', `/api/v1/invitations/${id}`, { token: web.ownerToken })
    },
    async (id: string) => {
      web.store.invitations.revoke(id)
      web.clock.advance(1000)
    },
  ]) {
    const { invitation, token } = web.store.invitations.create({ lobbyId, role: 'viewer', expiresInMs: 3600_000 })
    const stream = await follow(web, token)
    const session = web.host.createSession({ id: invitation.id, name: 'Viewer', role: 'viewer', lobbies: [lobbyId] })
    await revoke(invitation.id)
    while ((await stream.next()) !== 'the end');
    assert.deepEqual(await session.closed, { kind: 'clean', reason: 'revoked' })
  }
})

test('a stream is refused when one member has too many, and not to others', async (t) => {
  const web = await openRunningWeb(t)
  const lobbyId = await web.openLobby()
  const { token } = web.guest(lobbyId, 'viewer')
  const streams = []
  for (let count = 0; count < defaultShares['event-streams'].member; count++) streams.push(await follow(web, token))
  const answer = await web.api('GET', '/api/v1/events', { token })
  assert.deepEqual([answer.status, answer.problem().code], [429, 'too-many-streams'])
  assert.equal((await web.api('GET', '/api/v1/me', { token })).status, 200, 'streams are no requests under way')
  for (const other of [web.guest(lobbyId, 'viewer').token, web.ownerToken]) streams.push(await follow(web, other))
  streams[0]?.leave()
  await eventually(
    () => web.web.eventStreams,
    (count) => count < streams.length,
    { what: 'it is closed' },
  )
  streams.push(await follow(web, token))
  for (const stream of streams) stream.leave()
})

test('a client that comes back is told what it missed, and only what it may see', async (t) => {
  const web = await openRunningWeb(t)
  const [own, other] = [await web.openLobby(), await web.openLobby()]
  await new Promise(setImmediate)
  const tokens = [web.ownerToken, web.invite(own, 'viewer')]
  const ids: string[] = []
  for (const token of tokens) {
    const stream = await follow(web, token)
    web.clock.advance(heartbeatMs)
    await stream.next()
    ids.push(stream.id)
    stream.leave()
  }
  for (const title of ['One', 'Two']) {
    for (const lobbyId of [own, other]) await web.host.changeLobby(lobbyId, { title })
    await new Promise(setImmediate)
  }
  await web.host.stopLobby(other, 'Over')
  const [owner, guest] = await Promise.all(tokens.map((token, index) => follow(web, token, ids[index])))
  assert.ok(owner && guest)
  for (const stream of [owner, guest]) {
    t.after(stream.leave)
    const event = await stream.event()
    assert.ok(event.type === 'lobby' && event.lobby.id === own && event.lobby.title === 'Two', JSON.stringify(event))
  }
  assert.deepEqual(await owner.event(), { type: 'lobby-ended', lobbyId: other, reason: 'Over' })
  await web.host.changeLobby(own, { title: 'Three' })
  for (const stream of [owner, guest]) {
    const event = await stream.event()
    assert.ok(event.type === 'lobby' && event.lobby.title === 'Three')
  }
})

test('a client that comes back to another history is told to ask anew', async (t) => {
  const web = await openRunningWeb(t)
  for (const id of ['older-1', '7', 'x'.repeat(5000)]) {
    const stream = await follow(web, web.ownerToken, id)
    assert.equal(await stream.next(), 'event: reset\ndata: {}')
    const again = await follow(web, web.ownerToken, stream.id)
    stream.leave()
    await web.openLobby()
    assert.match(await again.next(), /^data: \{"type":"lobby",/)
    again.leave()
  }
})
