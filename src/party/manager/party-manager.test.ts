import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { MemoryParties, type MemoryMember } from '../../../test/support/memory-parties.ts'
import { encodeKey } from '../../wire/wireguard/wireguard-key.ts'
import { PartyError, type PartyErrorCode } from '../contract/party-error.ts'
import type { PartyManager } from './party-manager.ts'

async function open(t: TestContext, ...names: readonly string[]) {
  const world = new MemoryParties()
  const members: Record<string, MemoryMember> = {}
  for (const name of names) {
    const member = await world.openMember(name)
    members[name] = member
    t.after(() => member.manager.close())
  }
  const member = (name: string) => members[name] as MemoryMember
  /** Runs it while virtual time goes on. */
  const during = async <T>(deed: Promise<T>): Promise<T> => {
    let isDone = false
    const marked = deed.finally(() => (isDone = true))
    marked.catch(() => {})
    await world.until('a call is answered', () => isDone)
    return marked
  }
  const see = (name: string) =>
    member(name)
      .manager.peers()
      .map((peer) => peer.name)
      .toSorted()
  return { world, member, during, see }
}

function refusal(code: PartyErrorCode) {
  return (error: unknown) => error instanceof PartyError && error.code === code
}

test('a party is made at this host, and found nearby by its code alone', async (t) => {
  const { world, member, during, see } = await open(t, 'ada', 'bob')
  const ticket = await during(member('ada').manager.createParty({ name: 'Friday' }))
  assert.match(ticket.code, /^[\dA-Z]{5}(?:-[\dA-Z]{5}){3}$/)
  await world.until('ada announces it', () => world.announced === 1)
  await during(member('bob').manager.joinParty({ by: ticket.code.toLowerCase() }))
  await world.until('both see each other', () => see('ada').length === 1 && see('bob').length === 1)
  assert.deepEqual([see('ada'), see('bob')], [['bob'], ['ada']])
  const status = member('bob').manager.getPartyStatus()
  assert.equal(status.status, 'in_party')
  assert.ok(status.status === 'in_party' && status.party.host_id === member('ada').manager.me)
  assert.equal(status.status === 'in_party' && status.peer_count, 2)
  assert.equal(member('bob').shared.at(-1)?.name, 'Friday')
})

test('a link leads in from elsewhere, a wrong code nowhere, and a second party is refused', async (t) => {
  const { world, member, during, see } = await open(t, 'ada', 'bob')
  world.away.add('bob')
  const { link, code } = await during(member('ada').manager.createParty({ name: 'Friday' }))
  await assert.rejects(during(member('bob').manager.joinParty({ by: code })), refusal('code-unknown'))
  const wrong = (link ?? '').replace(/code=[^&]*/, 'code=00000-00000')
  await assert.rejects(during(member('bob').manager.joinParty({ by: wrong })), refusal('wrong-code'))
  await during(member('bob').manager.joinParty({ by: link ?? '' }))
  await world.until('ada sees bob', () => see('ada').includes('bob'))
  await assert.rejects(during(member('bob').manager.createParty({ name: 'Mine' })), refusal('in-a-party'))
})

test('whoever leaves is gone at once for the others, and the party ends with its host', async (t) => {
  const { world, member, during, see } = await open(t, 'ada', 'bob', 'cyd')
  const { link = '' } = await during(member('ada').manager.createParty({ name: 'Friday' }))
  await during(member('bob').manager.joinParty({ by: link }))
  await during(member('cyd').manager.joinParty({ by: link }))
  await world.until('all are there', () => see('ada').length === 2 && see('bob').length === 2)
  await during(member('bob').manager.leaveParty())
  assert.equal(member('bob').manager.getPartyStatus().status, 'no_party')
  await world.until('bob is gone', () => see('ada').join() === 'cyd' && see('cyd').join() === 'ada', 1000)
  await during(member('ada').manager.endParty())
  await world.until('cyd is out', () => member('cyd').manager.getPartyStatus().status === 'no_party', 1000)
  const status = member('cyd').manager.getPartyStatus()
  assert.ok(status.status === 'no_party' && status.why)
  assert.equal(member('cyd').kept.identity?.my_party_id, undefined)
})

