import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as v from 'valibot'
import { until } from '../../kernel/readable.ts'
import { openRunningWeb } from '../../../test/support/running-web.ts'
import { inviteFragmentKey, lobbyFragmentKey } from '../../wire/api/link-fragment.ts'
import * as resource from '../../wire/api/resources.ts'

test('every answer is what the resources say', async (t) => {
  const web = await openRunningWeb(t)
  const token = web.ownerToken
  const body = { appId: 'memory', title: 'Games', width: 1920, height: 1080, stopWhenEveryoneLeaves: true }
  const created = await web.api('POST', '/api/v1/lobbies', { token, body })
  const lobby = v.parse(resource.lobby, created.json())
  assert.equal(created.status, 201)
  assert.equal(created.headers.location, `/api/v1/lobbies/${lobby.id}`)
  assert.deepEqual([lobby.title, lobby.width, lobby.height], ['Games', 1920, 1080])

  const session = web.host.createSession({ id: 'moon', name: 'Moon', role: 'player', lobbies: 'all' })
  await until(web.host.lobbies.get(lobby.id)?.status ?? assert.fail(), ({ status }) => status === 'running')
  await session.join(lobby.id)
  const get = async <Schema extends v.GenericSchema>(path: string, schema: Schema) => {
    const answer = await web.api('GET', `/api/v1${path}`, { token })
    assert.equal(answer.headers['cache-control'], 'no-store')
    return v.parse(schema, answer.json())
  }
  const me = await get('/me', resource.me)
  assert.deepEqual(me, { name: 'Owner', role: 'owner', lobbyId: null, lobbyIds: null, expiresAt: null })
  assert.ok((await get('/apps', v.array(resource.app))).some(({ id }) => id === 'memory'))
  await get('/host', resource.hostInfo)
  const [seen] = await get('/lobbies', v.array(resource.lobby))
  assert.deepEqual(seen?.members, [{ sessionId: session.id, name: 'Moon', role: 'player' }])
  const [listed] = await get('/sessions', v.array(resource.session))
  assert.deepEqual([listed?.id, listed?.lobbyId], [session.id, lobby.id])
  const { records, next } = await get('/records', resource.recordPage)
  assert.deepEqual([records.length, next, records[0]?.lobbies], [1, null, [{ id: lobby.id, title: lobby.title }]])
  const { stays } = await get(`/records/${session.id}`, resource.sessionTimeline)
  assert.deepEqual(
    stays.map(({ entries }) => entries.map(({ kind }) => kind)),
    [['join', 'switch']],
  )
})

test('GET /lobbies/:id/thumbnail shows a lobby that runs, and says when it has not changed', async (t) => {
  const web = await openRunningWeb(t)
  const id = await web.openLobby()
  const token = web.invite(id, 'viewer')
  const path = `/api/v1/lobbies/${id}/thumbnail`
  const first = await web.api('GET', path, { token })
  assert.deepEqual([first.status, first.headers['content-type']], [200, 'image/jpeg'])
  assert.equal(first.headers['cache-control'], 'private, no-cache')
  const tag = String(first.headers.etag)
  const again = await web.api('GET', path, { token, headers: { 'If-None-Match': `"other", W/${tag}` } })
  assert.deepEqual([again.status, again.text, again.headers.etag], [304, '', tag])
  const [producer] = web.parts.producers.values()
  producer?.goDown('gone')
  const gone = await web.api('GET', path, { token })
  assert.deepEqual([gone.status, gone.text], [204, ''])
})

test('GET /records tells page after page, finds what is asked for, and refuses what it does not know', async (t) => {
  const web = await openRunningWeb(t)
  for (const id of ['a', 'b', 'c', 'd', 'e']) {
    const session = web.host.createSession({ id, name: id, role: 'player', lobbies: 'all' })
    await session.close(id === 'c' ? 'revoked' : 'left')
  }
  const ask = (query: string) => web.api('GET', `/api/v1/records?${query}`, { token: web.ownerToken })
  const page = async (query: string) => v.parse(resource.recordPage, (await ask(query)).json())
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const { records, next }: resource.RecordPage = await page(`limit=2${cursor === null ? '' : `&cursor=${cursor}`}`)
    seen.push(...records.map(({ memberId }) => memberId))
    cursor = next
  } while (cursor !== null)
  assert.deepEqual(seen, ['e', 'd', 'c', 'b', 'a'])
  assert.deepEqual(
    (await page('cause=revoked')).records.map(({ memberId }) => memberId),
    ['c'],
  )
  assert.equal((await page('member=d')).records.length, 1)
  assert.equal((await page('lobby=none')).records.length, 0)
  assert.equal((await page('since=2999-01-01T00:00:00Z')).records.length, 0)
  const refused = ['limit=0', 'limit=201', 'limit=x', 'cursor=0', 'cursor=-1', 'since=today', 'since=', 'more=1']
  for (const query of [...refused, 'limit=1&limit=2', `cause=${'x'.repeat(65)}`]) {
    const answer = await ask(query)
    assert.deepEqual([answer.status, answer.problem().code], [400, 'invalid-request'], query)
  }
  const unknown = await web.api('GET', '/api/v1/records/nobody', { token: web.ownerToken })
  assert.deepEqual([unknown.status, unknown.problem().code], [404, 'record-not-found'])
})

