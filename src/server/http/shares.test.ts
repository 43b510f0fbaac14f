import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Member } from '../../domain/member.ts'
import { ApiError } from './api-error.ts'
import { defaultShares, Shares, type ShareLimits } from './shares.ts'

const owner: Member = { id: 'owner', name: 'Owner', role: 'owner', lobbies: 'all' }
const app: Member = { id: 'app', name: 'App', role: 'app', lobbies: ['games'] }

function guest(id: string, invitationId: string): Member {
  return { id, name: id, role: 'viewer', lobbies: ['games'], invitationId }
}

function open(limits: Partial<ShareLimits> = {}): Shares {
  return new Shares({
    ...defaultShares,
    sessions: { member: 2, invitation: 3, guests: 5, inAll: 6, ...limits },
  })
}

/** The code that taking one more is refused with; undefined when it is not. */
function refusal(shares: Shares, member: Member): string | undefined {
  try {
    shares.take('sessions', member)
    return undefined
  } catch (error) {
    assert.ok(error instanceof ApiError)
    assert.match(error.message, /\d+ sessions, the limit here\. .+\.$/, 'it says which limit and what to do')
    assert.ok(error.headers['Retry-After'])
    return error.code
  }
}

test('Shares keeps a member, an invitation and all guests to what each may have, and the rest for the owner', () => {
  const shares = open()
  const takes = [
    [guest('ada', 'a'), undefined],
    [guest('ada', 'a'), undefined],
    [guest('ada', 'a'), 'too-many-sessions'],
    [guest('bob', 'a'), undefined],
    [guest('eve', 'a'), 'too-many-sessions'],
    [guest('kim', 'b'), undefined],
    [app, undefined],
    [guest('lee', 'b'), 'busy'],
    [owner, undefined],
    [owner, 'busy'],
  ] as const
  for (const [index, [member, code]] of takes.entries()) assert.equal(refusal(shares, member), code, String(index))
  assert.equal(shares.held('sessions'), 6)
})

test('Shares takes all who come by a link as it is for one member that may have what the link may', () => {
  const shares = open()
  const link = guest('a', 'a')
  for (const code of [undefined, undefined, undefined, 'too-many-sessions']) assert.equal(refusal(shares, link), code)
})

test('Shares has room again for what was given back, once', () => {
  const shares = open({ member: 1 })
  const ada = guest('ada', 'a')
  const giveBack = shares.take('sessions', ada)
  assert.equal(refusal(shares, ada), 'too-many-sessions')
  giveBack()
  giveBack()
  assert.equal(shares.held('sessions'), 0)
  assert.equal(refusal(shares, ada), undefined)
  assert.equal(refusal(shares, ada), 'too-many-sessions')
})

test('the usual shares leave something to everybody', () => {
  for (const [what, { member, invitation, guests, inAll }] of Object.entries(defaultShares)) {
    assert.ok(member < invitation && invitation < guests && guests < inAll, what)
  }
})