test('who came, went, was removed and is the host now is told afterwards too, and nothing of another party', async (t) => {
  const { world, member, during, see } = await open(t, 'ada', 'bob', 'cyd', 'dan')
  const recent = (name: string) => {
    const status = member(name).manager.getPartyStatus()
    return status.status === 'in_party' ? status.recent.map((each) => `${each.name} ${each.what}`) : undefined
  }
  const made = member('ada').manager.createParty({ name: 'Friday', whenHostLeaves: 'migrate' })
  const { link = '' } = await during(made)
  for (const name of ['bob', 'cyd', 'dan']) {
    await during(member(name).manager.joinParty({ by: link }))
    await world.until(`ada sees ${name}`, () => see('ada').includes(name))
  }
  await world.until('bob sees all', () => see('bob').length === 3)
  await during(member('ada').manager.removePeer(member('dan').manager.me))
  await world.until('dan is gone', () => see('ada').length === 2 && see('bob').length === 2)
  await during(member('cyd').manager.leaveParty())
  await world.until('cyd is gone', () => see('ada').length === 1 && see('bob').length === 1)
  assert.deepEqual(recent('ada'), ['cyd left', 'dan removed', 'dan joined', 'cyd joined', 'bob joined'])
  assert.deepEqual(recent('bob'), ['cyd left', 'dan removed', 'dan joined', 'cyd joined'])
  const status = member('ada').manager.getPartyStatus()
  const times = status.status === 'in_party' ? status.recent.map(({ atMs }) => atMs) : []
  assert.deepEqual(
    times,
    times.toSorted((one, other) => other - one),
  )
  await during(member('ada').manager.leaveParty())
  await world.until('bob is the host', () => recent('bob')?.includes('bob host') === true)
  assert.deepEqual(recent('bob')?.slice(0, 2), ['bob host', 'ada left'])
  await during(member('ada').manager.createParty({ name: 'Saturday' }))
  assert.deepEqual(recent('ada'), [])
})

test('others are told who was taken out and who has vanished, also after they missed it, and whoever is out is told why', async (t) => {
  const { world, member, during, see } = await open(t, 'ada', 'bob', 'cyd', 'dan', 'eve')
  const recent = (name: string) => {
    const status = member(name).manager.getPartyStatus()
    return status.status === 'in_party' ? status.recent.map((each) => `${each.name} ${each.what}`) : []
  }
  const why = (name: string) => {
    const status = member(name).manager.getPartyStatus()
    return status.status === 'no_party' ? status.why : undefined
  }
  const { link = '' } = await during(member('ada').manager.createParty({ name: 'Friday' }))
  for (const name of ['bob', 'cyd', 'dan', 'eve']) await during(member(name).manager.joinParty({ by: link }))
  await world.until('all are there', () => ['ada', 'bob', 'cyd', 'dan', 'eve'].every((name) => see(name).length === 4))
  const { manager: ada, plane } = member('ada')
  await during(ada.removePeer(member('cyd').manager.me))
  await world.until('bob is told of cyd', () => recent('bob')[0] === 'cyd removed')
  await world.until('cyd is out', () => why('cyd') !== undefined)
  assert.match(why('cyd') ?? '', /taken out of the party by its host/)

  // Nobody hears of this one at once: the control plane is reached again when it has been.
  plane.reach(false)
  await during(ada.removePeer(member('dan').manager.me))
  await world.pass(1000)
  plane.reach(true)
  await world.until('bob is told of dan', () => recent('bob')[0] === 'dan removed', 180_000)

  await member('eve').manager.close()
  await world.pass(310_000)
  await during(plane.registry.cleanUp())
  await world.until('bob is told of eve', () => recent('bob')[0] === 'eve silent')
  assert.equal(recent('ada')[0], 'eve silent')

  await during(ada.leaveParty())
  await world.until('the party is over', () => why('bob') !== undefined)
  assert.match(why('bob') ?? '', /its host has ended it, or has left/)
})

