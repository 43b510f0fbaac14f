import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import type { ApiEvent } from '../../wire/api/resources.ts'
import { EventHistory } from './event-history.ts'

const ended = (lobbyId: string, reason = 'over'): ApiEvent => ({ type: 'lobby-ended', lobbyId, reason })
const everything = () => true

test('since tells what came after an id, the last of each lobby and session only', () => {
  const history = new EventHistory('now')
  const start = history.lastId
  history.add(ended('a', 'first'), 'a')
  history.add({ type: 'session-ended', sessionId: 'a' }, undefined)
  const middle = history.lastId
  history.add(ended('b'), 'b')
  history.add(ended('a', 'second'), 'a')
  const told = (id: string) => history.since(id, everything)?.map(({ event }) => event)
  assert.deepEqual(told(start), [{ type: 'session-ended', sessionId: 'a' }, ended('b'), ended('a', 'second')])
  assert.deepEqual(told(middle), [ended('b'), ended('a', 'second')])
  assert.deepEqual(told(history.lastId), [])
  assert.deepEqual(
    history.since(start, ({ lobbyId }) => lobbyId === 'b')?.map(({ event }) => event),
    [ended('b')],
  )
})

test('since knows no ids but its own', () => {
  const history = new EventHistory('now')
  history.add(ended('a'), 'a')
  for (const id of ['', '-', 'now', 'now-', 'now-x', 'now-2', 'now--1', 'now-1e0', 'then-1', `now-${'9'.repeat(40)}`]) {
    assert.equal(history.since(id, everything), undefined, id)
  }
  fc.assert(fc.property(fc.string(), (id) => ['now-0', 'now-1'].includes(id) || !history.since(id, everything)))
})

test('since gives up where events were forgotten or are too much', () => {
  const history = new EventHistory('now', { events: 3, replayChars: 150 })
  const ids = [history.lastId]
  for (const lobbyId of ['a', 'b', 'c', 'd']) {
    history.add(ended(lobbyId), lobbyId)
    ids.push(history.lastId)
  }
  const counts = ids.map((id) => history.since(id, everything)?.length)
  assert.deepEqual(counts, [undefined, undefined, 2, 1, 0])
})
