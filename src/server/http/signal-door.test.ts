import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { eventually } from '../../../test/support/eventually.ts'
import { openRunningWeb, type RunningWeb } from '../../../test/support/running-web.ts'
import { decodeServerMessage } from '../../wire/signal/codec.ts'
import { conversation, planConversation } from '../../kernel/monitor/conversation.ts'
import { shapeOfConversation } from '../../kernel/monitor/conversation-shape.ts'
import { KnownVersions } from '../../kernel/monitor/known-versions.ts'
import { again, branch, choice, loop } from '../../kernel/protocol/notation.ts'
import { protocol } from '../../kernel/protocol/protocol.ts'
import { maxSignalBytes, signalCloseCode } from '../../wire/signal/messages.ts'
import { defaultShares } from './shares.ts'

function dial(
  web: RunningWeb,
  protocols: string[],
  options: { path?: string; headers?: Record<string, string> } = {},
): WebSocket {
  const { path = '/api/v1/signal', headers = {} } = options
  return new WebSocket(`ws://127.0.0.1:${web.port}${path}`, protocols, { headers }).on('error', () => {})
}

/** The status with which an upgrade is refused. */
async function refusal(socket: WebSocket): Promise<number> {
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  assert.match(String(response.headers['content-security-policy']), /default-src/)
  assert.equal(response.headers['content-type'], 'application/problem+json')
  socket.terminate()
  return response.statusCode ?? 0
}

const bearer = (token: string) => ['porchlight.v1', `bearer.${token}`]

test('a WebSocket with a token in its subprotocols is handed over with its member', async (t) => {
  const web = await openRunningWeb(t)
  const lobbyId = await web.openLobby()
  const socket = dial(web, bearer(web.invite(lobbyId, 'player')))
  await once(socket, 'open')
  assert.equal(socket.protocol, 'porchlight.v1')
  const { role, lobbies: scope } = web.accepted[0]?.member ?? { role: undefined, lobbies: undefined }
  assert.deepEqual([role, scope], ['player', [lobbyId]])
})

test('a WebSocket may bring its token in a header as well', async (t) => {
  const web = await openRunningWeb(t)
  const socket = dial(web, ['porchlight.v1'], { headers: { Authorization: `Bearer ${web.ownerToken}` } })
  await once(socket, 'open')
  assert.equal(web.accepted[0]?.member.role, 'owner')
})

test('a client of another version comes in where that is safe or not known, and is told what differs where it is not', async (t) => {
  const roles = ['client', 'host'] as const
  const told = (...labels: string[]) =>
    conversation('signalling', roles, [
      protocol('notices', roles, [
        loop('n', [choice('host', 'client', Object.fromEntries(labels.map((each) => [each, branch([again('n')])])))]),
      ]),
    ])
  const [old, older, newest] = [told('a', 'b', 'c'), told('a'), told('a', 'b')]
  const kept = [old, older].map((each) => {
    return { fingerprint: planConversation(each, 'host').fingerprint, shape: shapeOfConversation(each) }
  })
  const versions = new KnownVersions(newest, kept)
  const web = await openRunningWeb(t, { versions })
  const [safe, unsafe] = kept.map(({ fingerprint }) => fingerprint)
  for (const version of [safe, versions.fingerprint, 'ffffffffffffffff', 'none']) {
    await once(dial(web, [...bearer(web.ownerToken), `conversation.${version}`]), 'open')
  }
  assert.equal(web.accepted.length, 4)
  const socket = dial(web, [...bearer(web.ownerToken), `conversation.${unsafe}`])
  const [data] = (await once(socket, 'message')) as [Buffer]
  const message = 'This client is too old for the host: notices: it does not know "b", which host may say to it there'
  assert.deepEqual(decodeServerMessage(data), { type: 'error', code: 'incompatible-version', message })
  const [code] = (await once(socket, 'close')) as [number]
  assert.equal(code, signalCloseCode.incompatible)
  assert.equal(web.accepted.length, 4)
})

