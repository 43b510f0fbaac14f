import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Member, Role } from '../../domain/member.ts'
import { openMemoryHost } from '../../host/memory/memory-host.ts'
import { until } from '../../kernel/readable.ts'
import { clipboardParts } from '../../wire/signal/clipboard-parts.ts'
import { maxClipboardBytes } from '../../domain/clipboard.ts'
import type { ServerMessage } from '../../wire/signal/messages.ts'
import { ClipboardLane } from './clipboard-lane.ts'

/** A lane on a session that is in a lobby. */
async function openLane(t: TestContext, role: Role = 'player') {
  const memory = await openMemoryHost()
  t.after(() => memory[Symbol.asyncDispose]())
  const lobby = await memory.host.createLobby({ appId: 'memory' })
  await until(lobby.status, ({ status }) => status === 'running')
  const member: Member = { id: role, name: role, role, lobbies: 'all' }
  const enter = async () => {
    const session = memory.host.createSession(member)
    await session.join(lobby.id)
    return session
  }
  const said: ServerMessage[] = []
  const lane = new ClipboardLane({ send: (message) => said.push(message) })
  lane.use(await enter())
  const [display] = memory.parts.displays
  const clipboard = display?.clipboard
  assert.ok(clipboard)
  const texts = () => said.flatMap((message) => (message.type === 'clipboard' ? [message.text] : []))
  return { lane, said, texts, clipboard, enter }
}

test('ClipboardLane writes a text once its last part has come, and acknowledges each', async (t) => {
  const { lane, said, clipboard } = await openLane(t)
  const whole = '€'.repeat(100_000)
  for (const part of clipboardParts(whole)) {
    assert.equal(clipboard.text, '')
    await lane.write(part)
  }
  assert.equal(clipboard.text, whole)
  assert.ok(said.length > 1 && said.every(({ type }) => type === 'clipboard-written'))
})

test('ClipboardLane refuses too much, and those who may not play, and goes on', async (t) => {
  const { lane, said, clipboard } = await openLane(t)
  for (const part of clipboardParts('x'.repeat(maxClipboardBytes + 1))) await lane.write(part)
  const refused = said.at(-1)
  assert.equal(refused?.type === 'clipboard-refused' && refused.code, 'too-long')
  await lane.write({ text: 'next', more: false })
  assert.equal(clipboard.text, 'next')

  const viewer = await openLane(t, 'viewer')
  await viewer.lane.write({ text: 'no', more: false })
  assert.deepEqual(
    viewer.said.map((message) => 'code' in message && message.code),
    ['input-forbidden'],
  )
  viewer.lane.follow(true)
  viewer.clipboard.copy('not for them')
  assert.equal(viewer.said.length, 1)
})

test('ClipboardLane tells nothing unasked, one part at a time, and the newest of what was copied meanwhile', async (t) => {
  const { lane, texts, clipboard } = await openLane(t)
  clipboard.copy('before it was asked')
  lane.follow(true)
  const long = 'x'.repeat(150_000)
  clipboard.copy(long)
  clipboard.copy('passed over')
  clipboard.copy('newest')
  assert.equal(texts().length, 1)
  lane.taken()
  assert.equal(texts().join(''), long)
  lane.taken()
  assert.equal(texts().at(-1), 'newest')
  lane.taken()
  lane.taken()
  assert.equal(texts().length, 3)
  lane.follow(false)
  clipboard.copy('not any more')
  assert.equal(texts().length, 3)
})

test('ClipboardLane follows the session that takes the place of another', async (t) => {
  const { lane, texts, clipboard, enter } = await openLane(t)
  lane.follow(true)
  lane.use(await enter())
  clipboard.copy('once')
  assert.deepEqual(texts(), ['once'])
  lane.close()
  lane.taken()
  clipboard.copy('gone')
  assert.deepEqual(texts(), ['once'])
})
