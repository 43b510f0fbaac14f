import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../../kernel/readable.ts'
import type { Lobby } from '../contract/lobby.ts'
import type { Member } from '../../domain/member.ts'
import { openMemoryHost, type MemoryHost } from '../memory/memory-host.ts'
import { askAgainAfterMs } from './lobby-askers.ts'
import { keptForMs } from './lobby-seats.ts'

const vera: Member = { id: 'v', name: 'Vera', role: 'viewer', lobbies: 'all' }
const viktor: Member = { id: 'w', name: 'Viktor', role: 'viewer', lobbies: 'all' }

async function openScene({ host }: MemoryHost, appId = 'memory') {
  const lobby = await host.createLobby({ appId })
  await until(lobby.status, ({ status }) => status === 'running')
  const come = async (member: Member, id?: string) => {
    const session = host.createSession(member, id === undefined ? {} : { id })
    await session.join(lobby.id)
    return session
  }
  return { lobby, come }
}

const names = ({ askers }: Lobby) => askers.value.map(({ name }) => name)

test('who may only watch asks once, whatever they ask with, until they may play', async () => {
  await using memory = await openMemoryHost()
  const { lobby, come } = await openScene(memory)
  const [session, second] = [await come(vera), await come(vera)]
  session.askToPlay(true)
  second.askToPlay(true)
  ;(await come(viktor)).askToPlay(true)
  assert.deepEqual(lobby.askers.value, [
    { memberId: 'v', name: 'Vera' },
    { memberId: 'w', name: 'Viktor' },
  ])
  assert.ok(memory.events.some(({ type }) => type === 'LobbyChanged'))
  memory.host.changeRole('v', 'player')
  assert.deepEqual(names(lobby), ['Viktor'])
  session.askToPlay(true)
  assert.deepEqual(names(lobby), ['Viktor'], 'who may play has nothing to ask for')
})

test('an ask ends with its being taken back and with leaving, and is kept for a session that was lost', async () => {
  await using memory = await openMemoryHost()
  const { lobby, come } = await openScene(memory)
  const session = await come(vera)
  session.askToPlay(true)
  session.askToPlay(false)
  assert.deepEqual(names(lobby), [])
  session.askToPlay(true)
  await session.leave()
  assert.deepEqual(names(lobby), [])
  await session.join(lobby.id)
  session.askToPlay(true)
  await session.close('disconnected')
  memory.clock.advance(keptForMs - 1)
  assert.deepEqual(names(lobby), ['Vera'])
  const again = await come(vera, session.id)
  memory.clock.advance(keptForMs)
  assert.deepEqual(names(lobby), ['Vera'], 'she has come back')
  await again.close('disconnected')
  memory.clock.advance(keptForMs)
  assert.deepEqual(names(lobby), [])
})

test('who was told "not now" can ask again after a while', async () => {
  await using memory = await openMemoryHost()
  const { host } = memory
  const { lobby, come } = await openScene(memory)
  const session = await come(vera)
  assert.throws(() => host.declineAsker(lobby.id, 'v'), { code: 'not-asking' })
  session.askToPlay(true)
  host.declineAsker(lobby.id, 'v')
  assert.deepEqual(names(lobby), [])
  memory.clock.advance(askAgainAfterMs - 1)
  assert.throws(() => session.askToPlay(true), { code: 'declined-lately' })
  memory.clock.advance(1)
  session.askToPlay(true)
  assert.deepEqual(names(lobby), ['Vera'])
})

test('there is nothing to ask for outside of a lobby, and where the app only shows something', async () => {
  await using memory = await openMemoryHost()
  const { come } = await openScene(memory, 'test-pattern')
  const session = await come(vera)
  assert.throws(() => session.askToPlay(true), { code: 'seat-not-found' })
  await session.leave()
  assert.throws(() => session.askToPlay(true), { code: 'not-in-lobby' })
})
