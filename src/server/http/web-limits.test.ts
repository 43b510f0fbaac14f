import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { WebSocket } from 'ws'
import { eventually } from '../../../test/support/eventually.ts'
import { closed, dial, readUntil } from '../../../test/support/raw-connection.ts'
import { openRunningWeb, type RunningWeb } from '../../../test/support/running-web.ts'
import { ConnectionLimits, strangerLimits } from './connection-limits.ts'
import { defaultShares } from './shares.ts'

async function open(t: TestContext) {
  const limits = new ConnectionLimits()
  const web = await openRunningWeb(t, { limits })
  return { web, limits, lobbyId: await web.openLobby() }
}

/** Connections that each have begun to say this, and say no more. */
async function hold(t: TestContext, web: RunningWeb, count: number, text: string): Promise<readonly Socket[]> {
  const sockets = Array.from({ length: count }, () => dial(web.port))
  for (const socket of sockets) socket.on('connect', () => socket.write(text)).resume()
  t.after(() => sockets.forEach((socket) => socket.destroy()))
  await Promise.all(sockets.map((socket) => Promise.race([once(socket, 'connect'), closed(socket)])))
  return sockets
}

const me = (token: string) => `GET /api/v1/me HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`
const slowHead = 'GET / HTTP/1.1\r\nHost: localhost\r\nX: '
const slowBody =
  'POST /api/v1/hand-overs/redeem HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{'

test('strangers who say half of something keep nobody out who comes from the same address', async (t) => {
  const { web, limits, lobbyId } = await open(t)
  const guest = web.guest(lobbyId, 'viewer')
  for (const text of [slowHead, slowBody, '']) {
    await hold(t, web, 3 * strangerLimits.perSource, text)
    for (const token of [web.ownerToken, guest.token]) {
      assert.equal((await web.api('GET', '/api/v1/me', { token })).status, 200)
      const socket = new WebSocket(`ws://127.0.0.1:${web.port}/api/v1/signal`, ['porchlight.v1', `bearer.${token}`])
      await once(socket, 'open')
    }
    assert.ok(limits.strangers <= 2 * strangerLimits.perSource, `${limits.strangers} connections of strangers`)
  }
})

test('the token of a link that was revoked makes nobody more than a stranger, nor does that of one that is open', async (t) => {
  const { web, limits, lobbyId } = await open(t)
  const { invitation, token } = web.store.invitations.create({ lobbyId, role: 'viewer', expiresInMs: 3600_000 })
  const offered = `GET /api/v1/invitations/offered HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`
  for (const state of ['open', 'revoked']) {
    if (state === 'revoked') web.store.invitations.revoke(invitation.id)
    const before = limits.strangers
    const socket = dial(web.port)
    socket.write(offered)
    await readUntil(socket, new RegExp(`"state":"${state}"`))
    assert.equal(limits.strangers, before + 1)
    socket.destroy()
    await closed(socket)
    await eventually(
      () => limits.strangers,
      (now) => now === before,
      { what: 'it is gone' },
    )
  }
})

test('a member who may not be here any more has no connection any more, whatever it was for', async (t) => {
  const { web, lobbyId } = await open(t)
  const guest = web.guest(lobbyId, 'viewer')
  const kept = dial(web.port)
  kept.write(me(guest.token))
  await readUntil(kept, /"role":"viewer"/)
  const others = dial(web.port)
  others.write(me(web.ownerToken))
  await readUntil(others, /"role":"owner"/)
  assert.equal((await web.api('DELETE', `/api/v1/members/${guest.id}`, { token: web.ownerToken })).status, 204)
  await closed(kept)
  assert.equal(others.destroyed, false)
  others.destroy()
})

test('a connection whose token is right no more is a stranger again', async (t) => {
  const { web, limits, lobbyId } = await open(t)
  const { invitation, token } = web.store.invitations.create({ lobbyId, role: 'viewer', expiresInMs: 3600_000 })
  const socket = dial(web.port)
  socket.write(me(token))
  await readUntil(socket, /"role":"viewer"/)
  assert.equal(limits.strangers, 0)
  // Behind the back of those who would show them out.
  web.store.invitations.revoke(invitation.id)
  socket.write(me(token))
  await readUntil(socket, /"unauthenticated"/)
  assert.equal(limits.strangers, 1)
  socket.destroy()
})

test('a member has only so many connections, and neither other guests nor the owner are held up by that', async (t) => {
  const { web, lobbyId } = await open(t)
  const guest = web.guest(lobbyId, 'viewer')
  const { member: most } = defaultShares.connections
  for (let count = 0; count < most; count++) {
    const socket = dial(web.port)
    t.after(() => socket.destroy())
    socket.write(me(guest.token))
    await readUntil(socket, /"role":"viewer"/)
  }
  const refused = await web.api('GET', '/api/v1/me', { token: guest.token })
  assert.deepEqual(
    [refused.status, refused.problem().code, refused.headers.connection],
    [429, 'too-many-connections', 'close'],
  )
  assert.match(refused.problem().detail ?? '', new RegExp(`you have ${most} connections, the limit here\\. Close some`))
  for (const token of [web.guest(lobbyId, 'viewer').token, web.ownerToken]) {
    assert.equal((await web.api('GET', '/api/v1/me', { token })).status, 200)
  }
})

test('a member has only so many requests under way', async (t) => {
  const { web, lobbyId } = await open(t)
  const { env } = web.appTokens.grant(lobbyId)
  const token = env['PORCHLIGHT_TOKEN'] ?? ''
  const { member: most } = defaultShares.requests
  // The body of each is still to come.
  const begun = `PATCH /api/v1/members/x HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n`
  const held = await hold(t, web, most, `${begun}Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{`)
  const ask = () => web.api('GET', '/api/v1/me', { token })
  const refused = await eventually(ask, ({ status }) => status === 429, { what: 'all are under way' })
  assert.equal(refused.problem().code, 'too-many-requests')
  assert.equal(refused.headers['retry-after'], '5')
  assert.equal((await web.api('GET', '/api/v1/me', { token: web.ownerToken })).status, 200)
  for (const socket of held) socket.destroy()
  await eventually(ask, ({ status }) => status === 200, { what: 'none is under way' })
})

test("the connection of a media socket is its member's, and no stranger's", async (t) => {
  const { web, limits } = await open(t)
  const media = new WebSocket(`ws://127.0.0.1:${web.port}/api/v1/media`, ['porchlight-media.v1', 'ticket.good'])
  await once(media, 'open')
  assert.equal(limits.strangers, 0)
  await hold(t, web, 3 * strangerLimits.perSource, slowHead)
  assert.equal(media.readyState, WebSocket.OPEN)
})

test('a connection that serves several members, as that of a proxy does, counts for the last of them', async (t) => {
  const { web, lobbyId } = await open(t)
  const [ada, bob] = [web.guest(lobbyId, 'viewer', 'Ada'), web.guest(lobbyId, 'viewer', 'Bob')]
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.after(() => agent.destroy())
  const nameOf = async (token: string) => {
    const asked = request({ port: web.port, path: '/api/v1/me', agent, headers: { Authorization: `Bearer ${token}` } })
    const [answer] = (await once(asked.end(), 'response')) as [IncomingMessage]
    let text = ''
    for await (const chunk of answer) text += String(chunk)
    return (JSON.parse(text) as { name: string }).name
  }
  assert.deepEqual([await nameOf(ada.token), await nameOf(bob.token)], ['Ada', 'Bob'])
  await web.api('DELETE', `/api/v1/members/${ada.id}`, { token: web.ownerToken })
  assert.equal(await nameOf(bob.token), 'Bob')
})
