import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Member } from '../../domain/member.ts'
import { LiveConnections } from './live-connections.ts'

const ada: Member = { id: 'ada', name: 'Ada', role: 'owner', lobbies: 'all' }
const bob: Member = { id: 'bob', name: 'Bob', role: 'viewer', lobbies: ['games'] }

test('LiveConnections ends every connection of one member and of nobody else', () => {
  const connections = new LiveConnections()
  const ended: string[] = []
  connections.add(ada, () => ended.push('ada'))
  const leaves = [1, 2].map((each) => connections.add(bob, () => ended.push(`bob ${each}`)))
  connections.end(bob)
  assert.deepEqual(ended, ['bob 1', 'bob 2'])
  for (const leave of leaves) leave()
  assert.deepEqual(connections.members, [ada])
})

test('LiveConnections lets a connection leave while it is being ended, and twice', () => {
  const connections = new LiveConnections()
  let ends = 0
  const leave = connections.add(ada, () => {
    ends++
    leave()
  })
  connections.end(ada)
  leave()
  connections.end(ada)
  assert.equal(ends, 1)
  assert.deepEqual(connections.members, [])
})

test('LiveConnections tells the devices of a member from one another', () => {
  const connections = new LiveConnections()
  const ended: string[] = []
  const onTv: Member = { ...ada, device: { id: 'tv', kind: 'certificate', name: 'TV' } }
  connections.add(ada, () => ended.push('browser'))
  connections.add(onTv, () => ended.push('tv'))
  connections.end(onTv)
  assert.deepEqual(ended, ['tv'])
  connections.change({ ...ada, role: 'viewer' })
  assert.deepEqual(
    connections.members.map(({ role }) => role),
    ['viewer', 'owner'],
  )
})
