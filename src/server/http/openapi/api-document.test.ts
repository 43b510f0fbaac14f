import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { test, type TestContext } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { DocumentedAnswers } from '../../../../test/support/documented-answers.ts'
import { until } from '../../../kernel/readable.ts'
import { describeParty } from '../../../../test/support/describe-party.ts'
import { openPartyOfTwo } from '../../../../test/support/memory-parties.ts'
import { openRunningWeb, type RunningWeb } from '../../../../test/support/running-web.ts'
import { hashPin } from '../../../store/pin.ts'
import type { OpenApiDocument } from './api-document.ts'

async function openDocumented(t: TestContext) {
  const party = await openPartyOfTwo(t)
  const web = await openRunningWeb(t, { parties: party.here })
  const answer = await web.api('GET', '/api/v1/openapi.json')
  const documented = new DocumentedAnswers(answer.json() as OpenApiDocument)
  documented.check('GET /api/v1/openapi.json', answer)
  return { web, documented, party, ask: asker(web, documented) }
}

/** Asks as the owner unless told otherwise, and holds the answer to the document. */
function asker(web: RunningWeb, documented: DocumentedAnswers) {
  return async (
    method: string,
    template: string,
    options: {
      id?: string
      member?: string
      body?: unknown
      token?: string | undefined
      headers?: Record<string, string>
    } = {},
  ) => {
    const { id = 'nowhere', member, body, headers = {} } = options
    const token = 'token' in options ? options.token : web.ownerToken
    const answer = await web.api(method, fill(template, id, member), { token, body, headers })
    documented.check(`${method} ${template}`, answer)
    return answer
  }
}

/** A path with its parameters filled in. */
function fill(template: string, id: string, member = 'x'): string {
  return template.replace('{id}', id).replace('{seat}', 'keyboard-mouse').replace('{member}', member)
}

const lobbies = '/api/v1/lobbies'
const seat = `${lobbies}/{id}/seats/{seat}`
const invitations = '/api/v1/invitations'
/** What is asked for with the token of a link. */
const onDoorstep: ReadonlySet<string> = new Set([`${invitations}/offered`, `${invitations}/redeem`])
const handOvers = '/api/v1/hand-overs'
const claim = 'c'.repeat(43)
const apps = '/api/v1/apps'
/** A PNG of one pixel. */
const iconText =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

test('the document names every route that is served, and no other', async (t) => {
  const { web, documented } = await openDocumented(t)
  const served = web.web.routes.filter(({ method }) => method !== 'ALL')
  const names = served.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
  assert.deepEqual(documented.operations.map(({ name }) => name).toSorted(), names.toSorted())
  const link = web.invite(await web.openLobby(), 'viewer')
  for (const [path, methods] of Object.entries(documented.document.paths)) {
    const token = onDoorstep.has(path) ? link : web.ownerToken
    const answer = await web.api('PURGE', fill(path, 'x'), { token })
    const allowed = String(answer.headers.allow).split(', ')
    const documentedMethods = Object.keys(methods).map((method) => method.toUpperCase())
    assert.deepEqual([answer.status, allowed.filter((method) => method !== 'HEAD')], [405, documentedMethods], path)
  }
})

test('the document is well formed: its schemas compile, its references lead somewhere, its ids are unique', async (t) => {
  const { documented } = await openDocumented(t)
  const { operations, document } = documented
  assert.equal(new Set(operations.map(({ operation }) => operation.operationId)).size, operations.length)
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false })
  for (const [, name = ''] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    assert.ok(name in document.components.schemas, name)
  }
  for (const schema of Object.values(document.components.schemas)) assert.ok(ajv.validateSchema(schema))
  for (const { name, path, operation } of operations) {
    const parameters = (operation.parameters ?? []).filter((parameter) => parameter['in'] === 'path')
    assert.deepEqual(
      parameters.map((parameter) => parameter['name']),
      [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter),
      name,
    )
  }
})

