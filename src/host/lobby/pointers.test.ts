import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../kernel/manual-clock.ts'
import type { PointerBatch } from '../../domain/player.ts'
import { Pointers } from './pointers.ts'

const ada = { sessionId: 'ada', name: 'Ada', role: 'owner' } as const
const bob = { sessionId: 'bob', name: 'Bob', role: 'player' } as const

function open() {
  const clock = new ManualClock()
  const pointers = new Pointers(clock)
  pointers.enter(ada)
  pointers.enter(bob)
  const heard: [PointerBatch[], PointerBatch[]] = [[], []]
  for (const batches of heard) pointers.follow((batch) => batches.push(batch))
  return { clock, pointers, heard }
}

test('all who follow are given the same batches, at most 25 a second, each with the latest positions', () => {
  const { clock, pointers, heard } = open()
  for (let ms = 0; ms < 1000; ms++) {
    pointers.move('ada', ms / 1000, 0)
    clock.advance(1)
  }
  const [mine, theirs] = heard
  assert.ok(mine.length >= 24 && mine.length <= 26, `${mine.length} batches`)
  assert.ok(mine.every((batch, index) => batch === theirs[index]))
  assert.ok((mine.at(-1)?.positions[0]?.x ?? 0) > 0.95)
  assert.deepEqual(
    mine.map(({ sequence }) => sequence),
    mine.map((_, index) => index + 1),
  )
})

test('the last position is told a few times more, and then nothing', () => {
  const { clock, pointers, heard } = open()
  pointers.move('bob', 0.5, 0.5)
  clock.advance(10_000)
  const [batches] = heard
  assert.ok(batches.length >= 4 && batches.length <= 7, `${batches.length} batches`)
  for (const { positions } of batches) assert.deepEqual(positions, [{ player: 1, x: 0.5, y: 0.5 }])
})

test('nothing is told of who has left, of what is no position, and to somebody who is alone', () => {
  const { clock, pointers, heard } = open()
  pointers.move('ada', Number.NaN, 0)
  pointers.move('nobody', 0, 0)
  pointers.move('bob', 0, 0)
  pointers.leave('bob')
  clock.advance(1000)
  assert.deepEqual(heard, [[], []])

  const lonely = new Pointers(clock)
  lonely.enter(ada)
  const batches: PointerBatch[] = []
  lonely.follow((batch) => batches.push(batch))
  lonely.move('ada', 0, 0)
  clock.advance(1000)
  assert.deepEqual(batches, [])
})

test('a number is given again when its player has left', () => {
  const { pointers } = open()
  pointers.leave('ada')
  pointers.enter({ sessionId: 'eve', name: 'Eve', role: 'agent' })
  assert.deepEqual(
    pointers.players.value.map(({ sessionId, pointer }) => [sessionId, pointer]),
    [
      ['bob', 1],
      ['eve', 0],
    ],
  )
})