test('PATCH changes what is given and nothing else', async (t) => {
  const web = await openRunningWeb(t)
  const id = await web.openLobby()
  const change = { title: 'New', size: { width: 800, height: 600 }, layout: 'de' }
  for (const part of [{ title: 'New' }, { size: change.size }, { layout: 'de' }]) {
    const answer = await web.api('PATCH', `/api/v1/lobbies/${id}`, { token: web.ownerToken, body: part })
    assert.equal(answer.status, 200, answer.text)
  }
  const lobby = web.host.lobbies.get(id)
  assert.deepEqual(
    [lobby?.settings.value.title, lobby?.settings.value.size, lobby?.settings.value.layout],
    [change.title, change.size, 'de'],
  )
})

test('an invitation is told once, lets its holder in, and ends with its expiry', async (t) => {
  const web = await openRunningWeb(t)
  const lobbyId = await web.openLobby()
  const body = { lobbyId, role: 'player', expiresInS: 60 }
  const created = await web.api('POST', '/api/v1/invitations', { token: web.ownerToken, body })
  const { fragment, nativeFragment, pin, ...invitation } = v.parse(resource.createdInvitation, created.json())
  assert.equal(pin, null)
  assert.ok(nativeFragment !== undefined && fragment.includes(nativeFragment))
  const parameters = new URLSearchParams(fragment)
  assert.equal(parameters.get(lobbyFragmentKey), lobbyId)
  const listed = await web.api('GET', '/api/v1/invitations', { token: web.ownerToken })
  assert.deepEqual(listed.json(), [invitation])

  const token = parameters.get(inviteFragmentKey) ?? ''
  const me = v.parse(resource.me, (await web.api('GET', '/api/v1/me', { token })).json())
  assert.deepEqual(me, {
    name: 'Player',
    role: 'player',
    lobbyId,
    lobbyIds: [lobbyId],
    expiresAt: invitation.expiresAt,
  })
  web.clock.advance(60_000)
  assert.equal((await web.api('GET', '/api/v1/me', { token })).status, 401)
})

test('an idempotency key makes it safe to repeat what creates', async (t) => {
  const web = await openRunningWeb(t)
  const post = (path: string, body: unknown, key: string) =>
    web.api('POST', `/api/v1${path}`, { token: web.ownerToken, body, headers: { 'Idempotency-Key': key } })
  const lobby = { appId: 'memory', title: 'Games' }
  // One of them may come while the other is under way; its client is told to wait.
  const both = await Promise.all([post('/lobbies', lobby, 'a'), post('/lobbies', lobby, 'a')])
  assert.ok(both.every(({ status }) => status === 201 || status === 409) && both.some(({ status }) => status === 201))
  const again = await post('/lobbies', { title: ' Games', appId: 'memory' }, 'a')
  const first = both.find(({ status }) => status === 201)
  assert.deepEqual([again.status, again.text, again.headers.location], [201, first?.text, first?.headers.location])
  assert.equal(web.host.lobbies.size, 1)

  const other = await post('/lobbies', { ...lobby, title: 'Other' }, 'a')
  assert.deepEqual([other.status, other.problem().code], [422, 'idempotency-key-reused'])
  const invitation = { lobbyId: [...web.host.lobbies.keys()][0], role: 'viewer' }
  assert.equal((await post('/invitations', invitation, 'a')).status, 422)
  assert.equal((await post('/invitations', invitation, 'b')).text, (await post('/invitations', invitation, 'b')).text)
  assert.equal(web.store.invitations.list().length, 1)

  assert.equal((await post('/lobbies', { appId: 'none' }, 'c')).status, 404)
  assert.equal((await post('/lobbies', lobby, 'c')).status, 201)
  assert.equal((await post('/lobbies', lobby, 'x'.repeat(129))).status, 400)
  assert.equal(web.host.lobbies.size, 2)
})

