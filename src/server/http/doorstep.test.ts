import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import * as v from 'valibot'
import { WebSocket } from 'ws'
import { openRunningWeb, type RunningWeb } from '../../../test/support/running-web.ts'
import { inviteFragmentKey } from '../../wire/api/link-fragment.ts'
import * as resource from '../../wire/api/resources.ts'
import { signalCloseCode } from '../../wire/signal/messages.ts'
import { newToken } from '../../store/token.ts'

const redeemPath = '/api/v1/invitations/redeem'

async function invite(web: RunningWeb, options: Partial<resource.CreateInvitation> = {}) {
  const lobbyId = options.lobbyId ?? (await web.openLobby())
  const body = { lobbyId, role: 'viewer', ...options }
  const answer = await web.api('POST', '/api/v1/invitations', { token: web.ownerToken, body })
  const created = v.parse(resource.createdInvitation, answer.json())
  return { ...created, token: new URLSearchParams(created.fragment).get(inviteFragmentKey) ?? '' }
}

function redeem(web: RunningWeb, token: string, options: { name?: string; pin?: string; claim?: string } = {}) {
  return web.api('POST', redeemPath, { token, body: { claim: newToken(), name: 'Ada', ...options } })
}

async function comeIn(web: RunningWeb, token: string, options: { name?: string; pin?: string; claim?: string } = {}) {
  return v.parse(resource.redeemedInvitation, (await redeem(web, token, options)).json())
}

async function offered(web: RunningWeb, token: string) {
  return v.parse(resource.offeredInvitation, (await web.api('GET', '/api/v1/invitations/offered', { token })).json())
}