test('a WebSocket is refused in plain HTTP before it is one', async (t) => {
  const web = await openRunningWeb(t)
  const token = web.ownerToken
  const host = { Host: 'evil.example' }
  const cases: [status: number, socket: () => WebSocket][] = [
    [401, () => dial(web, ['porchlight.v1'])],
    [401, () => dial(web, [])],
    [400, () => dial(web, [`bearer.${token}`])],
    [400, () => dial(web, ['mqtt'])],
    [400, () => dial(web, ['porchlight.v1'], { path: `/api/v1/signal?token=${token}` })],
    [400, () => dial(web, ['porchlight.v1'], { path: `/?invite=${token}&token=${token}` })],
    [403, () => dial(web, bearer(token), { headers: { Origin: 'https://evil.example' } })],
    [421, () => dial(web, bearer(token), { headers: host })],
  ]
  for (const [status, socket] of cases) assert.equal(await refusal(socket()), status)
  assert.equal(web.accepted.length, 0)
})

test('a WebSocket whose token is refused is told why, as a browser shows its page nothing of plain HTTP', async (t) => {
  const web = await openRunningWeb(t)
  const lobbyId = await web.openLobby()
  const { invitation, token } = web.store.invitations.create({ lobbyId, role: 'viewer', expiresInMs: 3600_000 })
  web.store.invitations.revoke(invitation.id)
  for (const [open, why] of [
    [() => dial(web, bearer(token)), /was revoked/],
    [() => dial(web, [], { path: `/?invite=${token}` }), /was revoked/],
    [() => dial(web, bearer('x'.repeat(43))), /not known/],
  ] as const) {
    const socket = open()
    const closed = once(socket, 'close')
    const [said] = (await once(socket, 'message')) as [Buffer]
    const message = decodeServerMessage(said)
    assert.ok(message.type === 'error' && message.code === 'unauthenticated')
    const [code, reason] = (await closed) as [number, Buffer]
    assert.equal(code, 4401)
    assert.match(String(reason), why)
  }
  assert.equal(web.accepted.length, 0)
})

test('a WebSocket at any address may bring an invitation in it, and needs to know no subprotocol', async (t) => {
  const web = await openRunningWeb(t)
  const lobbyId = await web.openLobby()
  const invite = web.invite(lobbyId, 'viewer')
  for (const path of [
    `/?invite=${invite}`,
    `/behind/a/proxy?a=b&invite=${invite}`,
    `/api/v1/signal?invite=${invite}`,
  ]) {
    const socket = dial(web, [], { path })
    await once(socket, 'open')
    assert.equal(socket.protocol, '')
  }
  assert.deepEqual(
    web.accepted.map(({ member }) => [member.role, member.lobbies]),
    Array.from({ length: 3 }, () => ['viewer', [lobbyId]]),
  )
  assert.ok(!web.logged.join().includes(invite), 'and it is in no log')
})

test('a page of another origin comes in by a link or what it was redeemed for, and not by the token of the owner', async (t) => {
  const web = await openRunningWeb(t)
  const lobbyId = await web.openLobby()
  const headers = { Origin: 'https://elsewhere.example' }
  const invite = web.invite(lobbyId, 'viewer')
  await once(dial(web, bearer(invite), { headers }), 'open')
  await once(dial(web, [], { path: `/?invite=${invite}`, headers }), 'open')
  await once(dial(web, ['porchlight-media.v1', 'ticket.good'], { path: '/media', headers }), 'open')
  await once(dial(web, bearer(web.guest(lobbyId, 'player').token), { headers }), 'open')
  assert.equal(await refusal(dial(web, bearer(web.ownerToken), { headers })), 403)
  assert.equal(web.accepted.length, 3)
})

