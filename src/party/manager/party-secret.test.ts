import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { MemoryParties, type MemoryMember } from '../../../test/support/memory-parties.ts'
import { PartyError, type PartyErrorCode } from '../contract/party-error.ts'
import { plainCode } from '../registry/party-code.ts'
import { parseInvitation } from './party-invitation.ts'

const planeUrl = 'https://plane.test'
const at = { url: planeUrl, fingerprint: undefined }

/** Members who listen to each other, with a control plane that is none of theirs. */
async function open(t: TestContext, ...names: readonly string[]) {
  const world = new MemoryParties()
  await world.openPlane(planeUrl)
  const members = new Map<string, MemoryMember>()
  for (const name of names) {
    const member = await world.openMember(name)
    member.manager.listen({})
    members.set(name, member)
    t.after(() => member.manager.close())
  }
  const member = (name: string) => members.get(name) as MemoryMember
  const during = async <T>(deed: Promise<T>): Promise<T> => {
    let isDone = false
    const marked = deed.finally(() => (isDone = true))
    marked.catch(() => {})
    await world.until('a call is answered', () => isDone)
    return marked
  }
  const haveMet = (one: string, other: string) => {
    const [a, b] = [member(one).manager, member(other).manager]
    return a.may(b.me, 'ping') && b.may(a.me, 'ping')
  }
  const secretOf = (name: string) => member(name).kept.identity?.party?.secret
  return { world, member, during, haveMet, secretOf }
}

function refusal(code: PartyErrorCode, message = /./) {
  return (error: unknown) => error instanceof PartyError && error.code === code && message.test(error.message)
}

test('the second part of a code is known to members alone, who prove it to each other and keep it', async (t) => {
  const { world, member, during, haveMet, secretOf } = await open(t, 'ada', 'bob', 'cyd')
  const made = member('ada').manager.createParty({ name: 'Friday', whenHostLeaves: 'migrate', at })
  const { code, link = '' } = await during(made)
  assert.match(code, /^[\dA-Z]{5}(?:-[\dA-Z]{5}){3}$/)
  const secret = code.slice(12)
  assert.equal(new URLSearchParams(new URL(link).hash.slice(1)).get('secret'), secret)
  await world.until('ada announces it', () => world.announced === 1)
  // As people type it, found nearby by the first part.
  await during(member('bob').manager.joinParty({ by: ` ${code.toLowerCase().replaceAll('-', ' ')}` }))
  await world.until('both have met', () => haveMet('ada', 'bob'))
  assert.equal(member('bob').manager.ticket().code, code)

  await member('bob').restart()
  member('bob').manager.listen({})
  await world.until('they have met again', () => haveMet('ada', 'bob'))
  assert.equal(secretOf('bob'), secret)

  // Whoever is the host then gives the same code to others.
  await during(member('ada').manager.leaveParty())
  const { me } = member('bob').manager
  const hostOf = () => member('bob').manager.party.value?.host_id
  await world.until('bob is the host', () => hostOf() === me)
  await during(member('cyd').manager.joinParty({ by: member('bob').manager.ticket().link ?? '' }))
  await world.until('cyd and bob have met', () => haveMet('bob', 'cyd'))
  assert.equal(secretOf('cyd'), secret)

  const told = world.told.join('\n')
  assert.ok(told.includes(code.slice(0, 11)) || told.includes(plainCode(code).slice(0, 10)), 'the first part is asked')
  for (const part of [secret, secret.replace('-', ''), secret.slice(0, 5), secret.slice(6)]) {
    assert.ok(!told.toUpperCase().includes(part), 'and nothing of the second one')
  }
})

