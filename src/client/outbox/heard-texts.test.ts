import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LobbyText } from '../../domain/delivery.ts'
import { HeardTexts } from './heard-texts.ts'

const text = (id: number): LobbyText => ({
  id,
  memberId: 'ada',
  name: 'Ada',
  role: 'player',
  text: `text ${id}`,
  atMs: id,
})
const ids = (texts: readonly LobbyText[]) => texts.map(({ id }) => id)

function listening() {
  const heard = new HeardTexts()
  const receive = (lobbyId: string, ...said: number[]) =>
    ids(heard.receive({ type: 'texts', lobbyId, texts: said.map(text) }))
  return { heard, receive }
}

test('HeardTexts shows what was said before, and hears only what is said from then on', () => {
  const { heard, receive } = listening()
  assert.deepEqual(receive('games', 1, 2), [])
  assert.deepEqual(receive('games', 3), [3])
  assert.deepEqual(ids(heard.texts.value), [1, 2, 3])
})

test('HeardTexts hears each text once when the host tells the last ones again', () => {
  const { heard, receive } = listening()
  receive('games')
  assert.deepEqual(receive('games', 1), [1])
  assert.deepEqual(receive('games', 1, 2, 3), [2, 3], 'what was said while away')
  assert.deepEqual(receive('games', 1, 2, 3), [])
  assert.deepEqual(ids(heard.texts.value), [1, 2, 3])
})

test('HeardTexts keeps lobbies apart, and knows the first one again', () => {
  const { heard, receive } = listening()
  receive('games', 1)
  assert.deepEqual(receive('desk', 2), [])
  assert.deepEqual(ids(heard.texts.value), [2])
  assert.deepEqual(receive('games', 1, 3), [3])
  assert.deepEqual(ids(heard.texts.value), [1, 3])
})

test('HeardTexts keeps the last 200', () => {
  const { heard, receive } = listening()
  receive('games')
  for (let id = 1; id <= 250; id++) receive('games', id)
  assert.deepEqual([heard.texts.value.length, heard.texts.value[0]?.id], [200, 51])
})
