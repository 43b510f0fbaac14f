import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import * as v from 'valibot'
import { WebSocket } from 'ws'
import { openRunningWeb } from '../../../test/support/running-web.ts'
import { lobby } from '../../wire/api/resources.ts'
import type { OpenApiDocument } from './openapi/api-document.ts'

/**
 * A stranger was invited to another lobby, the app runs in the lobby `own`, `link` is the token of a link with a PIN that
 * nobody has redeemed.
 */
const everybody = ['owner', 'player', 'agent', 'viewer', 'stranger', 'app', 'link', 'nobody'] as const
type Who = (typeof everybody)[number]

interface Ids {
  readonly own: string
  readonly other: string
  readonly session: string
  readonly invitation: string
  /** Somebody who was invited to `own`, and somebody who was invited to `other`. */
  readonly member: string
  readonly stranger: string
  /** One that comes along. */
  readonly app: string
  /** A device of the owner's, and one of the player's. */
  readonly ownersDevice: string
  readonly device: string
}

interface Row {
  /** As the API's document names it. */
  readonly endpoint: string
  /** Where the path says `{id}`. */
  readonly id?: keyof Ids
  readonly body?: unknown
  /** Statuses in the order of {@link everybody}. */
  readonly statuses: readonly number[]
}

const ownersOnly = (status: number) => [status, 403, 403, 403, 403, 403, 401, 401]
const members = (status: number) => [status, status, status, status, status, status, 401, 401]
const watchers = (status: number) => [status, status, status, status, status, 403, 401, 401]
const players = (status: number) => [status, status, status, 403, status, 403, 401, 401]
const everyone = (status: number) => everybody.map(() => status)
const holdersOfLinks = (status: number) => [401, 401, 401, 401, 401, 401, status, 401]

