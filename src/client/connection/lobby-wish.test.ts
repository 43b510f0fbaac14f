import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClientMessage } from '../../wire/signal/messages.ts'
import { ClientError } from '../contract/client-error.ts'
import { LobbyWish } from './lobby-wish.ts'

function wishing(online: boolean) {
  const host = { online, told: [] as ClientMessage[] }
  const wish = new LobbyWish((message) => {
    if (host.online) host.told.push(message)
    return host.online
  })
  return { host, wish }
}
const join = (lobbyId: string): ClientMessage => ({ type: 'join', lobbyId })

test('LobbyWish tells what was wanted before there was a host as soon as there is one', () => {
  const { host, wish } = wishing(false)
  wish.want('games')
  host.online = true
  wish.greeted(false)
  assert.deepEqual(host.told, [join('games')])
})

test('LobbyWish tells a fresh session again, and a recovered one only what changed meanwhile', () => {
  const { host, wish } = wishing(true)
  void wish.join('games')
  wish.arrived({ kind: 'lobby', lobbyId: 'games' })
  wish.greeted(true)
  assert.deepEqual(host.told, [join('games')])
  wish.greeted(false)
  assert.deepEqual(host.told, [join('games'), join('games')])
  host.online = false
  wish.leave()
  host.online = true
  wish.greeted(true)
  assert.deepEqual(host.told.at(-1), { type: 'leave' })
})

test('LobbyWish asks to be led where nothing else does, and only who wants no lobby in particular', () => {
  const told: ClientMessage[] = []
  const wish = new LobbyWish((message) => told.push(message) > 0, { asksToBeLed: true })
  wish.greeted(false)
  assert.deepEqual(told, [{ type: 'lead' }])
  wish.arrived({ kind: 'lobby', lobbyId: 'games' })
  wish.greeted(true)
  assert.equal(told.length, 1, 'a session that is recovered is where it was')
  wish.greeted(false)
  assert.deepEqual(told.slice(1), [join('games')])
})

test('LobbyWish.join resolves when the session is there, be it in its waiting room', async () => {
  const { wish } = wishing(true)
  const joined = wish.join('games')
  wish.arrived({ kind: 'lobby', lobbyId: 'other' })
  wish.arrived({ kind: 'waiting-room', lobbyId: 'games', reason: 'starting' })
  await joined
})

test('LobbyWish.join rejects with the refusal of the host', async () => {
  const { wish } = wishing(true)
  const joined = wish.join('games')
  const refusal = new ClientError('host-error', 'It has ended', { hostCode: 'lobby-ended' })
  assert.equal(wish.refused(refusal), false)
  await assert.rejects(joined, refusal)
})

test('LobbyWish.join leaves the lobby that the session is still in', async () => {
  const { host, wish } = wishing(true)
  const joined = wish.join('games')
  assert.equal(wish.refused(new ClientError('host-error', 'Elsewhere', { hostCode: 'already-in-lobby' })), true)
  assert.deepEqual(host.told, [join('games'), { type: 'leave' }, join('games')])
  wish.arrived({ kind: 'lobby', lobbyId: 'games' })
  await joined
})

test('LobbyWish wants the lobby that the host led into, and the waiting room only when told so', () => {
  const { host, wish } = wishing(true)
  wish.greeted(false)
  assert.deepEqual(host.told, [])
  wish.arrived({ kind: 'waiting-room', reason: 'Choose a lobby' })
  assert.equal(wish.lobbyId, undefined)
  wish.arrived({ kind: 'lobby', lobbyId: 'games' })
  wish.greeted(true)
  assert.deepEqual(host.told, [])
  wish.greeted(false)
  assert.deepEqual(host.told, [join('games')])
  wish.leave()
  wish.arrived({ kind: 'lobby', lobbyId: 'games' })
  wish.greeted(false)
  assert.deepEqual(host.told, [join('games'), { type: 'leave' }, { type: 'leave' }])
})

test('LobbyWish.join gives way to a later wish', async () => {
  const { host, wish } = wishing(true)
  const first = wish.join('games')
  const second = wish.join('desk')
  await first
  wish.arrived({ kind: 'lobby', lobbyId: 'desk' })
  await second
  assert.deepEqual(host.told, [join('games'), join('desk')])
})

test('LobbyWish tells a recovered session again what was lost on the way to it, but not what was refused', async () => {
  const { host, wish } = wishing(true)
  const joined = wish.join('games')
  wish.arrived({ kind: 'waiting-room', reason: 'Choose a lobby' })
  wish.greeted(true)
  assert.deepEqual(host.told, [join('games'), join('games')])
  wish.refused(new ClientError('host-error', 'It has ended', { hostCode: 'lobby-ended' }))
  await assert.rejects(joined)
  wish.greeted(true)
  assert.equal(host.told.length, 2)
  wish.leave()
  wish.greeted(true)
  assert.deepEqual(host.told.slice(2), [{ type: 'leave' }, { type: 'leave' }])
})

test('LobbyWish.join is not refused by what the host says of something else', async () => {
  const { wish } = wishing(true)
  const joined = wish.join('games')
  assert.equal(wish.refused(new ClientError('host-error', 'No voice', { hostCode: 'voice-forbidden' })), false)
  wish.arrived({ kind: 'lobby', lobbyId: 'games' })
  await joined
})

test('LobbyWish wants to be where somebody else has sent it, also after a loss, until something else is wanted', () => {
  const { host, wish } = wishing(true)
  void wish.join('games')
  wish.arrived({ kind: 'lobby', lobbyId: 'games' })
  const sent = { by: 'Owner' }
  wish.arrived({ kind: 'lobby', lobbyId: 'work', sent })
  wish.greeted(true)
  assert.deepEqual(host.told, [join('games')], 'nothing to ask for')
  wish.greeted(false)
  assert.deepEqual(host.told.at(-1), join('work'))
  void wish.join('games')
  wish.arrived({ kind: 'waiting-room', lobbyId: 'work', reason: 'It broke', sent })
  assert.equal(wish.lobbyId, 'games', 'it is no news that it was sent there')
  wish.arrived({ kind: 'waiting-room', reason: 'Owner has sent you to the waiting room', sent })
  assert.equal(wish.lobbyId, undefined)
  wish.greeted(false)
  assert.deepEqual(host.told.at(-1), { type: 'leave' })
})