test('after a restart a peer is itself again and in its party, whether it is the host or not', async (t) => {
  const { world, member, during, see } = await open(t, 'ada', 'bob')
  const { link = '' } = await during(member('ada').manager.createParty({ name: 'Friday' }))
  await during(member('bob').manager.joinParty({ by: link }))
  const before = ['ada', 'bob'].map((name) => member(name).manager.me)
  await member('bob').restart()
  await member('ada').restart()
  await world.until('both are back', () => see('ada').length === 1 && see('bob').length === 1)
  assert.deepEqual(
    ['ada', 'bob'].map((name) => member(name).manager.me),
    before,
  )
  assert.equal(member('ada').plane.registry.partyCount, 1)
})

test('members meet as soon as they listen, and what one tells another the control plane passes on without reading it', async (t) => {
  const { world, member, during, see } = await open(t, 'ada', 'bob', 'cyd')
  const { link = '' } = await during(member('ada').manager.createParty({ name: 'Friday' }))
  for (const name of ['bob', 'cyd']) await during(member(name).manager.joinParty({ by: link }))
  await world.until('all see each other', () => ['ada', 'bob', 'cyd'].every((name) => see(name).length === 2))
  const [ada, bob, cyd] = ['ada', 'bob', 'cyd'].map((name) => member(name).manager) as [
    PartyManager,
    PartyManager,
    PartyManager,
  ]
  assert.throws(() => bob.say(cyd.me, { type: 'ping' }), refusal('peer-offline'))
  const heard: unknown[] = []
  bob.listen({})
  cyd.listen({ visit: (from, word) => void heard.push([from, word]) })
  await world.until('both have met', () => bob.may(cyd.me, 'visit') && cyd.may(bob.me, 'visit'))
  const told = world.passedOn.length
  bob.say(cyd.me, { type: 'visit', lobbyId: 'secret-lobby' })
  await world.until('cyd hears', () => heard.length > 0)
  assert.deepEqual(heard, [[bob.me, { type: 'visit', lobbyId: 'secret-lobby' }]])
  const passed = world.passedOn.slice(told).join()
  assert.ok(passed.includes('porchlight_sealed') && !passed.includes('visit') && !passed.includes('secret'))
  assert.throws(() => bob.say(cyd.me, { type: 'visit', lobbyId: 'x' }), refusal('too-many-requests'))
  assert.throws(() => bob.say('stranger', { type: 'ping' }), refusal('not-a-member'))
  assert.ok(!bob.may(ada.me, 'ping'), 'nobody listens there')
})

test('a member keeps the key that it was first known by, whatever a control plane says of it later', async (t) => {
  const { world, member, during, see } = await open(t, 'ada', 'bob')
  const { link = '', partyId } = await during(member('ada').manager.createParty({ name: 'Friday' }))
  await during(member('bob').manager.joinParty({ by: link }))
  await world.until('both see each other', () => see('ada').length === 1 && see('bob').length === 1)
  const keyOfAda = () => member('bob').manager.peers()[0]?.public_key
  const before = keyOfAda()
  await member('bob').restart()
  const { registry } = member('ada').plane
  const told = registry.party(partyId).peers.get(member('ada').manager.me)
  assert.ok(told && before)
  await registry.updatePeer(partyId, { ...told, publicKey: encodeKey(new Uint8Array(32).fill(9)), name: 'mallory' })
  await world.until('bob is told', () => see('bob').join() === 'mallory')
  assert.equal(keyOfAda(), before)
})