test('every answer carries the security headers', async (t) => {
  const web = await openRunningWeb(t)
  const answers = [
    await web.api('GET', '/', { headers: { Host: 'localhost:8080' } }),
    await web.api('GET', '/api/v1/me', { token: web.ownerToken }),
    await web.api('GET', '/api/v1/me'),
    await web.api('GET', '/nothing.js'),
    await web.api('PUT', '/api/v1/me', { token: web.ownerToken }),
    await web.api('GET', '/', { headers: { Host: 'evil.example' } }),
    await web.api('GET', '/healthz'),
    await web.api('HEAD', '/api/v1/events', { token: web.ownerToken }),
    await web.api('HEAD', '/'),
  ]
  for (const { headers, status, text } of answers) {
    assert.match(String(headers['content-security-policy']), /default-src 'self';.*frame-ancestors 'none'/, `${status}`)
    assert.doesNotMatch(String(headers['content-security-policy']), /unsafe/)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['referrer-policy'], 'no-referrer')
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin')
    const isHead = text === ''
    assert.equal(headers['cross-origin-resource-policy'], isHead ? 'cross-origin' : 'same-origin')
    assert.ok(headers['permissions-policy'])
    assert.equal(headers['access-control-allow-origin'], undefined)
  }
  const [page] = answers
  assert.match(String(page?.headers['content-security-policy']), / ws:\/\/localhost:8080 wss:\/\/localhost:8080;/)
})

test('the page is served with its files, and no path leads outside', async (t) => {
  const parent = mkdtempSync(join(tmpdir(), 'porchlight-page-'))
  t.after(() => rmSync(parent, { recursive: true }))
  const pageDirectory = join(parent, 'web')
  mkdirSync(join(pageDirectory, 'assets'), { recursive: true })
  writeFileSync(join(parent, 'secret.txt'), 'secret')
  writeFileSync(join(pageDirectory, 'index.html'), '<!doctype html><title>Porchlight</title>')
  writeFileSync(join(pageDirectory, 'assets', 'main-abcdefgh.js'), 'export {}')
  const web = await openRunningWeb(t, { pageDirectory })

  const page = await web.api('GET', '/')
  assert.deepEqual([page.status, page.headers['content-type']], [200, 'text/html; charset=utf-8'])
  assert.match(page.text, /Porchlight/)
  const head = await web.api('HEAD', '/')
  assert.deepEqual([head.status, head.text, head.headers.etag], [200, '', page.headers.etag])
  assert.equal((await web.api('GET', '/', { headers: { 'If-None-Match': String(page.headers.etag) } })).status, 304)
  assert.equal((await web.api('GET', '/assets/main-abcdefgh.js')).text, 'export {}')
  assert.equal((await web.api('GET', '/api/nothing')).status, 404)
  for (const path of ['/../secret.txt', '/assets/../../secret.txt', '/..%2fsecret.txt', '/%2e%2e%2fsecret.txt']) {
    const answer = await web.api('GET', path)
    assert.ok(answer.status === 404 && !answer.text.includes('secret'), `${path} ${answer.text}`)
  }
})

test('/healthz names what is down, and only that', async (t) => {
  const web = await openRunningWeb(t)
  const well = await web.api('GET', '/healthz')
  assert.deepEqual([well.status, well.text], [200, '{"status":"ok","down":[]}'])
  web.vitalPart.up = false
  const ill = await web.api('GET', '/healthz')
  assert.deepEqual([ill.status, ill.text], [503, '{"status":"down","down":["store"]}'])
})

test('/metrics counts what the host did', async (t) => {
  const web = await openRunningWeb(t)
  const answer = await web.api('GET', '/metrics', { token: web.ownerToken })
  assert.match(String(answer.headers['content-type']), /^text\/plain; version=/)
  assert.match(answer.text, /^# HELP porchlight_/m)
})

test('no token, claim or PIN is ever logged or repeated', async (t) => {
  const web = await openRunningWeb(t)
  const lobbyId = await web.openLobby()
  const created = await web.api('POST', '/api/v1/invitations', {
    token: web.ownerToken,
    body: { lobbyId, role: 'viewer', pin: '40280716' },
  })
  const { fragment } = v.parse(resource.createdInvitation, created.json())
  const invited = new URLSearchParams(fragment).get(inviteFragmentKey) ?? ''
  const claim = 'c'.repeat(43)
  const redeem = (pin: string) =>
    web.api('POST', '/api/v1/invitations/redeem', { token: invited, body: { claim, name: 'Ada', pin } })
  const refused = await redeem('40280717')
  const { token: personal } = v.parse(resource.redeemedInvitation, (await redeem('40280716')).json())
  const wrong = 'w'.repeat(43)
  const secrets = [web.ownerToken, invited, personal, wrong, claim, '40280716', '40280717']
  const answers: string[] = [refused.text]
  for (const token of secrets) {
    for (let count = 0; count < 12; count++) {
      answers.push((await web.api('GET', '/api/v1/me', { token })).text)
    }
    answers.push((await web.api('GET', `/api/v1/me?token=${token}`)).text)
    answers.push((await web.api('GET', `/api/v1/me?pin=${token}`)).text)
    answers.push((await web.api('GET', `/${token}.js`, { token })).text)
    answers.push((await web.api('POST', '/api/v1/lobbies', { token, body: `{"appId":"${token}"` })).text)
  }
  await web.close()
  assert.ok(web.logged.length > 0)
  for (const text of [...answers, ...web.logged]) for (const secret of secrets) assert.ok(!text.includes(secret), text)
})
