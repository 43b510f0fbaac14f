import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { WebSocket } from 'ws'
import { eventually } from '../../../test/support/eventually.ts'
import { MemoryParties, partiesOf } from '../../../test/support/memory-parties.ts'
import { openRunningWeb } from '../../../test/support/running-web.ts'
import { PartySource } from '../auth/party-source.ts'

async function open(t: TestContext) {
  const world = new MemoryParties()
  const member = await world.openMember('here')
  const { manager } = member
  t.after(() => manager.close())
  const web = await openRunningWeb(t, { parties: partiesOf(member) })
  const register = async (peerId: string) => {
    const answer = await web.api('POST', `/auth/register?peer_id=${peerId}`)
    return (answer.json() as { token: string }).token
  }
  return { world, manager, web, register }
}

const peer = (peerId: string, name = peerId) => ({ peer_id: peerId, name, public_key: '' })

test('a host is asked as a control plane at its web port, and makes parties for itself alone', async (t) => {
  const { manager, web, register } = await open(t)
  const token = await register('eve')
  const made = await web.api('POST', '/parties', { token, body: { name: 'Hers', host_peer_info: peer('eve') } })
  assert.deepEqual([made.status, made.problem().code], [403, 'not-served'])
  const relay = { relay_id: 'eve', public_ip: '192.0.2.1', port: 4000, region: 'eu', capacity: 1 }
  assert.equal((await web.api('POST', '/relays', { token, body: relay })).status, 403)

  const ticket = await manager.createParty({ name: 'Friday' })
  const { partyId } = ticket
  // What clients of the wire know of a code is its first part.
  const code = ticket.code.slice(0, 11)
  const join = (body: object) => web.api('POST', `/parties/${partyId}/join`, { token, body })
  assert.equal((await join({ peer_info: peer('eve') })).problem().code, 'code-required')
  assert.equal((await join({ peer_info: peer('eve'), code: '00000-00000' })).problem().code, 'wrong-code')
  assert.equal((await join({ peer_info: peer('ada'), code })).problem().code, 'not-yours')
  assert.equal((await join({ peer_info: peer('eve', 'x'.repeat(101)), code })).status, 422)
  assert.equal((await join({ peer_info: peer('eve'), code })).status, 200)
  const stale = { token: `${'x'.repeat(43)}.${Buffer.from('eve').toString('base64url')}` }
  assert.equal((await web.api('GET', `/parties/${partyId}`, stale)).status, 401)
})

test('the control plane of a host keeps the rules of its web port', async (t) => {
  const { web } = await open(t)
  const elsewhere = { headers: { Host: 'evil.example' } }
  assert.equal((await web.api('POST', '/auth/register?peer_id=x', elsewhere)).status, 421)
  const foreign = { headers: { Origin: 'https://evil.example' } }
  assert.equal((await web.api('POST', '/auth/register?peer_id=x', foreign)).status, 403)
  const socket = new WebSocket(`ws://127.0.0.1:${web.port}/ws`, { headers: { Origin: 'https://evil.example' } })
  const [error] = (await once(socket, 'error')) as [Error]
  assert.match(error.message, /403/)
  assert.equal((await web.api('GET', '/parties/openapi.json')).status, 200)
})

test('by the web port a peer says who it is before all else, and signals reach no stranger', async (t) => {
  const { manager, web, register } = await open(t)
  const { partyId } = await manager.createParty({ name: 'Friday' })
  const token = await register('eve')
  const socket = new WebSocket(`ws://127.0.0.1:${web.port}/ws`)
  await once(socket, 'open')
  const heard = once(socket, 'message')
  socket.send(JSON.stringify({ type: 'auth', version: '1.0', client: 'test', peer_id: 'eve', token }))
  const to = { party_id: partyId, from_peer_id: 'eve', to_peer_id: manager.me, signal_data: {} }
  socket.send(JSON.stringify({ type: 'signal', ...to }))
  const [message] = (await heard) as [Buffer]
  assert.match(String(message), /"error".*both have to be in that party/i)
  socket.close()
  const rude = new WebSocket(`ws://127.0.0.1:${web.port}/ws`)
  await once(rude, 'open')
  rude.send(JSON.stringify({ type: 'signal', ...to }))
  const [code] = (await once(rude, 'close')) as [number]
  assert.equal(code, 1008)
})