test('every answer is as the document says', async (t) => {
  const { web, documented, ask, party } = await openDocumented(t)
  await ask('GET', '/healthz')
  web.vitalPart.up = false
  await ask('GET', '/healthz')
  await ask('GET', '/metrics')
  await ask('GET', '/api/v1/me')
  await ask('GET', '/api/v1/host')
  await ask('GET', '/api/v1/secure-origin')
  await ask('GET', '/api/v1/moonlight')
  const pairing = '/api/v1/moonlight/pairings/{id}'
  await ask('POST', pairing, { id: 'waiting', body: { pin: '1234', name: 'TV' } })
  await ask('POST', pairing, { id: 'waiting', body: { pin: '1234', name: 'TV' } })
  await ask('DELETE', pairing, { id: 'refused' })
  await describeParty(ask, party)
  await ask('GET', '/api/v1/network')
  await ask('PUT', '/api/v1/network', { body: { open: true, remember: true } })
  await ask('GET', '/api/v1/settings')
  await ask('PATCH', '/api/v1/settings', { body: { lobbies: 20, port: 9000 } })
  await ask('GET', '/api/v1/keyboard-layouts')
  await ask('GET', '/api/v1/apps')
  await describeApps(ask)
  const created = await ask('POST', lobbies, { body: { appId: 'memory', title: ' Games ', width: 800, height: 600 } })
  const { id: lobbyId } = created.json() as { id: string }
  const session = web.host.createSession({ id: 'moon', name: 'Moon', role: 'player', lobbies: 'all' })
  await session.join(lobbyId)
  await ask('GET', lobbies)
  await ask('GET', `${lobbies}/{id}`, { id: lobbyId })
  const { status } = web.host.lobbies.get(lobbyId) ?? assert.fail('there is a lobby')
  await until(status, (now) => now.status === 'running')
  const thumbnail = await ask('GET', `${lobbies}/{id}/thumbnail`, { id: lobbyId })
  const headers = { 'If-None-Match': String(thumbnail.headers.etag) }
  await ask('GET', `${lobbies}/{id}/thumbnail`, { id: lobbyId, headers })
  for (const producer of web.parts.producers) producer.goDown('gone')
  await ask('GET', `${lobbies}/{id}/thumbnail`, { id: lobbyId })
  await ask('PATCH', `${lobbies}/{id}`, { id: lobbyId, body: { title: 'New', layout: 'de' } })
  await ask('GET', `${lobbies}/{id}/output`, { id: lobbyId })
  await ask('GET', '/api/v1/ended-lobbies')
  await ask('POST', `${seat}/grant`, { id: lobbyId, body: { sessionId: session.id } })
  for (const decision of ['lock', 'unlock', 'take-back']) await ask('POST', `${seat}/${decision}`, { id: lobbyId })
  await ask('GET', '/api/v1/sessions')
  await ask('GET', '/api/v1/records')
  await ask('GET', '/api/v1/records/{id}', { id: session.id })
  session.observe({
    kind: 'path',
    path: 'direct',
    local: 'udp 10.0.0.1:8080',
    remote: 'udp 10.0.0.2:4711',
    gateway: 'browser',
  })
  await ask('POST', '/api/v1/sessions/{id}/lobby', { id: session.id, body: { lobbyId: null, reason: 'Later' } })
  await ask('DELETE', '/api/v1/sessions/{id}', { id: session.id })
  const invited = await ask('POST', invitations, { body: { lobbyId, role: 'viewer' } })
  await ask('GET', invitations)
  const token = web.invite(lobbyId, 'viewer')
  await ask('GET', `${invitations}/offered`, { token })
  const redeemed = await ask('POST', `${invitations}/redeem`, { token, body: { claim, name: 'Ada' } })
  await ask('GET', '/api/v1/members')
  const { memberId } = redeemed.json() as { memberId: string }
  const { ticket } = (await ask('POST', handOvers)).json() as { ticket: string }
  await ask('POST', `${handOvers}/redeem`, { token: ticket, body: { claim } })
  const [device] = (await ask('GET', '/api/v1/devices')).json() as [{ id: string }]
  await ask('PATCH', '/api/v1/devices/{id}', { id: device.id, body: { name: 'TV' } })
  await ask('DELETE', '/api/v1/devices/{id}', { id: device.id })
  const guest = { id: memberId, name: 'Ada', role: 'viewer', lobbies: [lobbyId] } as const
  const watching = web.host.createSession(guest)
  await watching.join(lobbyId)
  watching.askToPlay(true)
  await ask('DELETE', `${lobbies}/{id}/askers/{member}`, { id: lobbyId, member: memberId })
  await ask('PATCH', '/api/v1/members/{id}', { id: memberId, body: { role: 'player' } })
  await ask('DELETE', '/api/v1/members/{id}', { id: memberId })
  await ask('DELETE', `${invitations}/{id}`, { id: (invited.json() as { id: string }).id })
  await followSome(web, documented)
  await ask('DELETE', `${lobbies}/{id}`, { id: lobbyId })
  const socket = new WebSocket(`ws://127.0.0.1:${web.port}/api/v1/signal`, [
    'porchlight.v1',
    `bearer.${web.ownerToken}`,
  ])
  await once(socket, 'open')
  socket.close()
  documented.saw('GET /api/v1/signal', 101)
  // The network of a party has sockets of its own, by which members' lobbies are seen too, and is answered for where they are.
  const needsSockets = /\/party\/(network|shares|ports|peers\/\{id\}\/lobbies)/
  const unseen = documented.unseen.filter((each) => !needsSockets.test(each))
  assert.deepEqual(unseen, [])
})