test('what a peer tells of itself, and what is measured on the way to it, is seen', async (t) => {
  const { world, member, during, see } = await open(t, 'ada', 'bob')
  const { link = '' } = await during(member('ada').manager.createParty({ name: 'Friday' }))
  await during(member('bob').manager.joinParty({ by: link }))
  await world.until('both see each other', () => see('ada').length === 1)
  await during(member('bob').manager.tell({ natType: 'symmetric', publicIp: '198.51.100.7', publicPort: 4 }))
  const bob = () => member('ada').manager.peers()[0]
  await world.until('ada knows', () => bob()?.nat_type === 'symmetric')
  assert.equal(bob()?.endpoint, '198.51.100.7:4')
  assert.equal(bob()?.connection_type, 'unknown')
  member('ada').manager.report(bob()?.id ?? '', { connectionType: 'direct', latencyMs: 12, reason: '' })
  assert.deepEqual([bob()?.connection_type, bob()?.latency_ms], ['direct', 12])
  assert.equal(member('ada').manager.latencyHistory(bob()?.id ?? '').length, 1)
  await world.pass(61_000)
  member('ada').manager.report(member('ada').manager.me, { connectionType: 'host', latencyMs: 0, reason: '' })
  assert.equal(bob()?.connection_type, 'unknown', 'what was measured a minute ago says nothing about now')
})

test('members who are near meet without the control plane, all at the same one, and go home when it is back', async (t) => {
  const { world, member, during, see } = await open(t, 'ada', 'bob', 'cyd')
  const far = await world.openPlane('https://plane.test')
  const at = { url: far.url, fingerprint: undefined }
  const { link = '' } = await during(member('ada').manager.createParty({ name: 'Friday', at }))
  await world.pass(1000)
  await during(member('bob').manager.joinParty({ by: link }))
  await world.pass(1000)
  await during(member('cyd').manager.joinParty({ by: link }))
  await world.until('all are there', () => ['ada', 'bob', 'cyd'].every((name) => see(name).length === 2))
  const mode = (name: string) => {
    const status = member(name).manager.getPartyStatus()
    return status.status === 'in_party' ? `${status.mode} ${status.plane}` : status.status
  }
  far.reach(false)
  await world.until(
    'all meet at the one who has been there longest',
    () =>
      mode('ada') === 'local this host' &&
      ['bob', 'cyd'].every((name) => mode(name) === 'local http://ada.test') &&
      ['ada', 'bob', 'cyd'].every((name) => see(name).length === 2),
    180_000,
  )
  far.reach(true)
  await world.until(
    'all are home',
    () => ['ada', 'bob', 'cyd'].every((name) => mode(name) === 'home https://plane.test' && see(name).length === 2),
    180_000,
  )
  await world.until('nothing is left of it', () => member('ada').plane.registry.partyCount === 0)
  assert.equal(far.registry.partyCount, 1)
})

test('a party that its control plane does not know any more is over for members, and made again by its host', async (t) => {
  const { world, member, during, see } = await open(t, 'ada', 'bob')
  const { link = '' } = await during(member('ada').manager.createParty({ name: 'Friday' }))
  await during(member('bob').manager.joinParty({ by: link }))
  await world.until('both see each other', () => see('ada').length === 1)
  const { partyId } = member('ada').manager.ticket()
  // As if the registry's file had to be moved aside.
  member('ada').plane.service[Symbol.dispose]()
  await member('ada').plane.registry.endParty(partyId)
  await world.until(
    'both are in it again',
    () => see('ada').length === 1 && see('bob').length === 1 && member('ada').plane.registry.partyCount === 1,
    180_000,
  )
  assert.equal(member('bob').manager.ticket().partyId, partyId)
})

test('an identity that cannot be read is begun anew', async (t) => {
  const { member } = await open(t, 'ada')
  const before = member('ada').manager.me
  member('ada').kept.identity = { nonsense: true } as never
  await member('ada').restart()
  assert.notEqual(member('ada').manager.me, before)
  assert.equal(member('ada').manager.getPartyStatus().status, 'no_party')
})