test('a member of the party is let in as the owner says, and only while both are in it', async () => {
  let may: 'watch' | 'play' | 'see' = 'watch'
  let isIn = true
  const bob = { id: 'bob', name: 'Bob' } as never
  const source = new PartySource({ peers: () => (isIn ? [bob] : []), permissionOf: () => may })
  const token = source.issue('bob') ?? ''
  const admit = async () => {
    const admitted = await source.admit({ kind: 'token', token })
    return admitted?.ok ? admitted.member.role : admitted?.reason
  }
  assert.equal(await admit(), 'viewer')
  may = 'play'
  assert.equal(await admit(), 'player')
  may = 'see'
  assert.equal(await admit(), 'removed')
  assert.equal(source.issue('bob'), undefined)
  may = 'play'
  isIn = false
  assert.equal(await admit(), 'removed')
  assert.equal((await source.asOfNow({ id: 'party-bob' }))?.ok, false)
  isIn = true
  // The oldest of many tokens gives way.
  for (let count = 0; count < 16; count++) source.issue('bob')
  assert.equal(await admit(), undefined)
  assert.equal(source.issue('stranger'), undefined)
})

test('what changes of a party is told to the owner as it happens, and nothing of it to guests', async (t) => {
  const { manager, web } = await open(t)
  const lobbyId = await web.openLobby()
  const listen = async (token: string) => {
    const heard: { type: string; change?: { of: string; party?: { usualMay: string }; peer?: { name: string } } }[] = []
    const leaving = new AbortController()
    t.after(() => leaving.abort())
    const url = `http://127.0.0.1:${web.port}/api/v1/events`
    const { body } = await fetch(url, { headers: { Authorization: `Bearer ${token}` }, signal: leaving.signal })
    assert.ok(body)
    const read = async () => {
      for await (const text of body.pipeThrough(new TextDecoderStream())) {
        for (const [, data] of text.matchAll(/^data: (.*)$/gm)) heard.push(JSON.parse(data ?? ''))
      }
    }
    read().catch(() => {})
    return heard
  }
  const owner = await listen(web.ownerToken)
  const guest = await listen(web.guest(lobbyId, 'player').token)
  const untilHeard = async (what: string, isSo: () => boolean) => {
    await eventually(
      async () => (web.clock.advance(250), isSo()),
      (so) => so,
      { what },
    )
  }
  const { code } = await manager.createParty({ name: 'Friday' })
  await untilHeard('the owner of the party', () => owner.some(({ change }) => change?.peer?.name === 'here'))
  const { status } = await web.api('PUT', '/api/v1/party/rights', {
    token: web.ownerToken,
    body: { peerId: null, may: 'play' },
  })
  assert.equal(status, 200)
  // The second part of the code is in nothing that is told unasked, but where it is asked for.
  const [view, invitation] = await Promise.all(
    ['party', 'party/invitation'].map((path) => web.api('GET', `/api/v1/${path}`, { token: web.ownerToken })),
  )
  const secret = code.slice(12)
  assert.ok(invitation?.text.includes(code) && view?.text.includes('Friday'))
  assert.ok(!view?.text.includes(secret) && !JSON.stringify(owner).includes(secret))
  await untilHeard('the owner of a right', () => owner.some(({ change }) => change?.party?.usualMay === 'play'))
  await manager.leaveParty()
  await untilHeard('the owner of who left', () => owner.some(({ change }) => change?.of === 'peer-left'))
  // What everybody hears of tells that the guest would have heard of the rest.
  await web.api('PATCH', `/api/v1/lobbies/${lobbyId}`, { token: web.ownerToken, body: { title: 'Renamed' } })
  await untilHeard('the guest of their lobby', () => guest.some(({ type }) => type === 'lobby'))
  assert.deepEqual(
    guest.filter(({ type }) => type === 'party'),
    [],
  )
})
