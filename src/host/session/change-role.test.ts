import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../../kernel/readable.ts'
import type { InputEvent } from '../../domain/input-event.ts'
import type { Member } from '../../domain/member.ts'
import { openMemoryHost } from '../memory/memory-host.ts'

const bob: Member = { id: 'b', name: 'Bob', role: 'player', lobbies: 'all' }
const ada: Member = { ...bob, id: 'a', name: 'Ada' }
const key: InputEvent = { type: 'key', code: 'KeyA', key: 'a', down: true }

test('changeRole takes keyboard and pointer from a player at once, with what is held down, and gives them back', async () => {
  await using memory = await openMemoryHost()
  const { host, parts, events } = memory
  const lobby = await host.createLobby({ appId: 'memory' })
  await until(lobby.status, ({ status }) => status === 'running')
  const [session, other] = [host.createSession(bob), host.createSession(ada)]
  await session.join(lobby.id)
  await other.join(lobby.id)
  const [display] = parts.displays
  session.input(key)
  host.changeRole('b', 'viewer')
  assert.deepEqual(display?.received, [key, { type: 'release-all' }])
  assert.deepEqual(
    [session.role.value, session.member.role, session.holds('keyboard-mouse')],
    ['viewer', 'viewer', false],
  )
  assert.throws(() => session.input(key), { code: 'input-forbidden' })
  assert.throws(() => session.changeSeat('keyboard-mouse', { do: 'request' }), { code: 'input-forbidden' })
  other.input(key)
  assert.ok(other.holds('keyboard-mouse'), 'the seat is free for others')
  await other.leave()
  host.changeRole('b', 'player')
  session.input(key)
  assert.deepEqual(display?.received.at(-1), key)
  assert.equal(session.place.value.kind, 'lobby')
  assert.deepEqual(
    events.filter(({ type }) => type === 'ChangeRole'),
    ['viewer', 'player'].map((role) => ({ type: 'ChangeRole', sessionId: session.id, role })),
  )
})

test('changeRole changes all sessions of a member and no others, and a repeated one changes nothing', async () => {
  await using memory = await openMemoryHost()
  const { host, events } = memory
  const sessions = [bob, bob, ada].map((member) => host.createSession(member))
  host.changeRole('b', 'viewer')
  host.changeRole('b', 'viewer')
  assert.deepEqual(
    sessions.map(({ role }) => role.value),
    ['viewer', 'viewer', 'player'],
  )
  assert.equal(events.filter(({ type }) => type === 'ChangeRole').length, 2)
})
