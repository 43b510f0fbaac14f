import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Member, Role } from './member.ts'
import { covers, may, mayEnter, type Action } from './rights.ts'

const actions: readonly Action[] = [
  'watch',
  'play',
  'manage-seats',
  'manage-lobbies',
  'retitle',
  'invite',
  'manage-members',
  'manage-sessions',
]
const allowed = (role: Role) => actions.filter((action) => may(role, action))

test('may lets owners do everything, players and agents play, viewers watch', () => {
  assert.deepEqual(allowed('owner'), actions)
  assert.deepEqual(allowed('player'), ['watch', 'play'])
  assert.deepEqual(allowed('agent'), ['watch', 'play'])
  assert.deepEqual(allowed('viewer'), ['watch'])
  assert.deepEqual(allowed('app'), ['retitle', 'manage-members'])
})

test('mayEnter keeps members to the lobbies that they have to do with', () => {
  const member: Member = { id: 'm', name: 'Ada', role: 'player', lobbies: ['games'] }
  assert.equal(mayEnter(member, 'games'), true)
  assert.equal(mayEnter(member, 'other'), false)
  assert.equal(mayEnter({ ...member, lobbies: 'all' }, 'other'), true)
  assert.equal(mayEnter({ ...member, lobbies: ['games', 'other'] }, 'other'), true)
  assert.equal(mayEnter({ ...member, lobbies: [] }, 'games'), false)
  assert.deepEqual([covers(member, 'games'), covers(member, 'other')], [true, false])
  assert.equal(mayEnter({ ...member, role: 'app' }, 'games'), false)
})
