import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import * as v from 'valibot'
import { openRunningWeb } from '../../../test/support/running-web.ts'
import { lobby, me, member, session } from '../../wire/api/resources.ts'

/** Ada has come by a link to `games` and is there; there is a lobby `movies` as well. */
async function openScene(t: TestContext) {
  const web = await openRunningWeb(t)
  const [games, movies] = [await web.openLobby(), await web.openLobby()]
  const ada = web.guest(games, 'viewer')
  const asOwner = (method: string, path: string, body?: unknown) =>
    web.api(method, `/api/v1${path}`, { token: web.ownerToken, body })
  const whoami = async () => v.parse(me, (await web.api('GET', '/api/v1/me', { token: ada.token })).json())
  const here = web.host.createSession({ id: ada.id, name: 'Ada', role: 'viewer', lobbies: [games] })
  await here.join(games)
  const send = (body: unknown) => asOwner('POST', `/sessions/${here.id}/lobby`, body)
  return { web, games, movies, ada, here, asOwner, whoami, send }
}

test('the owner sees who is here: on what, by which path, where, with which seats', async (t) => {
  const { web, games, here, asOwner } = await openScene(t)
  const device = { id: 'tv', kind: 'certificate', name: 'Living room' } as const
  const other = web.host.createSession({ id: 'bob', name: 'Bob', role: 'player', lobbies: 'all', device })
  await other.join(games)
  other.changeSeat('gamepad-1', { do: 'request' })
  other.observe({
    kind: 'path',
    path: 'web-port',
    local: 'tcp 10.0.0.1:8080',
    remote: 'tcp 10.0.0.2:4711',
    gateway: 'browser',
  })
  const listed = v.parse(v.array(session), (await asOwner('GET', '/sessions')).json())
  const [ada, bob] = listed
  assert.deepEqual([ada?.id, ada?.lobbyId, ada?.device, ada?.path, ada?.seats], [here.id, games, null, null, []])
  assert.deepEqual([bob?.device, bob?.seats, bob?.memberId], [device, ['gamepad-1'], 'bob'])
  assert.deepEqual(
    [bob?.path?.path, bob?.path?.wire, bob?.path?.remote],
    ['web-port', 'websocket', 'tcp 10.0.0.2:4711'],
  )
})

test('a guest of one lobby is sent to another only when the owner opens it to them, and keeps their role', async (t) => {
  const { web, games, movies, ada, here, whoami, send } = await openScene(t)
  const refused = await send({ lobbyId: movies })
  assert.deepEqual([refused.status, refused.problem().code], [409, 'not-admitted'])
  assert.match(refused.problem().detail ?? '', /as viewer/)
  assert.deepEqual([here.place.value.lobbyId, (await whoami()).lobbyIds], [games, [games]])
  const sent = await send({ lobbyId: movies, admit: true, reason: ' The film\n begins ' })
  assert.equal(v.parse(session, sent.json()).lobbyId, movies)
  assert.deepEqual(here.place.value.sent, { by: 'Owner', reason: 'The film begins' })
  assert.deepEqual(await whoami().then(({ role, lobbyIds }) => [role, lobbyIds]), ['viewer', [games, movies]])
  const seen = await web.api('GET', '/api/v1/lobbies', { token: ada.token })
  assert.deepEqual(
    v.parse(v.array(lobby), seen.json()).map(({ id }) => id),
    [games, movies],
  )
})

test('a lobby that is closed to a guest again is left at once, that of their link cannot be closed', async (t) => {
  const { games, movies, ada, here, asOwner, send } = await openScene(t)
  await send({ lobbyId: movies, admit: true })
  const changed = v.parse(member, (await asOwner('PATCH', `/members/${ada.id}`, { lobbyIds: [] })).json())
  assert.deepEqual(changed.lobbyIds, [games])
  assert.deepEqual([here.place.value.kind, here.place.value.lobbyId], ['waiting-room', undefined])
})

test('whoever came by a link as it is, an unknown session and an unknown lobby are refused', async (t) => {
  const { web, games, movies, asOwner, send } = await openScene(t)
  const anonymous = web.host.createSession({ id: 'link', name: 'Viewer', role: 'viewer', lobbies: [games] })
  const shared = await asOwner('POST', `/sessions/${anonymous.id}/lobby`, { lobbyId: movies, admit: true })
  assert.deepEqual([shared.status, shared.problem().code], [409, 'not-admitted'])
  assert.equal(
    (await asOwner('POST', '/sessions/nobody/lobby', { lobbyId: movies })).problem().code,
    'session-not-found',
  )
  assert.equal((await send({ lobbyId: 'nowhere', admit: true })).problem().code, 'lobby-not-found')
  for (const body of [{}, { lobbyId: 7 }, { lobbyId: movies, more: 1 }, { lobbyId: movies, reason: 'x'.repeat(201) }]) {
    assert.equal((await send(body)).status, 400, JSON.stringify(body))
  }
})
