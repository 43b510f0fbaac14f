import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectTo } from 'node:net'
import { test, type TestContext } from 'node:test'
import * as v from 'valibot'
import { WebSocket } from 'ws'
import { eventually } from '../../../test/support/eventually.ts'
import { visitorOf } from '../../http/visitor-of.ts'
import { silentLog } from '../../kernel/log.ts'
import { systemClock } from '../../kernel/clock.ts'
import { openMemoryPartyRecords } from '../../store/memory-party-records.ts'
import { partyAnswer, partyMadeAnswer, problemAnswer, relaysAnswer } from '../../wire/party/calls.ts'
import { partyServerMessage, type PartyServerMessage } from '../../wire/party/socket.ts'
import { PartyRegistry } from '../registry/party-registry.ts'
import { openControlPlane } from './open-control-plane.ts'

const eager = { registrations: { perSecond: 1000, burst: 1000 }, parties: { perSecond: 1000, burst: 1000 } }

async function open(t: TestContext, { paces }: { paces: 'eager' | 'usual' } = { paces: 'eager' }) {
  const registry = await PartyRegistry.open({ records: openMemoryPartyRecords(), clock: systemClock, log: silentLog })
  const plane = await openControlPlane({
    registry,
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    log: silentLog,
    paces: paces === 'eager' ? eager : undefined,
  })
  t.after(() => plane.close())
  const origin = `127.0.0.1:${plane.address.port}`
  const ask = async (method: string, path: string, options: { token?: string; body?: unknown } = {}) => {
    const { token, body } = options
    const response = await fetch(`http://${origin}${path}`, {
      method,
      headers: { ...(token !== undefined && { Authorization: `Bearer ${token}` }) },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    return {
      status: response.status,
      headers: response.headers,
      json: (await response.json()) as Record<string, unknown>,
    }
  }
  const register = async (peerId: string) => {
    const { json } = await ask('POST', `/auth/register?peer_id=${peerId}`)
    return String(json['token'])
  }
  return { registry, plane, origin, ask, register }
}

function info(peerId: string, more: Record<string, unknown> = {}) {
  return {
    peer_id: peerId,
    name: peerId,
    public_key: 'key',
    nat_type: 'full_cone',
    public_ip: '198.51.100.1',
    public_port: 4000,
    local_ip: '10.0.0.2',
    local_port: 4000,
    last_seen: '2026-11-30T12:00:00',
    ...more,
  }
}

/** What a client of old makes records of: exactly these keys. */
const peerKeys = [
  'peer_id',
  'name',
  'public_key',
  'nat_type',
  'public_ip',
  'public_port',
  'local_ip',
  'local_port',
  'last_seen',
]

test('a client makes a party, another one joins, both see it, and it is over when the host leaves', async (t) => {
  const { ask, register } = await open(t)
  const [ada, bob] = [await register('ada'), await register('bob')]
  const made = await ask('POST', '/parties', { token: ada, body: { name: 'Friday', host_peer_info: info('ada') } })
  const { party_id: id } = v.parse(partyMadeAnswer, made.json)
  const joined = await ask('POST', `/parties/${id}/join`, {
    token: bob,
    body: { party_id: id, peer_info: info('bob') },
  })
  const { party, virtual_addresses: addresses } = v.parse(partyAnswer, joined.json)
  assert.deepEqual(Object.keys(party), ['party_id', 'name', 'host_id', 'created_at', 'peers'])
  assert.deepEqual(Object.keys(party.peers['bob'] ?? {}), peerKeys)
  assert.match(party.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/, 'as Python 3.10 reads it')
  assert.match(addresses['bob'] ?? '', /^10\.66\.\d+\.\d+\/16$/)
  assert.deepEqual(Object.keys((await ask('GET', `/parties/${id}/peers`, { token: bob })).json['peers'] as object), [
    'ada',
    'bob',
  ])
  assert.equal((await ask('GET', `/parties/${id}/peers/nobody`, { token: bob })).status, 404)
  assert.deepEqual((await ask('POST', `/parties/${id}/peers/bob/heartbeat`, { token: bob })).json, { status: 'ok' })
  assert.deepEqual((await ask('DELETE', `/parties/${id}/peers/bob`, { token: bob })).json, { status: 'left' })
  assert.deepEqual((await ask('DELETE', `/parties/${id}/peers/ada`, { token: ada })).json, { status: 'party_deleted' })
  assert.equal((await ask('GET', `/parties/${id}`, { token: ada })).status, 404)
})

test('a relay tells how it is doing, is found by whoever is registered, and goes when it says so', async (t) => {
  const { ask, register } = await open(t)
  const [relay, ada] = [await register('relay-1'), await register('ada')]
  const said = { relay_id: 'relay-1', public_ip: '198.51.100.7', port: 3478, region: 'eu', capacity: 10 }
  const reported = await ask('POST', '/relays', { token: relay, body: { ...said, sessions: 4 } })
  assert.deepEqual(reported.json, { status: 'registered', relay_id: 'relay-1' })
  for (const path of ['/relays?near=eu', '/relays/eu']) {
    const { relays, standing } = v.parse(relaysAnswer, (await ask('GET', path, { token: ada })).json)
    const { registered_at: at, ...known } = relays[0] ?? assert.fail(path)
    assert.deepEqual([known, standing], [said, { 'relay-1': { sessions: 4, well: true } }])
    assert.match(at, /\+00:00$/)
  }
  assert.equal((await ask('DELETE', '/relays/relay-1', { token: ada })).status, 403)
  assert.deepEqual((await ask('DELETE', '/relays/relay-1', { token: relay })).json, { status: 'gone' })
  assert.deepEqual((await ask('GET', '/relays', { token: ada })).json, { relays: [], standing: {} })
})

test('nobody acts for another peer, sees a party that lets in by a code, or takes an id that is taken', async (t) => {
  const { ask, register } = await open(t)
  const [ada, eve] = [await register('ada'), await register('eve')]
  const body = { name: 'Friday', host_peer_info: info('ada'), admission: 'code' }
  assert.equal((await ask('POST', '/parties', { token: eve, body })).status, 403)
  const made = await ask('POST', '/parties', { token: ada, body })
  const { party_id: id, code = '' } = v.parse(partyMadeAnswer, made.json)
  const tries = [
    [401, 'GET', `/parties/${id}`, undefined, undefined],
    [403, 'GET', `/parties/${id}`, eve, undefined],
    [403, 'POST', `/parties/${id}/join`, eve, { peer_info: info('eve') }],
    [403, 'POST', `/parties/${id}/join`, eve, { peer_info: info('eve'), code: 'AAAAA-AAAAA' }],
    [403, 'POST', `/parties/${id}/join`, eve, { peer_info: info('ada'), code }],
    [403, 'DELETE', `/parties/${id}/peers/ada`, eve, undefined],
    [403, 'DELETE', `/parties/${id}`, eve, undefined],
    [403, 'POST', `/parties/${id}/peers/ada/heartbeat`, eve, undefined],
    [403, 'PUT', `/parties/${id}/peers/ada`, eve, { peer_info: info('ada') }],
    [403, 'POST', '/relays', eve, { relay_id: 'ada', public_ip: '198.51.100.1', port: 1, region: 'eu', capacity: 1 }],
    [409, 'POST', '/auth/register?peer_id=ada', eve, undefined],
    [409, 'POST', '/auth/register?peer_id=ada', undefined, undefined],
    [401, 'GET', '/relays', 'x'.repeat(2000), undefined],
  ] as const
  for (const [status, method, path, token, sent] of tries) {
    const answer = await ask(method, path, { ...(token !== undefined && { token }), ...(sent && { body: sent }) })
    assert.equal(answer.status, status, `${method} ${path}`)
    assert.equal(typeof v.parse(problemAnswer, answer.json).detail, 'string')
  }
  assert.equal(
    (await ask('POST', `/parties/${id}/join`, { token: eve, body: { peer_info: info('eve'), code } })).status,
    200,
  )
  assert.equal(
    (await ask('DELETE', `/parties/${id}/peers/eve`, { token: ada })).status,
    200,
    'the host may take others away',
  )
})

test('whatever is no request is refused with its reason, and nothing is made of it', async (t) => {
  const { ask, register, registry } = await open(t)
  const ada = await register('ada')
  const party = (host: unknown, name: unknown = 'Friday') => ({ name, host_peer_info: host })
  const bodies = [
    '',
    '{',
    'null',
    '[]',
    '"x"',
    '['.repeat(5000),
    `{"name":"${'x'.repeat(20_000)}"}`,
    party(info('ada'), ''),
    party(info('ada'), 'x'.repeat(101)),
    party(info('ada'), 'a\u0000b'),
    party(info('a/b')),
    party(info('ada', { public_ip: 'not an address' })),
    party(info('ada', { public_port: 70_000 })),
    party(info('ada', { public_port: -1 })),
    party(info('ada', { nat_type: 'wide_open' })),
    party(info('ada', { public_key: 'x'.repeat(1000) })),
    party({ ...info('ada'), peer_id: { $gt: '' } }),
  ]
  for (const body of bodies) {
    const answer = await ask('POST', '/parties', { token: ada, body })
    assert.equal(answer.status, 422, JSON.stringify(body).slice(0, 60))
    assert.equal(typeof answer.json['detail'], 'string')
  }
  assert.equal((await ask('POST', '/auth/register')).status, 422)
  assert.equal((await ask('POST', '/auth/register?peer_id=a%20b')).status, 422)
  const wrong = await ask('PATCH', '/parties', { token: ada })
  assert.deepEqual([wrong.status, wrong.headers.get('allow')], [405, 'POST'])
  assert.equal((await ask('GET', '/no/such/thing')).status, 404)
  assert.equal(registry.partyCount, 0)
})

test('who registers a thousand peers, or makes a thousand parties, is slowed down', async (t) => {
  const { ask } = await open(t, { paces: 'usual' })
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, index) => ask('POST', `/auth/register?peer_id=p${index}`)),
  )
  const statuses = Map.groupBy(answers, ({ status }) => status)
  assert.equal(statuses.get(200)?.length, 20)
  assert.equal(statuses.get(429)?.length, 40)
})