const title = { title: 'New' }
const redemption = { claim: 'c'.repeat(43), name: 'Ada' }
const rows: readonly Row[] = [
  { endpoint: 'GET /api/v1/me', statuses: members(200) },
  { endpoint: 'GET /api/v1/secure-origin', statuses: members(200) },
  { endpoint: 'GET /api/v1/host', statuses: ownersOnly(200) },
  { endpoint: 'GET /api/v1/moonlight', statuses: players(200) },
  {
    endpoint: 'POST /api/v1/moonlight/pairings/{id}',
    id: 'app',
    body: { pin: '1234', name: 'TV' },
    statuses: players(404),
  },
  { endpoint: 'DELETE /api/v1/moonlight/pairings/{id}', id: 'app', statuses: players(404) },
  { endpoint: 'GET /api/v1/party', statuses: ownersOnly(200) },
  { endpoint: 'POST /api/v1/party', body: { name: 'Friday' }, statuses: ownersOnly(409) },
  { endpoint: 'DELETE /api/v1/party', statuses: ownersOnly(409) },
  { endpoint: 'GET /api/v1/party/invitation', statuses: ownersOnly(409) },
  { endpoint: 'POST /api/v1/party/join', body: { by: '7KQ2M-9XD4T' }, statuses: ownersOnly(409) },
  { endpoint: 'POST /api/v1/party/leave', statuses: ownersOnly(409) },
  { endpoint: 'PUT /api/v1/party/rights', body: { peerId: null, may: 'play' }, statuses: ownersOnly(409) },
  { endpoint: 'DELETE /api/v1/party/peers/{id}', id: 'app', statuses: ownersOnly(409) },
  {
    endpoint: 'POST /api/v1/party/peers/{id}/visit',
    id: 'app',
    body: { lobbyId: 'x' },
    statuses: ownersOnly(409),
  },
  { endpoint: 'POST /api/v1/party/peers/{id}/start', id: 'app', body: { appId: 'x' }, statuses: ownersOnly(409) },
  {
    endpoint: 'GET /api/v1/party/peers/{id}/lobbies/{lobby}/thumbnail',
    id: 'app',
    statuses: ownersOnly(409),
  },
  { endpoint: 'GET /api/v1/party/network', statuses: ownersOnly(409) },
  { endpoint: 'POST /api/v1/party/shares', body: { protocol: 'tcp', port: 1 }, statuses: ownersOnly(409) },
  { endpoint: 'DELETE /api/v1/party/shares/{id}', id: 'app', statuses: ownersOnly(409) },
  {
    endpoint: 'POST /api/v1/party/ports',
    body: { peerId: 'ada', protocol: 'tcp', port: 1 },
    statuses: ownersOnly(409),
  },
  { endpoint: 'DELETE /api/v1/party/ports/{id}', id: 'app', statuses: ownersOnly(409) },
  { endpoint: 'GET /api/v1/network', statuses: ownersOnly(200) },
  { endpoint: 'PUT /api/v1/network', body: { open: true }, statuses: ownersOnly(200) },
  { endpoint: 'GET /api/v1/settings', statuses: ownersOnly(200) },
  { endpoint: 'PATCH /api/v1/settings', body: { lobbies: 20 }, statuses: ownersOnly(200) },
  { endpoint: 'GET /api/v1/apps', statuses: ownersOnly(200) },
  {
    endpoint: 'POST /api/v1/apps',
    body: { definition: { command: ['top'] } },
    statuses: ownersOnly(201),
  },
  { endpoint: 'GET /api/v1/apps/{id}', id: 'app', statuses: ownersOnly(200) },
  { endpoint: 'GET /api/v1/lobbies/{id}/thumbnail', id: 'own', statuses: [200, 200, 200, 200, 404, 403, 401, 401] },
  {
    endpoint: 'PUT /api/v1/apps/{id}',
    id: 'app',
    body: { definition: { command: ['top'] } },
    statuses: ownersOnly(200),
  },
  { endpoint: 'PATCH /api/v1/apps/{id}', id: 'app', body: { definition: {} }, statuses: ownersOnly(409) },
  { endpoint: 'DELETE /api/v1/apps/{id}', id: 'app', statuses: ownersOnly(409) },
  { endpoint: 'GET /api/v1/apps/export', statuses: ownersOnly(200) },
  { endpoint: 'POST /api/v1/apps/import', body: {}, statuses: ownersOnly(415) },
  { endpoint: 'GET /api/v1/apps/{id}/icon', id: 'app', statuses: members(404) },
  { endpoint: 'PUT /api/v1/apps/{id}/icon', id: 'app', body: {}, statuses: ownersOnly(415) },
  { endpoint: 'DELETE /api/v1/apps/{id}/icon', id: 'app', statuses: ownersOnly(409) },
  { endpoint: 'GET /api/v1/lobbies', statuses: members(200) },
  { endpoint: 'POST /api/v1/lobbies', body: { appId: 'none' }, statuses: ownersOnly(404) },
  { endpoint: 'GET /api/v1/lobbies/{id}', id: 'own', statuses: [200, 200, 200, 200, 404, 200, 401, 401] },
  { endpoint: 'GET /api/v1/lobbies/{id}', id: 'other', statuses: [200, 404, 404, 404, 200, 404, 401, 401] },
  {
    endpoint: 'PATCH /api/v1/lobbies/{id}',
    id: 'own',
    body: title,
    statuses: [200, 403, 403, 403, 403, 200, 401, 401],
  },
  { endpoint: 'POST /api/v1/lobbies/{id}/seats/{seat}/lock', id: 'own', statuses: ownersOnly(200) },
  { endpoint: 'POST /api/v1/lobbies/{id}/seats/{seat}/unlock', id: 'own', statuses: ownersOnly(200) },
  { endpoint: 'POST /api/v1/lobbies/{id}/seats/{seat}/take-back', id: 'own', statuses: ownersOnly(200) },
  {
    endpoint: 'POST /api/v1/lobbies/{id}/seats/{seat}/grant',
    id: 'own',
    body: { sessionId: 'nobody' },
    statuses: ownersOnly(409),
  },
  {
    endpoint: 'DELETE /api/v1/lobbies/{id}/askers/{member}',
    id: 'own',
    statuses: [404, 403, 403, 403, 403, 404, 401, 401],
  },
  {
    endpoint: 'PATCH /api/v1/lobbies/{id}',
    id: 'other',
    body: title,
    statuses: [200, 403, 403, 403, 403, 404, 401, 401],
  },
  ...[
    { layout: 'de' },
    { restart: 'never', stopWhenEveryoneLeaves: true },
    { ...title, size: { width: 640, height: 480 } },
  ].map((body) => ({
    endpoint: 'PATCH /api/v1/lobbies/{id}',
    id: 'own' as const,
    body,
    statuses: ownersOnly(200),
  })),
  { endpoint: 'GET /api/v1/lobbies/{id}/output', id: 'own', statuses: ownersOnly(200) },
  { endpoint: 'GET /api/v1/keyboard-layouts', statuses: ownersOnly(200) },
  { endpoint: 'GET /api/v1/ended-lobbies', statuses: ownersOnly(200) },
  { endpoint: 'GET /api/v1/sessions', statuses: ownersOnly(200) },
  { endpoint: 'DELETE /api/v1/sessions/{id}', id: 'session', statuses: ownersOnly(204) },
  { endpoint: 'GET /api/v1/invitations', statuses: ownersOnly(200) },
  {
    endpoint: 'POST /api/v1/invitations',
    body: { lobbyId: 'nowhere', role: 'viewer' },
    statuses: ownersOnly(404),
  },
  { endpoint: 'POST /api/v1/sessions/{id}/lobby', id: 'session', body: { lobbyId: null }, statuses: ownersOnly(200) },
  {
    endpoint: 'PATCH /api/v1/members/{id}',
    id: 'member',
    body: { lobbyIds: [] },
    statuses: [200, 403, 403, 403, 403, 403, 401, 401],
  },
  { endpoint: 'DELETE /api/v1/invitations/{id}', id: 'invitation', statuses: ownersOnly(204) },
  { endpoint: 'GET /api/v1/invitations/offered', statuses: holdersOfLinks(200) },
  { endpoint: 'POST /api/v1/invitations/redeem', body: redemption, statuses: holdersOfLinks(403) },
  { endpoint: 'POST /api/v1/hand-overs', statuses: watchers(201) },
  { endpoint: 'POST /api/v1/hand-overs/redeem', body: { claim: redemption.claim }, statuses: everyone(401) },
  { endpoint: 'GET /api/v1/devices', statuses: watchers(200) },
  {
    endpoint: 'PATCH /api/v1/devices/{id}',
    id: 'ownersDevice',
    body: { name: 'TV' },
    statuses: [200, 404, 404, 404, 404, 403, 401, 401],
  },
  {
    endpoint: 'PATCH /api/v1/devices/{id}',
    id: 'device',
    body: { name: 'TV' },
    statuses: [200, 200, 404, 404, 404, 403, 401, 401],
  },
  { endpoint: 'DELETE /api/v1/devices/{id}', id: 'ownersDevice', statuses: [204, 404, 404, 404, 404, 403, 401, 401] },
  // The player has taken it away before the owner can.
  { endpoint: 'DELETE /api/v1/devices/{id}', id: 'device', statuses: [404, 204, 404, 404, 404, 403, 401, 401] },
  { endpoint: 'GET /api/v1/members', statuses: [200, 403, 403, 403, 403, 200, 401, 401] },
  {
    endpoint: 'PATCH /api/v1/members/{id}',
    id: 'member',
    body: { role: 'player' },
    statuses: [200, 403, 403, 403, 403, 200, 401, 401],
  },
  {
    endpoint: 'PATCH /api/v1/members/{id}',
    id: 'stranger',
    body: { role: 'player' },
    statuses: [200, 403, 403, 403, 403, 404, 401, 401],
  },
  // Whoever the app has shown out is not there for the owner any more.
  { endpoint: 'DELETE /api/v1/members/{id}', id: 'member', statuses: [404, 403, 403, 403, 403, 204, 401, 401] },
  { endpoint: 'DELETE /api/v1/members/{id}', id: 'stranger', statuses: [204, 403, 403, 403, 403, 404, 401, 401] },
  { endpoint: 'GET /api/v1/records', statuses: ownersOnly(200) },
  { endpoint: 'GET /api/v1/records/{id}', id: 'session', statuses: ownersOnly(200) },
  { endpoint: 'GET /api/v1/events', statuses: watchers(200) },
  { endpoint: 'GET /api/v1/signal', statuses: watchers(426) },
  { endpoint: 'GET /api/v1/openapi.json', statuses: everyone(200) },
  { endpoint: 'GET /metrics', statuses: ownersOnly(200) },
  { endpoint: 'GET /healthz', statuses: everyone(200) },
  { endpoint: 'DELETE /api/v1/lobbies/{id}', id: 'own', statuses: ownersOnly(204) },
]

