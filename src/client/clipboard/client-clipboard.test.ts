import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClientMessage } from '../../wire/signal/messages.ts'
import { ClientError } from '../contract/client-error.ts'
import { ClientClipboard } from './client-clipboard.ts'

function world() {
  const said: ClientMessage[] = []
  const line = { isUp: true }
  const clipboard = new ClientClipboard((message) => {
    if (line.isUp) said.push(message)
    return line.isUp
  })
  const texts = () => said.flatMap((message) => (message.type === 'clipboard-write' ? [message.text] : []))
  return { said, line, clipboard, texts }
}

test('write sends one part at a time and resolves with the last acknowledgement', async () => {
  const { clipboard, texts } = world()
  const long = 'x'.repeat(150_000)
  const written = clipboard.write(long)
  assert.equal(texts().length, 1)
  clipboard.receive({ type: 'clipboard-written' })
  assert.equal(texts().join(''), long)
  clipboard.receive({ type: 'clipboard-written' })
  await written
})

test('write keeps one text waiting, the latest', async () => {
  const { clipboard, texts } = world()
  const [first, second, third] = ['a', 'b', 'c'].map((text) => clipboard.write(text))
  await assert.rejects(second ?? Promise.resolve(), { code: 'superseded' })
  clipboard.receive({ type: 'clipboard-written' })
  await first
  clipboard.receive({ type: 'clipboard-written' })
  await third
  assert.deepEqual(texts(), ['a', 'c'])
})

test('write rejects with the refusal of the host, and goes on with the next text', async () => {
  const { clipboard } = world()
  const refused = assert.rejects(clipboard.write('a'), { code: 'host-error', hostCode: 'input-forbidden' })
  const next = clipboard.write('b')
  clipboard.receive({ type: 'clipboard-refused', code: 'input-forbidden', message: 'No' })
  await refused
  clipboard.receive({ type: 'clipboard-written' })
  await next
})

test('write rejects without a connection, with a new one, and at the end', async () => {
  const { clipboard, line } = world()
  line.isUp = false
  await assert.rejects(clipboard.write('a'), { code: 'signalling-lost' })
  line.isUp = true
  const lost = assert.rejects(clipboard.write('b'), { code: 'signalling-lost' })
  clipboard.greeted()
  await lost
  const ended = assert.rejects(clipboard.write('c'), { code: 'closed' })
  clipboard.drop(new ClientError('closed', 'The client was closed'))
  await ended
})

test('write sends nothing of a text that the host cannot take', async () => {
  const { clipboard, said } = world()
  await assert.rejects(clipboard.write('x'.repeat(2 ** 21)), { code: 'too-large' })
  assert.deepEqual(said, [])
})

test('onCopy asks the host while somebody listens, again after a reconnection, and takes every part', () => {
  const { clipboard, said } = world()
  const heard: string[] = []
  const stop = clipboard.onCopy((text) => heard.push(text))
  const stopSecond = clipboard.onCopy(() => {})
  clipboard.greeted()
  clipboard.receive({ type: 'clipboard', text: 'half ', more: true })
  assert.deepEqual(heard, [])
  clipboard.receive({ type: 'clipboard', text: 'whole', more: false })
  assert.deepEqual(heard, ['half whole'])
  stop()
  stop()
  stopSecond()
  assert.deepEqual(
    said.map((message) => ('on' in message ? message.on : message.type)),
    [true, true, 'clipboard-taken', 'clipboard-taken', false],
  )
})
