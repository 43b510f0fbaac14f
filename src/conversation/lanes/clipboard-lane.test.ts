import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Member, Role } from '../../domain/member.ts'
import { openMemoryHost } from '../../host/memory/memory-host.ts'
import { until } from '../../kernel/readable.ts'
import { heldToSignalling } from '../../../test/support/held-to-signalling.ts'
import { clipboardParts, type ClipboardPart } from '../../wire/signal/clipboard-parts.ts'
import { maxClipboardBytes } from '../../domain/clipboard.ts'
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
  const { speech, said, tell } = heldToSignalling()
  const lane = new ClipboardLane(speech)
  const leave = lane.follow(await enter())
  const write = (part: ClipboardPart) => tell(lane, { type: 'clipboard-write', ...part })
  const taken = () => void tell(lane, { type: 'clipboard-taken' })
  const ask = (on: boolean) => void tell(lane, { type: 'clipboard-follow', on })
  const [display] = memory.parts.displays
  const clipboard = display?.clipboard
  assert.ok(clipboard)
  const texts = () => said.flatMap((message) => (message.type === 'clipboard' ? [message.text] : []))
  return { lane, leave, write, taken, ask, said, texts, clipboard, enter }
}

test('ClipboardLane writes a text once its last part has come, and acknowledges each', async (t) => {
  const { write, said, clipboard } = await openLane(t)
  const whole = '€'.repeat(100_000)
  for (const part of clipboardParts(whole)) {
    assert.equal(clipboard.text, '')
    await write(part)
  }
  assert.equal(clipboard.text, whole)
  assert.ok(said.length > 1 && said.every(({ type }) => type === 'clipboard-written'))
})

test('ClipboardLane refuses too much, and those who may not play, and goes on', async (t) => {
  const { write, said, clipboard } = await openLane(t)
  for (const part of clipboardParts('x'.repeat(maxClipboardBytes + 1))) await write(part)
  const refused = said.at(-1)
  assert.equal(refused?.type === 'clipboard-refused' && refused.code, 'too-long')
  await write({ text: 'next', more: false })
  assert.equal(clipboard.text, 'next')

  const viewer = await openLane(t, 'viewer')
  await viewer.write({ text: 'no', more: false })
  assert.deepEqual(
    viewer.said.map((message) => 'code' in message && message.code),
    ['input-forbidden'],
  )
  viewer.ask(true)
  viewer.clipboard.copy('not for them')
  assert.equal(viewer.said.length, 1)
})

test('ClipboardLane tells nothing unasked, one part at a time, and the newest of what was copied meanwhile', async (t) => {
  const { taken, ask, texts, clipboard } = await openLane(t)
  clipboard.copy('before it was asked')
  ask(true)
  const long = 'x'.repeat(150_000)
  clipboard.copy(long)
  clipboard.copy('passed over')
  clipboard.copy('newest')
  assert.equal(texts().length, 1)
  taken()
  assert.equal(texts().join(''), long)
  taken()
  assert.equal(texts().at(-1), 'newest')
  taken()
  assert.equal(texts().length, 3)
  ask(false)
  clipboard.copy('not any more')
  assert.equal(texts().length, 3)
})

test('ClipboardLane follows the session that takes the place of another', async (t) => {
  const { lane, leave, taken, ask, texts, clipboard, enter } = await openLane(t)
  ask(true)
  leave()
  lane.follow(await enter())
  clipboard.copy('once')
  assert.deepEqual(texts(), ['once'])
  lane.close()
  taken()
  clipboard.copy('gone')
  assert.deepEqual(texts(), ['once'])
})
