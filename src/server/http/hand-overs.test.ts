import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import * as v from 'valibot'
import { openRunningWeb } from '../../../test/support/running-web.ts'
import { handedOver, handOver, me } from '../../wire/api/resources.ts'

async function openScene(t: TestContext) {
  const web = await openRunningWeb(t)
  const lobbyId = await web.openLobby()
  const redeem = (ticket: string, claim = 'c'.repeat(43)) =>
    web.api('POST', '/api/v1/hand-overs/redeem', { token: ticket, body: { claim } })
  /** A token for another device of whoever has this one. */
  const another = async (token: string) => {
    const { ticket } = v.parse(handOver, (await web.api('POST', '/api/v1/hand-overs', { token })).json())
    return v.parse(handedOver, (await redeem(ticket)).json())
  }
  const whois = async (token: string) => {
    const answer = await web.api('GET', '/api/v1/me', { token })
    return answer.status === 200 ? v.parse(me, answer.json()).name : answer.status
  }
  return { web, lobbyId, redeem, another, whois }
}

test('a device that was handed over to is the same member, and goes with them', async (t) => {
  const { web, lobbyId, another, whois } = await openScene(t)
  const guest = web.guest(lobbyId, 'player', 'Ada')
  const device = await another(guest.token)
  assert.deepEqual([device.role, device.lobbyId], ['player', lobbyId])
  assert.equal(await whois(device.token), 'Ada')
  assert.equal(await whois((await another(device.token)).token), 'Ada', 'and can hand over in its turn')
  await web.api('DELETE', `/api/v1/members/${guest.id}`, { token: web.ownerToken })
  assert.equal(await whois(device.token), 401)
})

test("an owner's other device is the owner, until the owner token is replaced", async (t) => {
  const { web, another, whois } = await openScene(t)
  const device = await another(web.ownerToken)
  assert.equal(device.role, 'owner')
  assert.equal(await whois(device.token), 'Owner')
  web.store.ownerToken.replace()
  assert.equal(await whois(device.token), 401)
})

test('who came by a link as it is hands over as well, until it is revoked', async (t) => {
  const { web, lobbyId, another, whois } = await openScene(t)
  const { invitation, token } = web.store.invitations.create({ lobbyId, role: 'viewer', expiresInMs: 3600_000 })
  const device = await another(token)
  assert.equal(await whois(device.token), 'Viewer')
  web.store.invitations.revoke(invitation.id)
  assert.equal(await whois(device.token), 401)
})

test('a ticket is refused when it is used, unknown, malformed or that of somebody who was shown out', async (t) => {
  const { web, lobbyId, redeem } = await openScene(t)
  const guest = web.guest(lobbyId, 'player')
  const issue = async () =>
    v.parse(handOver, (await web.api('POST', '/api/v1/hand-overs', { token: guest.token })).json()).ticket
  const [used, unused] = [await issue(), await issue()]
  assert.equal((await redeem(used)).status, 200)
  const second = await redeem(used, 'd'.repeat(43))
  assert.deepEqual([second.status, second.problem().code], [401, 'unauthenticated'])
  assert.match(second.problem().detail ?? '', /Make another one on your other device/)
  assert.equal((await redeem('guess')).status, 401)
  assert.equal((await redeem(guest.token)).status, 401, 'a token is no ticket')
  assert.equal((await redeem(unused, 'short')).status, 400)
  await web.api('DELETE', `/api/v1/members/${guest.id}`, { token: web.ownerToken })
  assert.equal((await redeem(unused)).status, 401)
  for (let index = 0; index < 10; index++) await redeem(`guess ${index}`)
  assert.equal((await redeem('one guess more')).status, 429)
  assert.ok(!web.logged.join().includes(used))
})