test('every refusal is as the document says', async (t) => {
  const { web, documented, ask } = await openDocumented(t)
  const lobbyId = await web.openLobby()
  const viewer = web.invite(lobbyId, 'viewer')
  for (const { method, path, operation } of documented.operations) {
    await ask(method, path, { headers: { Host: 'evil.example' } })
    if (operation.security.length === 0) continue
    await ask(method, path, { token: undefined })
    await ask(method, path, { headers: { Origin: 'https://evil.example' } })
    if (path !== '/api/v1/events') await ask(method, path, { token: viewer })
    if (operation.requestBody) {
      for (const body of ['{', 'null', `"${'x'.repeat(70_000)}"`, '{"unknown":1}']) await ask(method, path, { body })
      await ask(method, path, { body: '{}', headers: { 'Content-Type': 'text/plain' } })
    }
    if (path.includes('{id}')) await ask(method, path, { body: operation.requestBody && {} })
  }
  await ask('POST', lobbies, { body: { appId: 'none' } })
  await ask('POST', lobbies, { body: { appId: 'memory', width: 800 } })
  await ask('POST', invitations, { body: { lobbyId: 'none', role: 'viewer' } })
  await ask('GET', '/api/v1/signal')
  for (const state of ['pin', 'used-up', 'destroyed', 'expired', 'revoked']) await refuseRedemption(web, ask, state)
  for (let count = 0; count < 12; count++) await ask('GET', '/api/v1/me', { token: 'x'.repeat(43) })
})