test('who joins by the first part alone or with another second part is told so, and is not in the party', async (t) => {
  const { world, member, during, haveMet } = await open(t, 'ada', 'bob')
  const { code, link = '' } = await during(member('ada').manager.createParty({ name: 'Friday', at }))
  const { manager: bob } = member('bob')
  const other = `${code.slice(0, 12)}${code.slice(12).replaceAll(/./g, (letter) => (letter === '-' ? '-' : letter === '0' ? '1' : '0'))}`
  for (const [by, message] of [
    [link.replace(/&secret=[^&]*/, ''), /has a second part/],
    [code.slice(0, 11), /has a second part/],
    [link.replace(/secret=[^&]*/, `secret=${other.slice(12)}`), /not the one that ada has/],
    [other, /not the one that ada has/],
  ] as const) {
    await assert.rejects(during(bob.joinParty({ by, at })), refusal('wrong-secret', message), by)
    assert.equal(bob.getPartyStatus().status, 'no_party')
    await world.until('nobody of bob is left', () => member('ada').manager.peers().length === 0)
  }
  const told = world.told.length
  for (const by of [code.slice(0, -1), `${code}7`, code.slice(0, 17), `${code.slice(0, -1)}U`, `"${code}."`]) {
    await assert.rejects(during(bob.joinParty({ by, at })), refusal('invalid'), by)
  }
  await assert.rejects(during(bob.joinParty({ by: link.replace(/secret=[^&]*/, 'secret=7KQ2M') })), refusal('invalid'))
  assert.ok(!world.told.slice(told).some((each) => each.includes('find') || each.includes('join')), 'nobody was asked')
  await during(bob.joinParty({ by: code, at }))
  await world.until('both have met', () => haveMet('ada', 'bob'))
})

test('a client that comes in without the second part is listed, and shows as one that nobody talks to', async (t) => {
  const { world, member, during } = await open(t, 'ada', 'bob')
  const { code, partyId } = await during(member('ada').manager.createParty({ name: 'Friday' }))
  const { manager: bob } = member('bob')
  // As one that knows nothing of it: it stays, whatever it is told.
  const peer = { publicKey: Buffer.alloc(32, 9).toString('base64'), natType: 'unknown' as const }
  const rest = { publicIp: undefined, publicPort: undefined, localIp: undefined, localPort: undefined }
  const { registry } = member('ada').plane
  await registry.joinParty(partyId, { peerId: 'old', name: 'old', ...peer, ...rest }, code.slice(0, 11))
  const there = () =>
    member('ada')
      .manager.peers()
      .some(({ id }) => id === 'old')
  await world.until('it is there', there)
  assert.ok(!member('ada').manager.may('old', 'ping'))
  await during(bob.joinParty({ by: member('ada').manager.ticket().link ?? '' }))
  await world.until('others meet beside it', () => bob.may(member('ada').manager.me, 'ping'))
})

test('a party that is made without a second part, or lets in by its id, is as one of before', async (t) => {
  for (const wanted of [{ hasSecret: false }, { admission: 'id' }] as const) {
    const { world, member, during, haveMet, secretOf } = await open(t, 'ada', 'bob')
    const ticket = await during(member('ada').manager.createParty({ name: 'Friday', at, ...wanted }))
    assert.deepEqual([ticket.isSecret, secretOf('ada')], [false, undefined])
    assert.match(ticket.code, 'admission' in wanted ? /^[\da-f]{12}$/ : /^[\dA-Z]{5}-[\dA-Z]{5}$/)
    assert.ok(!(ticket.link ?? '').includes('secret'))
    await during(member('bob').manager.joinParty({ by: ticket.code, at }))
    await world.until('both have met', () => haveMet('ada', 'bob'))
  }
})

test('parseInvitation tells codes of one part and of two from ids', () => {
  const parts = (by: string) => {
    const { code, secret } = parseInvitation(by)
    return [code, secret]
  }
  assert.deepEqual(parts('7kq2m 9xd4t 3f6gh 8jkmn'), ['7KQ2M-9XD4T', '3F6GH-8JKMN'])
  assert.deepEqual(parts('7KQ2M9XD4T3F6GH8JKMN'), ['7KQ2M-9XD4T', '3F6GH-8JKMN'])
  for (const by of ['7KQ2M-9XD4T', '3f9a12bc45de', '550e8400-e29b-41d4-a716-446655440000', 'friday', 'a'.repeat(20)]) {
    assert.deepEqual(parts(by), [by, undefined])
  }
})