test('by WebSocket a party is made and joined, its members hear of it at once, and signals reach members alone', async (t) => {
  const { origin, register } = await open(t)
  await using ada = await connect(origin, 'ada', await register('ada'))
  await using bob = await connect(origin, 'bob')
  await using eve = await connect(origin, 'eve')
  ada.say({ type: 'register_party', party_id: 'lan-1', name: 'Friday', host_peer: info('ada') })
  await ada.hears(({ type }) => type === 'party_update')
  bob.say({ type: 'join_party', party_id: 'lan-1', peer: info('bob') })
  await ada.hears((message) => message.type === 'peer_joined' && message.peer.peer_id === 'bob')
  const update = await bob.hears(({ type }) => type === 'party_update')
  assert.ok(update.type === 'party_update')
  assert.deepEqual(Object.keys(update.party.peers), ['ada', 'bob'])
  const signal = {
    type: 'signal',
    party_id: 'lan-1',
    from_peer_id: 'bob',
    to_peer_id: 'ada',
    signal_data: { sdp: 'x' },
  }
  bob.say(signal)
  assert.deepEqual(await ada.hears(({ type }) => type === 'signal'), signal)
  eve.say({ ...signal, from_peer_id: 'eve' })
  assert.match(await eve.hearsError(), /in that party/)
  eve.say(signal)
  assert.match(await eve.hearsError(), /another peer/)
  eve.say({ type: 'leave_party', party_id: 'lan-1', peer_id: 'bob' })
  assert.match(await eve.hearsError(), /another peer/)
  eve.say({ type: 'register_party', party_id: 'lan-1', name: 'Mine', host_peer: info('eve') })
  assert.match(await eve.hearsError(), /somebody else/)
  ada.say({ type: 'leave_party', party_id: 'lan-1', peer_id: 'ada' })
  await bob.hears((message) => message.type === 'peer_left' && message.peer_id === 'bob')
})