test('what the document says of bodies is what the handlers take', async (t) => {
  const { web, documented } = await openDocumented(t)
  const lobbyId = await web.openLobby()
  const bodies: Readonly<Record<string, readonly unknown[]>> = {
    [`POST ${lobbies}`]: [
      { appId: 'memory' },
      { appId: '' },
      { appId: 'memory', width: 319, height: 480 },
      { appId: 'memory', width: 640.5, height: 480 },
      { appId: 'memory', title: 'x'.repeat(81) },
      { appId: 'memory', more: 1 },
      [],
    ],
    'POST /api/v1/moonlight/pairings/{id}': [
      { pin: '0123', name: 'TV' },
      { pin: '12', name: 'TV' },
      { pin: '0123', name: '' },
      {},
    ],
    'PATCH /api/v1/settings': [{ lobbies: 20 }, { lobbies: null }, { lobbies: { more: 1 } }],
    'POST /api/v1/party': [
      { name: 'Friday' },
      { name: 'Friday', admission: 'id', whenHostLeaves: 'migrate', at: 'https://plane.example' },
      { name: '' },
      { name: 'Friday', admission: 'all' },
      { name: 'Friday', at: 'plane' },
      {},
    ],
    'POST /api/v1/party/join': [{ by: '7KQ2M-9XD4T' }, { by: '', at: 'https://plane.example' }, {}],
    'PUT /api/v1/party/rights': [
      { peerId: null, may: 'play' },
      { peerId: 'ada', may: null },
      { peerId: 'ada', may: 'all' },
      { may: 'play' },
    ],
    'POST /api/v1/party/peers/{id}/visit': [{ lobbyId: 'x' }, {}],
    'POST /api/v1/party/peers/{id}/start': [{ appId: 'x' }, {}],
    'POST /api/v1/party/shares': [
      { protocol: 'tcp', port: 25_565 },
      { protocol: 'udp', port: 1, host: '192.168.1.7', hostPort: 2, members: ['ada'] },
      { protocol: 'sctp', port: 1 },
      { protocol: 'tcp', port: 0 },
      { protocol: 'tcp', port: 1, host: 'a b' },
      {},
    ],
    'POST /api/v1/party/ports': [
      { peerId: 'ada', protocol: 'udp', port: 27_960, localPort: 0 },
      { peerId: 'ada', protocol: 'tcp', port: 70_000 },
      { protocol: 'tcp', port: 1 },
    ],
    'PUT /api/v1/network': [{ open: true }, { open: false, remember: true }, {}, { open: 1 }, { open: true, more: 1 }],
    [`PATCH ${lobbies}/{id}`]: [{}, { title: 'A' }, { layout: '-x' }, { size: { width: 640 } }, { more: 1 }],
    [`POST ${apps}`]: [
      { definition: { command: ['top'] } },
      { id: 'a-1', definition: { kind: 'test-pattern', lines: ['x'] } },
      { id: 'A', definition: { command: ['top'] } },
      { definition: { command: [] } },
      { definition: { command: ['top'], fps: 0 } },
      { definition: { command: ['top'], environment: { DISPLAY: ':0' } } },
      { definition: { command: ['top'], sandbox: true, limits: { memory: '1 GiB' } } },
      { definition: { command: ['top'], sandbox: { readable: ['/'] } } },
      { definition: { command: ['top'], more: 1 } },
      { definition: { kind: 'test-pattern', command: ['top'] } },
      { definition: { kind: 'dream' } },
      {},
    ],
    [`PUT ${apps}/{id}`]: [{ definition: { command: ['top'] } }, { definition: { command: 'top' } }, { id: 'a' }],
    [`PATCH ${apps}/{id}`]: [{ definition: { title: null } }, { definition: 1 }, {}],
    [`PUT ${apps}/{id}/icon`]: [],
    [`POST ${apps}/import`]: [],
    [`POST ${seat}/grant`]: [{ sessionId: 'nobody' }, { sessionId: '' }, { sessionId: 'x'.repeat(65) }, {}],
    [`POST ${invitations}`]: [
      { lobbyId, role: 'viewer' },
      { lobbyId, role: 'owner' },
      { lobbyId, role: 'player', expiresInS: 59 },
      { lobbyId, role: 'player', expiresInS: 60 },
      { lobbyId, role: 'agent', maxUses: 1, pin: '4028' },
      { lobbyId, role: 'viewer', maxUses: 0 },
      { lobbyId, role: 'viewer', pin: true },
      { lobbyId, role: 'viewer', pin: false },
      { lobbyId, role: 'viewer', pin: '402' },
      { lobbyId, role: 'viewer', pin: '402a' },
    ],
    [`POST ${invitations}/redeem`]: [
      { claim, name: 'Ada' },
      { claim: 'short', name: 'Ada' },
      { claim, name: '' },
      { claim, name: 'x'.repeat(41) },
      { claim, name: 'Ada', pin: '12' },
    ],
    [`POST ${handOvers}/redeem`]: [{ claim }, { claim: 'short' }, { claim, name: 'Ada' }, {}],
    'PATCH /api/v1/devices/{id}': [{ name: 'TV' }, { name: '' }, { name: 'x'.repeat(41) }, { more: 1 }, {}],
    'POST /api/v1/sessions/{id}/lobby': [
      { lobbyId: null },
      { lobbyId: 'games', admit: true, reason: 'Later' },
      { lobbyId: '' },
      { lobbyId: null, admit: 'yes' },
      { lobbyId: null, reason: 'x'.repeat(201) },
      {},
    ],
    'PATCH /api/v1/members/{id}': [
      { role: 'player' },
      { lobbyIds: ['games'] },
      { role: 'owner' },
      { lobbyIds: Array.from({ length: 17 }, () => 'games') },
      {},
    ],
  }
  const takers = documented.operations.filter(({ operation }) => operation.requestBody)
  assert.deepEqual(takers.map(({ name }) => name).toSorted(), Object.keys(bodies).toSorted())
  for (const { name, method, path, operation } of takers) {
    const schema = operation.requestBody?.content['application/json']?.schema ?? {}
    for (const body of bodies[name] ?? []) {
      const token = onDoorstep.has(path) ? web.invite(lobbyId, 'viewer') : web.ownerToken
      const answer = await web.api(method, fill(path, lobbyId), { token, body })
      const fits = () => documented.validate(schema, body, name)
      if (answer.status === 400) assert.throws(fits, `${name} refuses ${JSON.stringify(body)}`)
      else fits()
    }
  }
})

