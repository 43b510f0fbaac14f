import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeAbilities } from '../../wire/native-frames/abilities.ts'
import type { DatagramKind } from '../../wire/native-frames/frame.ts'
import { ReceivedMedia } from './received-media.ts'

test('ReceivedMedia tells some times that it takes wide pictures, as what tells it can be lost, and then no more', () => {
  let nowMs = 0
  const told: { readonly atMs: number; readonly kind: DatagramKind; readonly data: Uint8Array }[] = []
  const media = new ReceivedMedia({
    transport: {
      roundTripMs: 10,
      askAgain() {},
      askForKey() {},
      send: (kind, data) => told.push({ atMs: nowMs, kind, data }),
    },
    nowUs: () => nowMs * 1000,
    events: { picture() {}, sound() {}, pointers() {} },
  })
  assert.equal(told.length, 1, 'before anything has come')
  for (; nowMs < 60_000; nowMs += 5) media.poll()
  assert.deepEqual(
    told.map(({ atMs, kind }) => [atMs, kind]),
    [0, 1000, 2000, 3000, 4000].map((atMs) => [atMs, 'control']),
  )
  assert.ok(told.every(({ data }) => decodeAbilities(data)?.takesWide === true))
})