test('a connection that does not say who it is, or says what nobody may, ends with its reason', async (t) => {
  const { origin, register, plane } = await open(t)
  await register('ada')
  const wrong = [
    'x',
    '{}',
    '{"type":"heartbeat","party_id":"x","peer_id":"x"}',
    '{"type":"auth","peer_id":"ada"}',
    '{"type":"auth","peer_id":"ada","token":"wrong"}',
    Buffer.from('binary'),
  ]
  for (const first of wrong) {
    const socket = new WebSocket(`ws://${origin}/ws`)
    await once(socket, 'open')
    socket.send(first)
    const [code] = (await once(socket, 'close')) as [number]
    assert.equal(code, 1008, String(first))
  }
  await using bob = await connect(origin, 'bob')
  bob.say({ type: 'auth', peer_id: 'cleo' })
  const [code] = (await once(bob.socket, 'close')) as [number]
  assert.equal(code, 1008, 'one introduces oneself once')
  const elsewhere = new WebSocket(`ws://${origin}/other`)
  const [error] = (await once(elsewhere, 'error')) as [Error]
  assert.match(error.message, /404/)
  await eventually(
    () => plane.sockets,
    (count) => count === 0,
    { what: 'no connection that is left' },
  )
})

test('nobody makes a token for who is connected without one, and by WebSocket one is slowed down as by HTTP', async (t) => {
  const { origin, ask } = await open(t, { paces: 'usual' })
  await using bob = await connect(origin, 'bob')
  for (let party = 0; party < 21; party++)
    bob.say({ type: 'register_party', party_id: `lan-${party}`, name: 'Friday', host_peer: info('bob') })
  assert.match(await bob.hearsError(), /Slower/)
  assert.equal((await ask('POST', '/auth/register?peer_id=bob')).status, 409)
  bob.socket.terminate()
  await eventually(
    () => ask('POST', '/auth/register?peer_id=bob'),
    ({ status }) => status === 200,
    { what: 'an id that is free again' },
  )
})