/** Is turned away by a link in every way that there is. */
async function refuseRedemption(web: RunningWeb, ask: ReturnType<typeof asker>, state: string): Promise<void> {
  const { invitations: links, guests } = web.store
  const pinHash = await hashPin('4028')
  const invitation = { lobbyId: 'games', role: 'viewer', expiresInMs: 60_000, maxUses: 1 } as const
  const { invitation: made, token } = links.create({ ...invitation, ...(state !== 'used-up' && { pinHash }) })
  if (state === 'used-up') guests.redeem({ invitationId: made.id, claim, name: 'Ada' })
  if (state === 'destroyed') while (links.takePinTry(made.id));
  if (state === 'revoked') links.revoke(made.id)
  if (state === 'expired') web.clock.advance(60_000)
  const name = 'Bob'
  for (const pin of [undefined, '4029']) {
    const body = { claim: 'd'.repeat(43), name, ...(pin && { pin }) }
    const { status } = await ask('POST', `${invitations}/redeem`, { token, body })
    assert.equal(status, state === 'pin' ? 403 : 410, state)
  }
  await ask('GET', `${invitations}/offered`, { token })
}

/** Everything that can be done with apps, once. */
async function describeApps(ask: Awaited<ReturnType<typeof openDocumented>>['ask']): Promise<void> {
  const definition = { title: 'Mine', command: ['top'], environment: { A: 'b' }, icon: iconText }
  const { id } = (await ask('POST', apps, { body: { definition } })).json() as { id: string }
  await ask('GET', `${apps}/{id}`, { id })
  await ask('PUT', `${apps}/{id}`, { id, body: { definition } })
  await ask('PUT', `${apps}/{id}`, { id: 'other', body: { definition } })
  await ask('PATCH', `${apps}/{id}`, { id, body: { definition: { title: 'Yours', size: '800x600' } } })
  const icon = await ask('GET', `${apps}/{id}/icon`, { id })
  const etag = String(icon.headers.etag)
  await ask('GET', `${apps}/{id}/icon`, { id, headers: { 'If-None-Match': etag } })
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"/>'
  await ask('PUT', `${apps}/{id}/icon`, { id, body: svg, headers: { 'Content-Type': 'image/svg+xml' } })
  await ask('DELETE', `${apps}/{id}/icon`, { id })
  const exported = await ask('GET', `${apps}/export`)
  await ask('POST', `${apps}/import`, { body: exported.text, headers: { 'Content-Type': 'application/toml' } })
  await ask('DELETE', `${apps}/{id}`, { id })
}

/** Reads the first event of a stream and holds it to the document. */
async function followSome(web: RunningWeb, documented: DocumentedAnswers): Promise<void> {
  const headers = { Authorization: `Bearer ${web.ownerToken}` }
  const asked = request({ port: web.port, path: '/api/v1/events', headers, agent: false }).end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  assert.equal(answer.headers['content-type'], 'text/event-stream')
  await web.openLobby()
  for await (const chunk of answer.setEncoding('utf8')) {
    const data = /^data: (.*)$/m.exec(String(chunk))?.[1]
    if (data === undefined) continue
    documented.validate({ $ref: '#/components/schemas/ApiEvent' }, JSON.parse(data), 'GET /api/v1/events')
    break
  }
  documented.saw('GET /api/v1/events', 200)
}
