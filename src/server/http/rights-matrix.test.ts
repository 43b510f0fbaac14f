import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as v from 'valibot'
import { openRunningWeb } from '../../../test/support/running-web.ts'
import { lobby } from '../../wire/api/resources.ts'

type Who = 'owner' | 'player' | 'viewer' | 'stranger' | 'nobody'
const everybody: readonly Who[] = ['owner', 'player', 'viewer', 'stranger', 'nobody']

interface Row {
  readonly method: string
  readonly path: (ids: { own: string; other: string; session: string; invitation: string }) => string
  readonly body?: unknown
  /** Statuses in the order of {@link everybody}; a stranger was invited to another lobby. */
  readonly statuses: readonly [number, number, number, number, number]
}

const invite = { lobbyId: 'nowhere', role: 'viewer' }
const rows: readonly Row[] = [
  { method: 'GET', path: () => '/api/v1/me', statuses: [200, 200, 200, 200, 401] },
  { method: 'GET', path: () => '/api/v1/host', statuses: [200, 403, 403, 403, 401] },
  { method: 'GET', path: () => '/api/v1/apps', statuses: [200, 403, 403, 403, 401] },
  { method: 'GET', path: () => '/api/v1/lobbies', statuses: [200, 200, 200, 200, 401] },
  { method: 'POST', path: () => '/api/v1/lobbies', body: { appId: 'none' }, statuses: [404, 403, 403, 403, 401] },
  { method: 'GET', path: ({ own }) => `/api/v1/lobbies/${own}`, statuses: [200, 200, 200, 404, 401] },
  { method: 'GET', path: ({ other }) => `/api/v1/lobbies/${other}`, statuses: [200, 404, 404, 200, 401] },
  {
    method: 'PATCH',
    path: ({ own }) => `/api/v1/lobbies/${own}`,
    body: { title: 'New' },
    statuses: [200, 403, 403, 403, 401],
  },
  { method: 'GET', path: ({ own }) => `/api/v1/lobbies/${own}/output`, statuses: [200, 403, 403, 403, 401] },
  { method: 'GET', path: () => '/api/v1/ended-lobbies', statuses: [200, 403, 403, 403, 401] },
  { method: 'GET', path: ({ own }) => `/api/v1/lobbies/${own}/thumbnail`, statuses: [200, 200, 200, 404, 401] },
  { method: 'GET', path: () => '/api/v1/sessions', statuses: [200, 403, 403, 403, 401] },
  { method: 'DELETE', path: ({ session }) => `/api/v1/sessions/${session}`, statuses: [204, 403, 403, 403, 401] },
  { method: 'GET', path: () => '/api/v1/invitations', statuses: [200, 403, 403, 403, 401] },
  { method: 'POST', path: () => '/api/v1/invitations', body: invite, statuses: [404, 403, 403, 403, 401] },
  {
    method: 'DELETE',
    path: ({ invitation }) => `/api/v1/invitations/${invitation}`,
    statuses: [204, 403, 403, 403, 401],
  },
  { method: 'GET', path: () => '/api/v1/records', statuses: [200, 403, 403, 403, 401] },
  {
    method: 'GET',
    path: ({ session }) => `/api/v1/records/${session}`,
    statuses: [200, 403, 403, 403, 401],
  },
  { method: 'HEAD', path: () => '/api/v1/events', statuses: [200, 200, 200, 200, 401] },
  { method: 'GET', path: () => '/api/v1/signal', statuses: [426, 426, 426, 426, 401] },
  { method: 'GET', path: () => '/api/v1/nothing', statuses: [404, 404, 404, 404, 401] },
  { method: 'GET', path: () => '/metrics', statuses: [200, 403, 403, 403, 401] },
  { method: 'GET', path: () => '/healthz', statuses: [200, 200, 200, 200, 200] },
  { method: 'DELETE', path: ({ own }) => `/api/v1/lobbies/${own}`, statuses: [204, 403, 403, 403, 401] },
]

for (const row of rows) {
  const sample = row.path({ own: ':own', other: ':other', session: ':session', invitation: ':invitation' })
  test(`${row.method} ${sample} answers everybody as the rights say`, async (t) => {
    const web = await openRunningWeb(t)
    const [own, other] = [await web.openLobby(), await web.openLobby()]
    const session = web.host.createSession({ id: 'moon', name: 'Moon', role: 'player', lobbyId: undefined }).id
    const invitation = web.store.invitations.create({ lobbyId: own, role: 'viewer', expiresInMs: 60_000 }).invitation.id
    const tokens: Readonly<Record<Who, string | undefined>> = {
      owner: web.ownerToken,
      player: web.invite(own, 'player'),
      viewer: web.invite(own, 'viewer'),
      stranger: web.invite(other, 'player'),
      nobody: undefined,
    }
    // The owner comes last, since what he does cannot be done twice.
    for (const who of everybody.toReversed()) {
      const path = row.path({ own, other, session, invitation })
      const answer = await web.api(row.method, path, { token: tokens[who], body: row.body })
      assert.equal(answer.status, row.statuses[everybody.indexOf(who)], `${who}: ${answer.text}`)
    }
  })
}

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