/** One of everybody, and what they may try to get at. */
async function openHostService(t: TestContext) {
  const web = await openRunningWeb(t)
  const [own, other] = [await web.openLobby(), await web.openLobby()]
  const minute = { role: 'viewer', expiresInMs: 60_000 } as const
  const guests = {
    player: web.guest(own, 'player'),
    agent: web.guest(own, 'agent'),
    viewer: web.guest(own, 'viewer'),
    stranger: web.guest(other, 'player'),
  }
  const deviceOf = (memberId: string, fill: number) =>
    web.store.devices.add({ kind: 'key', hash: new Uint8Array(32).fill(fill), memberId, name: 'Device' })?.id ?? ''
  const ids: Ids = {
    own,
    other,
    session: web.host.createSession({ id: 'moon', name: 'Moon', role: 'player', lobbies: 'all' }).id,
    invitation: web.store.invitations.create({ ...minute, lobbyId: own }).invitation.id,
    member: web.guest(own, 'viewer').id,
    stranger: guests.stranger.id,
    app: 'memory',
    ownersDevice: deviceOf(web.store.ownerToken.memberId, 1),
    device: deviceOf(guests.player.id, 2),
  }
  const tokens: Readonly<Record<Who, string | undefined>> = {
    owner: web.ownerToken,
    player: guests.player.token,
    agent: guests.agent.token,
    viewer: guests.viewer.token,
    stranger: guests.stranger.token,
    app: web.appTokens.grant(own).env['PORCHLIGHT_TOKEN'],
    link: web.store.invitations.create({ ...minute, lobbyId: own, pinHash: new Uint8Array(48) }).token,
    nobody: undefined,
  }
  return { web, ids, tokens }
}