async function dial(web: RunningWeb, token: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${web.port}/api/v1/signal`, ['porchlight.v1', `bearer.${token}`])
  await once(socket, 'open')
  return socket
}

test('a link is redeemed for a token of its own, by which its holder is known with name, role and lobby', async (t) => {
  const web = await openRunningWeb(t)
  const link = await invite(web, { role: 'player', maxUses: 2 })
  const [ada, bob] = [await comeIn(web, link.token), await comeIn(web, link.token, { name: ' Bob\u0000\u202E ' })]
  const { name, role, lobbyId } = v.parse(
    resource.me,
    (await web.api('GET', '/api/v1/me', { token: bob.token })).json(),
  )
  assert.deepEqual({ name, role, lobbyId }, { name: 'Bob', role: 'player', lobbyId: link.lobbyId })
  assert.notEqual(ada.memberId, bob.memberId)
  const third = await redeem(web, link.token)
  assert.deepEqual([third.status, third.problem().code], [410, 'invitation-used-up'])
  const asKey = await web.api('GET', '/api/v1/me', { token: link.token })
  assert.deepEqual([asKey.status, asKey.problem().code], [401, 'not-redeemed'], 'a link that counts is no key')
  assert.deepEqual((await offered(web, link.token)).state, 'used-up')
})

test('a page of any origin may ask what a link offers and redeem it, and nothing else', async (t) => {
  const web = await openRunningWeb(t)
  const link = await invite(web, { maxUses: 1 })
  const headers = { Origin: 'https://elsewhere.example' }
  const asked = { ...headers, 'Access-Control-Request-Method': 'POST' }
  const preflight = await web.api('OPTIONS', redeemPath, { headers: asked })
  assert.deepEqual([preflight.status, preflight.headers['access-control-allow-origin']], [204, '*'])
  assert.equal(preflight.headers['access-control-allow-credentials'], undefined)
  const offer = await web.api('GET', '/api/v1/invitations/offered', { token: link.token, headers })
  assert.deepEqual([offer.status, offer.headers['access-control-allow-origin']], [200, '*'])
  const unreadable = await web.api('POST', redeemPath, { token: link.token, headers, body: { name: 7 } })
  assert.deepEqual(
    [unreadable.status, unreadable.headers['access-control-allow-origin']],
    [400, '*'],
    'it can read why',
  )
  const body = { claim: newToken(), name: 'Ada' }
  const redeemed = await web.api('POST', redeemPath, { token: link.token, headers, body })
  const { token } = v.parse(resource.redeemedInvitation, redeemed.json())
  const wrong = await web.api('GET', '/api/v1/invitations/offered', { token: newToken(), headers })
  assert.deepEqual([wrong.status, wrong.headers['access-control-allow-origin']], [401, '*'])
  for (const path of ['/api/v1/me', '/api/v1/lobbies']) {
    const refused = await web.api('GET', path, { token, headers })
    assert.deepEqual([refused.status, refused.problem().code], [403, 'origin-not-allowed'])
    assert.equal(refused.headers['access-control-allow-origin'], undefined)
    const answer = await web.api('OPTIONS', path, { headers: asked })
    assert.equal(answer.headers['access-control-allow-origin'], undefined)
  }
})

test('nobody is called like the owner or like another guest, nor so that nothing is seen', async (t) => {
  const web = await openRunningWeb(t)
  const link = await invite(web)
  for (const name of ['Owner', 'Оwnеr', ' o\u200Bwner ', 'The Owner!']) {
    const refused = await redeem(web, link.token, { name })
    assert.deepEqual([refused.status, refused.problem().code], [400, 'name-not-allowed'], name)
  }
  const names = []
  for (const name of [
    'Eve',
    'Еvе',
    'e v e',
    '\u200B\u2060',
    `Z${'\u0301'.repeat(39)}`,
    'x'.repeat(40),
    'X'.repeat(40),
  ]) {
    names.push((await comeIn(web, link.token, { name })).name)
  }
  assert.deepEqual(names, [
    'Eve',
    'Еvе 2',
    'e v e 3',
    'Guest',
    'Ź\u0301\u0301\u0301\u0301',
    'x'.repeat(40),
    `${'X'.repeat(38)} 2`,
  ])
  const other = await invite(web)
  assert.equal((await comeIn(web, other.token, { name: 'Eve' })).name, 'Eve', 'another lobby has names of its own')
})

test('a token that opens nothing any more is told from one that never did by its reason', async (t) => {
  const web = await openRunningWeb(t)
  const link = await invite(web)
  const [ada, bob] = [await comeIn(web, link.token, { name: 'Ada' }), await comeIn(web, link.token, { name: 'Bob' })]
  const reason = async (token: string) => (await web.api('GET', '/api/v1/me', { token })).problem().reason
  await web.api('DELETE', `/api/v1/members/${ada.memberId}`, { token: web.ownerToken })
  await web.api('DELETE', `/api/v1/invitations/${link.id}`, { token: web.ownerToken })
  assert.deepEqual(
    [await reason(ada.token), await reason(bob.token), await reason('x'.repeat(43))],
    ['removed', 'revoked', 'unknown'],
  )
})

test('redeem tells a wrong PIN and the tries left, and the tenth destroys the link, not those who are in', async (t) => {
  const web = await openRunningWeb(t)
  const link = await invite(web, { pin: '40287' })
  assert.equal(link.pin, '40287')
  assert.deepEqual(
    [(await offered(web, link.token)).needsPin, (await offered(web, link.token)).lobbyTitle],
    [true, null],
    'who does not know the PIN is not told the title',
  )
  assert.equal((await redeem(web, link.token)).problem().code, 'pin-required')
  const ada = await comeIn(web, link.token, { pin: '40287' })
  for (let tries = 9; tries >= 1; tries--) {
    const { code, detail } = (await redeem(web, link.token, { pin: '40288' })).problem()
    assert.equal(code, 'wrong-pin')
    assert.match(detail ?? '', tries === 1 ? /one more try/ : new RegExp(`${tries} more tries`))
    assert.equal((await offered(web, link.token)).pinTriesLeft, tries)
  }
  assert.equal((await redeem(web, link.token, { pin: '40288' })).problem().code, 'invitation-destroyed')
  assert.equal((await redeem(web, link.token, { pin: '40287' })).problem().code, 'invitation-destroyed')
  assert.equal((await web.api('GET', '/api/v1/me', { token: ada.token })).status, 200)
})

test('createInvitation makes up a PIN when asked to, and refuses one that is tried first', async (t) => {
  const web = await openRunningWeb(t)
  const link = await invite(web, { pin: true })
  assert.match(link.pin ?? '', /^\d{6}$/)
  const body = { lobbyId: link.lobbyId, role: 'viewer', pin: '1234' }
  const refused = await web.api('POST', '/api/v1/invitations', { token: web.ownerToken, body })
  assert.deepEqual([refused.status, refused.problem().code], [400, 'invalid-request'])
})

test('redeem with the claim of an answer that was lost gives it again and takes no other use', async (t) => {
  const web = await openRunningWeb(t)
  const link = await invite(web, { maxUses: 1 })
  const claim = newToken()
  const [first, second] = await Promise.all([redeem(web, link.token, { claim }), redeem(web, link.token, { claim })])
  assert.deepEqual(first.json(), second.json())
  assert.deepEqual((await redeem(web, link.token, { claim })).json(), first.json())
})

test('of many who redeem the last use at once, one gets in', async (t) => {
  const web = await openRunningWeb(t)
  const link = await invite(web, { maxUses: 1 })
  const answers = await Promise.all(Array.from({ length: 10 }, () => redeem(web, link.token)))
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, ...Array<number>(9).fill(410)],
  )
})

test('redeem makes who tries too often wait, by address and by invitation, and lets them in afterwards', async (t) => {
  const web = await openRunningWeb(t)
  const link = await invite(web)
  for (let count = 0; count < 60; count++) assert.equal((await redeem(web, link.token)).status, 200)
  const refused = await redeem(web, link.token)
  assert.deepEqual(
    [refused.status, refused.problem().code, refused.headers['retry-after']],
    [429, 'too-many-attempts', '60'],
  )
  web.clock.advance(60_000)
  assert.equal((await redeem(web, link.token)).status, 200)
})

test('revoking a link ends the stay of all who came by it; removing a member ends theirs alone', async (t) => {
  const web = await openRunningWeb(t)
  const link = await invite(web)
  const [ada, bob, eve] = await Promise.all(['Ada', 'Bob', 'Eve'].map((name) => comeIn(web, link.token, { name })))
  assert.ok(ada && bob && eve)
  const sockets = await Promise.all([ada, bob, eve].map(({ token }) => dial(web, token)))
  const [adaGone, bobGone, eveGone] = sockets.map((socket) => once(socket, 'close'))
  const remove = (path: string) => web.api('DELETE', `/api/v1/${path}`, { token: web.ownerToken })
  assert.equal((await remove(`members/${ada.memberId}`)).status, 204)
  assert.equal((await adaGone)?.[0], signalCloseCode.revoked)
  assert.equal((await remove(`members/${ada.memberId}`)).status, 404)
  assert.equal((await web.api('GET', '/api/v1/me', { token: ada.token })).status, 401)
  assert.equal((await web.api('GET', '/api/v1/me', { token: bob.token })).status, 200)
  assert.equal(sockets[1]?.readyState, WebSocket.OPEN)
  assert.equal((await remove(`invitations/${link.id}`)).status, 204)
  assert.deepEqual([(await bobGone)?.[0], (await eveGone)?.[0]], [signalCloseCode.revoked, signalCloseCode.revoked])
  assert.deepEqual((await web.api('GET', '/api/v1/members', { token: web.ownerToken })).json(), [])
})

test('a role that the owner changes holds at once, in the API and in the session that goes on', async (t) => {
  const web = await openRunningWeb(t)
  const link = await invite(web)
  const { memberId, token } = await comeIn(web, link.token)
  await dial(web, token)
  const member = web.accepted[0]?.member
  assert.ok(member)
  const session = web.host.createSession(member)
  await session.join(link.lobbyId)
  const move = () => session.input({ type: 'pointer', x: 0.5, y: 0.5 })
  assert.throws(move, { code: 'input-forbidden' })
  const change = (role: string) =>
    web.api('PATCH', `/api/v1/members/${memberId}`, { token: web.ownerToken, body: { role } })
  assert.equal((await change('player')).status, 200)
  assert.equal(session.role.value, 'player')
  move()
  const me = v.parse(resource.me, (await web.api('GET', '/api/v1/me', { token })).json())
  assert.equal(me.role, 'player')
  assert.equal((await change('viewer')).status, 200)
  assert.throws(move, { code: 'input-forbidden' })
  assert.equal(web.accepted[0]?.socket.readyState, WebSocket.OPEN)
})
