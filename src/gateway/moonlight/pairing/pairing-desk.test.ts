import assert from 'node:assert/strict'
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import type { Member } from '../../../domain/member.ts'
import { ManualClock } from '../../../kernel/manual-clock.ts'
import { planConversation } from '../../../kernel/monitor/conversation.ts'
import { replayConversation } from '../../../kernel/monitor/recording.ts'
import { moonlightPairing } from '../../../wire/moonlight/protocol.ts'
import { ClientIdentity, PairingClient } from '../../../../test/support/moonlight/pairing-client.ts'
import { PairingDesk, type PinGiven } from './pairing-desk.ts'

const host = new ClientIdentity()
const tv = new ClientIdentity()
const never = new AbortController().signal
const member: Member = { id: 'ada', name: 'Ada', role: 'player', lobbies: 'all' }
const ada = { member, deviceName: 'TV' }

test('a client that shows the PIN that is typed is kept as a device of who typed it', async () => {
  const { desk, kept } = openDesk()
  const client = new PairingClient(tv, '0427')
  const begun = desk.begin('tv', '192.0.2.7', client.salt.toString('hex'), client.certificateDigits, never)
  const [request] = desk.requests
  assert.equal(request?.address, '192.0.2.7')
  desk.type(request?.id ?? '', { pin: '0427', ...ada })
  assert.equal(await begun, true)
  assert.deepEqual(desk.requests, [])
  const secret = desk.answer('tv', client.respond(desk.challenge('tv', client.challenge())))
  assert.ok(client.trusts(secret, host.certificate))
  assert.equal(await desk.prove('tv', client.prove()), true)
  assert.deepEqual(kept, [
    { fingerprint: tv.x509.fingerprint256.replaceAll(':', '').toLowerCase(), pin: '0427', ...ada },
  ])
  await assert.rejects(desk.prove('tv', client.prove()), { code: 'out-of-order' })
})

test('a wrong PIN is noticed by both ends, and after five of them the address has to wait', async () => {
  const { desk, kept, clock } = openDesk()
  for (let attempt = 0; attempt < 5; attempt++) assert.equal(await pairWrongly(desk), false)
  await assert.rejects(pairWrongly(desk), { code: 'too-many-attempts' })
  clock.advance(10 * 60_000)
  assert.equal(await pairWrongly(desk), false)
  assert.deepEqual(kept, [])
})

test('the steps of pairing follow each other, and each is done once; what was said can be replayed', async () => {
  const { desk, violations, recordings } = openDesk()
  const client = new PairingClient(tv, '1111')
  assert.throws(() => desk.challenge('tv', client.challenge()), { code: 'out-of-order' })
  for (const wrong of ['', 'zz', '00', 'f'.repeat(100_000)]) {
    await begin(desk, client, '1111')
    assert.throws(() => desk.challenge('tv', wrong), { code: 'malformed' })
    assert.throws(() => desk.challenge('tv', client.challenge()), { code: 'out-of-order' })
  }
  await begin(desk, client, '1111')
  assert.throws(() => desk.answer('tv', '00'.repeat(32)), { code: 'out-of-order' })
  await begin(desk, client, '1111')
  const response = desk.challenge('tv', client.challenge())
  assert.throws(() => desk.challenge('tv', client.challenge()), { code: 'out-of-order' })
  assert.throws(() => desk.answer('tv', client.respond(response)), { code: 'out-of-order' })
  assert.deepEqual(violations, ['answer', 'challenge'])
  const plan = planConversation(moonlightPairing, 'host')
  assert.deepEqual(
    recordings.map((text) => replayConversation(text, () => plan).violation?.got.label),
    [undefined, undefined, undefined, undefined, 'answer', 'challenge'],
  )
})

test('a client that goes away, or is sent away, or waits too long is not paired', async () => {
  const { desk, clock } = openDesk()
  const client = new PairingClient(tv, '1111')
  const beginAs = (signal: AbortSignal) =>
    desk.begin('tv', '192.0.2.7', client.salt.toString('hex'), client.certificateDigits, signal)
  const leaving = new AbortController()
  const left = beginAs(leaving.signal)
  leaving.abort()
  assert.equal(await left, false)
  const refused = beginAs(never)
  desk.refuse(desk.requests[0]?.id ?? '')
  assert.equal(await refused, false)
  const late = beginAs(never)
  clock.advance(5 * 60_000)
  assert.equal(await late, false)
  assert.deepEqual(desk.requests, [])
  assert.throws(() => desk.type('nobody', { pin: '1111', ...ada }), { code: 'pairing-not-found' })
  assert.throws(() => desk.type('nobody', { pin: '11', ...ada }), { code: 'pin-invalid' })
})

test('so many wait at once, of one address and in all, and one that asks again takes its former place', async () => {
  const { desk } = openDesk()
  const client = new PairingClient(tv, '1111')
  const beginAs = (name: string, address: string) =>
    desk.begin(name, address, client.salt.toString('hex'), client.certificateDigits, never)
  const first = beginAs('a', '192.0.2.7')
  void beginAs('a', '192.0.2.7')
  assert.equal(await first, false)
  void beginAs('b', '192.0.2.7')
  await assert.rejects(beginAs('c', '192.0.2.7'), { code: 'too-many-attempts' })
  for (let index = 2; index < 8; index++) void beginAs(`d${index}`, `192.0.2.1${index}`)
  await assert.rejects(beginAs('e', '198.51.100.1'), { code: 'too-many-attempts' })
  assert.equal(desk.requests.length, 8)
  desk.close()
})

test('what is no certificate of an RSA key is refused', async () => {
  const { desk } = openDesk()
  for (const wrong of ['', '00', Buffer.from('-----BEGIN CERTIFICATE-----').toString('hex'), 'a'.repeat(1e6)]) {
    await assert.rejects(desk.begin('tv', '192.0.2.7', '00'.repeat(16), wrong, never), { code: 'malformed' })
  }
  assert.deepEqual(desk.requests, [])
})

function openDesk() {
  const clock = new ManualClock()
  const kept: (PinGiven & { fingerprint: string })[] = []
  const violations: string[] = []
  const recordings: string[] = []
  const desk = new PairingDesk({
    host: {
      certificate: new X509Certificate(host.certificate),
      pem: host.certificate,
      key: createPrivateKey(host.key),
    },
    clock,
    randomBytes,
    keep: async ({ fingerprint }, given) => void kept.push({ fingerprint, ...given }),
    onViolation: ({ got }) => void violations.push(got.label),
    onEnded: (_id, recording) => void recordings.push(recording),
  })
  return { desk, kept, clock, violations, recordings }
}

async function begin(desk: PairingDesk, client: PairingClient, pin: string): Promise<void> {
  const begun = desk.begin('tv', '192.0.2.7', client.salt.toString('hex'), client.certificateDigits, never)
  desk.type(desk.requests[0]?.id ?? '', { pin, ...ada })
  assert.equal(await begun, true)
}

async function pairWrongly(desk: PairingDesk): Promise<boolean> {
  const client = new PairingClient(tv, '1111')
  const begun = desk.begin('tv', '192.0.2.7', client.salt.toString('hex'), client.certificateDigits, never)
  const [request] = desk.requests
  if (request === undefined) return await begun
  desk.type(request.id, { pin: '2222', ...ada })
  await begun
  const secret = desk.answer('tv', client.respond(desk.challenge('tv', client.challenge())))
  assert.ok(!client.trusts(secret, host.certificate))
  return await desk.prove('tv', client.prove())
}
