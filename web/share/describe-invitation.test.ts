import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describePeople, describeUses } from './describe-invitation.ts'

const invitation = {
  id: 'i',
  lobbyId: 'l',
  role: 'viewer',
  createdAt: '',
  expiresAt: '',
  maxUses: 5,
  uses: 2,
  hasPin: false,
  pinTriesLeft: 10,
  state: 'open',
} as const

test('describePeople says for how many a link is', () => {
  assert.deepEqual([null, 1, 5].map(describePeople), ['for any number of people', 'for one person', 'for 5 people'])
})

test('describeUses says what is left, or why nothing is', () => {
  assert.equal(describeUses(invitation), '3 of 5 uses left')
  assert.equal(describeUses({ ...invitation, maxUses: null }), 'used 2 times')
  assert.equal(describeUses({ ...invitation, maxUses: null, uses: 1 }), 'used once')
  assert.equal(describeUses({ ...invitation, maxUses: null, uses: 0 }), 'not used yet')
  assert.equal(describeUses({ ...invitation, uses: 5, state: 'used-up' }), 'used by all 5')
  assert.equal(describeUses({ ...invitation, maxUses: 1, uses: 1, state: 'used-up' }), 'used')
  assert.equal(describeUses({ ...invitation, state: 'destroyed' }), 'destroyed by wrong PINs')
})