test('an address may bring no other token than that of a link that opens as it is', async (t) => {
  const web = await openRunningWeb(t)
  const lobbyId = await web.openLobby()
  const counted = web.store.invitations.create({ lobbyId, role: 'player', expiresInMs: 3600_000, maxUses: 1 }).token
  const guest = web.guest(lobbyId, 'player')
  for (const secret of [web.ownerToken, guest.token, counted]) {
    const socket = dial(web, [], { path: `/?invite=${secret}` })
    const [code] = (await once(socket, 'close')) as [number]
    assert.equal(code, 4401)
  }
  assert.equal(web.accepted.length, 0)
})

test('whoever knocks is answered, without a token and without a trace', async (t) => {
  const web = await openRunningWeb(t)
  for (let knock = 0; knock < 20; knock++) {
    const { status, headers } = await web.api('HEAD', '/api/v1/signal')
    assert.deepEqual([status, headers['connection']], [204, 'close'])
  }
  assert.equal((await web.api('GET', '/api/v1/signal')).status, 401)
  assert.equal((await web.api('HEAD', '/api/v1/me')).status, 401)
  const answer = await web.api('HEAD', '/api/v1/signal', { headers: { Host: 'evil.example' } })
  assert.equal(answer.status, 421)
})

test('who keeps dialling with wrong tokens is held off before the WebSocket', async (t) => {
  const web = await openRunningWeb(t)
  for (let index = 0; index < 10; index++) await once(dial(web, bearer(String(index).padStart(43, 'x'))), 'close')
  assert.equal(await refusal(dial(web, bearer('y'.repeat(43)))), 429)
})

test('a message that is too large ends its connection and nothing else', async (t) => {
  const web = await openRunningWeb(t)
  const [socket, other] = [dial(web, bearer(web.ownerToken)), dial(web, bearer(web.ownerToken))]
  await Promise.all([once(socket, 'open'), once(other, 'open')])
  socket.send('x'.repeat(maxSignalBytes + 1))
  const [code] = (await once(socket, 'close')) as [number]
  assert.equal(code, 1009)
  assert.equal(other.readyState, WebSocket.OPEN)
})

test('a socket is closed with 4401 when its invitation is revoked or the owner token replaced', async (t) => {
  const web = await openRunningWeb(t)
  const lobbyId = await web.openLobby()
  const { invitation, token } = web.store.invitations.create({ lobbyId, role: 'viewer', expiresInMs: 3600_000 })
  const guest = dial(web, bearer(token))
  const owner = dial(web, bearer(web.ownerToken))
  await Promise.all([once(guest, 'open'), once(owner, 'open')])
  const guestClosed = once(guest, 'close')
  await web.api('DELETE', `/api/v1/invitations/${invitation.id}`, { token: web.ownerToken })
  assert.equal((await guestClosed)[0], 4401)
  assert.equal(owner.readyState, WebSocket.OPEN)

  const ownerClosed = once(owner, 'close')
  web.store.ownerToken.replace()
  web.clock.advance(1000)
  assert.equal((await ownerClosed)[0], 4401)
})

test('a socket whose client does not answer the closing handshake is cut off', async (t) => {
  const web = await openRunningWeb(t)
  const socket = dial(web, bearer(web.ownerToken))
  await once(socket, 'open')
  socket.pause()
  const server = web.accepted[0]?.socket as WebSocket
  const closed = once(server, 'close')
  web.store.ownerToken.replace()
  // The library would cut it off by itself, after half a minute of the real clock.
  const isCutOff = () => {
    web.clock.advance(1000)
    return server.readyState === WebSocket.CLOSED
  }
  await eventually(isCutOff, Boolean, { what: 'a connection that is cut off' })
  await closed
  socket.terminate()
})

test('a member who has too many sessions is told so on the WebSocket, and others come in', async (t) => {
  const web = await openRunningWeb(t)
  const lobbyId = await web.openLobby()
  const { token } = web.guest(lobbyId, 'viewer')
  const { member: most } = defaultShares.sessions
  for (let count = 0; count < most; count++) await once(dial(web, bearer(token)), 'open')
  const socket = dial(web, bearer(token))
  const closed = once(socket, 'close')
  const [said] = (await once(socket, 'message')) as [Buffer]
  const message = decodeServerMessage(said)
  assert.ok(message.type === 'error' && message.code === 'too-many-sessions')
  assert.match(message.message, new RegExp(`you have ${most} sessions, the limit here`))
  assert.equal((await closed)[0], 1013)
  assert.equal(web.accepted.length, most)
  for (const other of [web.ownerToken, web.guest(lobbyId, 'viewer').token]) await once(dial(web, bearer(other)), 'open')
  assert.equal(web.accepted.length, most + 2)
})

