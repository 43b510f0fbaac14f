import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryProducer } from '../memory/memory-producer.ts'
import { WaitingRooms } from './waiting-rooms.ts'

function openRooms() {
  const opened: MemoryProducer[] = []
  const rooms = new WaitingRooms((id) => {
    const producer = new MemoryProducer(id)
    opened.push(producer)
    return producer
  })
  return { rooms, opened }
}

const starting = { title: 'Games', lines: ['It is starting'] }

test('enter shares a room among equal texts and closes it with its last lease', async () => {
  const { rooms, opened } = openRooms()
  const first = rooms.enter(starting)
  const second = rooms.enter({ title: 'Games', lines: ['It is starting'] })
  const other = rooms.enter({ title: 'Games', lines: ['It has ended'] })
  assert.equal(first.producer, second.producer)
  assert.notEqual(first.producer, other.producer)
  await first.release()
  await first.release()
  assert.equal(rooms.size, 2, 'one lease counts once, however often it is released')
  await second.release()
  assert.deepEqual(await opened[0]?.closed, { kind: 'clean', reason: 'nobody waits there any more' })
  assert.equal(rooms.size, 1)
})

test('enter opens a new room under a new id while the old one is closing', async () => {
  const { rooms, opened } = openRooms()
  const closing = rooms.enter(starting).release()
  const again = rooms.enter(starting)
  await closing
  assert.equal(opened.length, 2)
  assert.notEqual(opened[0]?.id, again.producer.id)
  assert.equal(rooms.size, 1)
  await again.release()
  await rooms.settled()
})