test('an upgrade whose address cannot be read is refused, and the plane goes on', async (t) => {
  const { plane, ask } = await open(t)
  for (const path of ['//', 'http://[', '/%', '/ws/../x']) {
    const socket = connectTo(plane.address.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`)
    socket.resume()
    await once(socket, 'close')
  }
  assert.equal((await ask('GET', '/healthz')).status, 200)
})

test('a proxy on this machine says for whom it asks, and nobody else is believed', () => {
  const from = (remoteAddress: string, told?: string) =>
    visitorOf({ socket: { remoteAddress }, headers: told === undefined ? {} : { 'x-forwarded-for': told } })
  assert.equal(from('127.0.0.1', '10.0.0.1, 198.51.100.7'), '198.51.100.7')
  assert.equal(from('::ffff:127.0.0.1', '2001:db8:1:2::9'), '2001:db8:1:2::/64')
  assert.equal(from('::1', 'nobody'), '0:0:0:0::/64')
  assert.equal(from('203.0.113.5', '198.51.100.7'), '203.0.113.5')
})

/** A peer's end, with what it has heard. */
async function connect(origin: string, peerId: string, token?: string) {
  const socket = new WebSocket(`ws://${origin}/ws`)
  const heard: PartyServerMessage[] = []
  socket.on('message', (data) => heard.push(v.parse(partyServerMessage, JSON.parse((data as Buffer).toString('utf8')))))
  await once(socket, 'open')
  const say = (message: object) => socket.send(JSON.stringify(message))
  const hears = async (wanted: (message: PartyServerMessage) => boolean) => {
    const find = () => heard.findIndex(wanted)
    const index = await eventually(find, (found) => found >= 0, { what: 'a message' })
    const [message] = heard.splice(index, 1)
    assert.ok(message)
    return message
  }
  say({ type: 'auth', version: '1.0', client: 'test', peer_id: peerId, ...(token !== undefined && { token }) })
  return {
    socket,
    say,
    hears,
    async hearsError() {
      const message = await hears(({ type }) => type === 'error')
      return message.type === 'error' ? message.message : ''
    },
    async [Symbol.asyncDispose]() {
      socket.terminate()
    },
  }
}