test('one link cannot take all sessions, however many come by it, and the owner comes in', async (t) => {
  const web = await openRunningWeb(t)
  const lobbyId = await web.openLobby()
  const link = web.invite(lobbyId, 'viewer')
  const { invitation: most } = defaultShares.sessions
  for (let count = 0; count < most; count++) {
    web.clock.advance(1000)
    await once(dial(web, bearer(link)), 'open')
  }
  assert.equal((await once(dial(web, bearer(link)), 'close'))[0], 1013)
  for (const other of [web.ownerToken, web.invite(lobbyId, 'viewer')]) await once(dial(web, bearer(other)), 'open')
  assert.equal(web.accepted.length, most + 2)
})

test('whoever begins sessions again and again has to wait, and is told so on the WebSocket', async (t) => {
  const web = await openRunningWeb(t)
  const lobbyId = await web.openLobby()
  const { token } = web.guest(lobbyId, 'viewer')
  const code = async () => {
    const socket = dial(web, bearer(token))
    const closed = once(socket, 'close')
    socket.once('open', () => socket.close(1000))
    return (await closed)[0] as number
  }
  for (let count = 0; count < 30; count++) assert.equal(await code(), 1000)
  assert.equal(await code(), 1013)
  web.clock.advance(10_000)
  assert.equal(await code(), 1000)
})

test('a client that pings without measure, or cuts a message into shreds, loses its connection', async (t) => {
  const web = await openRunningWeb(t)
  const polite = dial(web, bearer(web.ownerToken))
  await once(polite, 'open')
  polite.ping('hello')
  assert.equal(String((await once(polite, 'pong'))[0]), 'hello')
  const pinging = dial(web, bearer(web.ownerToken))
  await once(pinging, 'open')
  for (let count = 0; count < 1000; count++) pinging.ping()
  await once(pinging, 'close')
  const shredding = dial(web, bearer(web.ownerToken))
  await once(shredding, 'open')
  for (let count = 0; count < 100; count++) shredding.send('x', { fin: false })
  assert.equal((await once(shredding, 'close'))[0], 1008)
  assert.equal(polite.readyState, WebSocket.OPEN)
})

test('closing the web ends every socket', async (t) => {
  const web = await openRunningWeb(t)
  const socket = dial(web, bearer(web.ownerToken))
  await once(socket, 'open')
  const closed = once(socket, 'close')
  await web.close()
  await closed
})

test('a media socket comes in with a ticket and nothing else, and is refused in plain HTTP without a good one', async (t) => {
  const web = await openRunningWeb(t)
  const path = '/api/v1/media'
  const socket = dial(web, ['porchlight-media.v1', 'ticket.good'], { path })
  await once(socket, 'open')
  assert.equal(socket.protocol, 'porchlight-media.v1')
  assert.equal(web.media.length, 1)
  const cases: [status: number, protocols: string[], headers?: Record<string, string>][] = [
    [401, ['porchlight-media.v1']],
    [401, ['porchlight-media.v1', 'ticket.bad']],
    [401, ['porchlight-media.v1', ...bearer(web.ownerToken).slice(1)]],
    [400, ['ticket.good']],
    [421, ['porchlight-media.v1', 'ticket.good'], { Host: 'evil.example' }],
  ]
  for (const [status, protocols, headers = {}] of cases) {
    assert.equal(await refusal(dial(web, protocols, { path, headers })), status, protocols.join())
  }
  const gone = once(socket, 'close')
  await web.close()
  await gone
})
