import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../../kernel/readable.ts'
import { openMemoryHost } from '../memory/memory-host.ts'
import { asSeen } from './seen-point.ts'

const bars = { width: 800, height: 600, content: { x: 0, y: 74, width: 800, height: 450 } }

test('asSeen maps what points at a picture with bars, and leaves everything else as it is', () => {
  const corner = asSeen({ type: 'pointer', x: 0, y: 74 / 600 }, bars)
  assert.deepEqual(corner, { type: 'pointer', x: 0, y: 0 })
  const press = { type: 'button', button: 'left', down: true } as const
  assert.deepEqual(asSeen({ ...press, x: 1, y: 1 }, bars), { ...press, x: 1, y: 1 })
  const nowhere = { ...press, x: undefined, y: undefined }
  for (const event of [nowhere, { type: 'wheel', dx: 1, dy: 0 }, { type: 'release-all' }] as const) {
    assert.equal(asSeen(event, bars), event)
  }
  const point = { type: 'pointer', x: 0.3, y: 0.3 } as const
  assert.equal(asSeen(point, { ...bars, content: { x: 0, y: 0, width: 800, height: 600 } }), point)
  assert.equal(asSeen(point, undefined), point)
})

test('a player who watches with black bars points at the same place as everybody', async () => {
  await using memory = await openMemoryHost()
  const lobby = await memory.host.createLobby({ appId: 'memory', title: 'Games' })
  await until(lobby.status, ({ status }) => status === 'running')
  const session = memory.host.createSession({ id: 'p', name: 'Ada', role: 'player', lobbies: 'all' })
  await session.join(lobby.id)
  const shape = { width: 800, height: 600, maxFps: 30 }
  const watch = session.attach({ codecs: ['h264'], bitrateBps: 1e6, audio: false, shape }, { video() {}, audio() {} })
  const [producer] = memory.parts.producers
  producer?.sendPicture({ key: true })
  assert.deepEqual(watch.rendition.value?.content, { x: 0, y: 74, width: 800, height: 450 })
  session.changeSeat('keyboard-mouse', { do: 'request' })
  session.input({ type: 'pointer', x: 0.5, y: 74 / 600 })
  assert.deepEqual([...memory.parts.displays].at(-1)?.received.at(-1), { type: 'pointer', x: 0.5, y: 0 })
})
