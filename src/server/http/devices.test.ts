import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import * as v from 'valibot'
import { WebSocket } from 'ws'
import { openRunningWeb } from '../../../test/support/running-web.ts'
import { device, handedOver, handOver } from '../../wire/api/resources.ts'

async function openScene(t: TestContext) {
  const web = await openRunningWeb(t)
  const lobbyId = await web.openLobby()
  const ada = web.guest(lobbyId, 'player', 'Ada')
  const as = (token: string) => (method: string, path: string, body?: unknown) =>
    web.api(method, `/api/v1${path}`, { token, body })
  const list = async (token: string) => v.parse(v.array(device), (await as(token)('GET', '/devices')).json())
  /** The token of another device of whoever has this one. */
  const another = async (token: string) => {
    const { ticket } = v.parse(handOver, (await as(token)('POST', '/hand-overs')).json())
    const answer = await web.api('POST', '/api/v1/hand-overs/redeem', {
      token: ticket,
      body: { claim: 'c'.repeat(43) },
      headers: { 'User-Agent': 'Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0' },
    })
    return v.parse(handedOver, answer.json()).token
  }
  return { web, lobbyId, ada, as, list, another }
}

test('everybody sees, names and takes away devices of their own, the owner those of all', async (t) => {
  const { web, ada, as, list, another } = await openScene(t)
  const phone = await another(ada.token)
  web.clock.advance(1)
  await another(web.ownerToken)
  const [own, ...others] = await list(phone)
  assert.deepEqual([own?.name, own?.kind, own?.member?.name, others], ['Firefox on Android', 'token', 'Ada', []])
  assert.match(own?.fingerprint ?? '', /^([0-9A-F]{2}:){7}[0-9A-F]{2}$/)
  assert.ok(own?.lastSeenAt)
  const all = await list(web.ownerToken)
  assert.deepEqual(
    all.map(({ member }) => member?.name),
    ['Ada', 'Owner'],
  )
  const owners = all[1]?.id ?? ''
  const [asAda, asOwner] = [as(ada.token), as(web.ownerToken)]
  assert.equal((await asAda('PATCH', `/devices/${owners}`, { name: 'Mine' })).problem().code, 'device-not-found')
  assert.equal((await asAda('DELETE', `/devices/${owners}`)).status, 404)
  const renamed = v.parse(device, (await asAda('PATCH', `/devices/${own?.id}`, { name: " Ada's\n phone " })).json())
  assert.equal(renamed.name, "Ada's phone")
  assert.equal((await asOwner('PATCH', `/devices/${own?.id}`, { name: '' })).status, 400)
  assert.equal((await asOwner('DELETE', `/devices/${own?.id}`)).status, 204)
  assert.equal((await as(phone)('GET', '/me')).status, 401)
  assert.equal((await asAda('GET', '/me')).status, 200, 'other devices stay')
})

test('whoever is here on a device that is taken away is out at once, and nobody else', async (t) => {
  const { web, ada, as, list, another } = await openScene(t)
  const phone = await another(ada.token)
  const open = async (token: string) => {
    const socket = new WebSocket(`ws://127.0.0.1:${web.port}/api/v1/signal`, ['porchlight.v1', `bearer.${token}`])
    await once(socket, 'open')
    return socket
  }
  const [onPhone, elsewhere] = [await open(phone), await open(ada.token)]
  assert.deepEqual(
    web.accepted.map(({ member }) => member.device?.name),
    ['Firefox on Android', 'A program'],
  )
  const [session, other] = web.accepted.map(({ member }) => web.host.createSession(member))
  const [own] = await list(ada.token)
  assert.deepEqual(own?.sessions, [session?.id])
  const closed = once(onPhone, 'close')
  await as(web.ownerToken)('DELETE', `/devices/${own?.id}`)
  assert.equal((await closed)[0], 4401)
  assert.deepEqual(await session?.closed, { kind: 'clean', reason: 'revoked' })
  assert.deepEqual([...web.host.sessions.keys()], [other?.id])
  assert.equal(elsewhere.readyState, WebSocket.OPEN)
  elsewhere.close()
})

test('who came by a link as it is sees no device but the one that they are on', async (t) => {
  const { web, lobbyId, as, list, another } = await openScene(t)
  const link = web.invite(lobbyId, 'viewer')
  const one = await another(link)
  assert.deepEqual(await list(link), [])
  const [own, ...others] = await list(one)
  assert.deepEqual(others, [])
  assert.equal((await as(link)('DELETE', `/devices/${own?.id}`)).status, 404)
  assert.equal((await as(one)('DELETE', `/devices/${own?.id}`)).status, 204)
})

test('the limit of devices is told where a link for one more is made', async (t) => {
  const { web, ada, as } = await openScene(t)
  for (let index = 0; index < 32; index++) {
    web.store.devices.add({ kind: 'key', hash: new Uint8Array(32).fill(index), memberId: ada.id, name: 'Key' })
  }
  const refused = await as(ada.token)('POST', '/hand-overs')
  assert.deepEqual([refused.status, refused.problem().code], [429, 'too-many-devices'])
  assert.match(refused.problem().detail ?? '', /you have 32, the limit here\. Take one away first/)
})