for (const { endpoint, id, body, statuses } of rows) {
  const [method = '', template = ''] = endpoint.split(' ')
  test(`${endpoint.replace('{id}', `:${id}`)} answers everybody as the rights say (${JSON.stringify(body)})`, async (t) => {
    const { web, ids, tokens } = await openHostService(t)
    const path = template.replace('{id}', id === undefined ? '' : ids[id]).replace('{seat}', 'gamepad-1')
    // An event stream would not end.
    const asked = path === '/api/v1/events' ? 'HEAD' : method
    // The owner comes last, since what he does cannot be done twice.
    for (const who of everybody.toReversed()) {
      const answer = await web.api(asked, path, { token: tokens[who], body })
      assert.equal(answer.status, statuses[everybody.indexOf(who)], `${who}: ${answer.text}`)
    }
  })
}

test('the matrix has every endpoint that is served', async (t) => {
  const web = await openRunningWeb(t)
  const { paths } = (await web.api('GET', '/api/v1/openapi.json')).json() as OpenApiDocument
  const served = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  assert.deepEqual(
    served.filter((endpoint) => !rows.some((row) => row.endpoint === endpoint)),
    [],
  )
})

test('a WebSocket for signalling is opened for those who may watch, and for nobody else', async (t) => {
  const { web, tokens } = await openHostService(t)
  for (const who of everybody) {
    const socket = new WebSocket(`ws://127.0.0.1:${web.port}/api/v1/signal`, [
      'porchlight.v1',
      `bearer.${tokens[who] ?? ''}`,
    ])
    const before = web.accepted.length
    // Whoever brings a token that opens nothing is told so on the WebSocket, which is as far as they get.
    await Promise.race([once(socket, 'open'), once(socket, 'unexpected-response')])
    const isLetIn = web.accepted.length > before
    assert.equal(isLetIn, ['owner', 'player', 'agent', 'viewer', 'stranger'].includes(who), who)
    socket.terminate()
  }
})

test('GET /lobbies shows each member what he may enter', async (t) => {
  const web = await openRunningWeb(t)
  const [own, other] = [await web.openLobby(), await web.openLobby()]
  const seen = async (token: string) => {
    const answer = await web.api('GET', '/api/v1/lobbies', { token })
    return v.parse(v.array(lobby), answer.json()).map(({ id }) => id)
  }
  assert.deepEqual(await seen(web.ownerToken), [own, other])
  assert.deepEqual(await seen(web.invite(other, 'viewer')), [other])
  assert.deepEqual(await seen(web.invite('gone', 'viewer')), [])
})
