import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InputMessage } from '../../domain/input-event.ts'
import { SoftKeys } from './soft-keys.ts'

function world() {
  const sent: string[] = []
  const keys = new SoftKeys((message: InputMessage) =>
    sent.push(
      message.type === 'key' ? `${message.down ? '+' : '-'}${message.key}` : `"${'text' in message && message.text}"`,
    ),
  )
  return { keys, sent }
}

test('SoftKeys presses and releases a key as long as it is held', () => {
  const { keys, sent } = world()
  keys.down('ArrowUp')
  keys.down('ArrowUp')
  keys.up('ArrowUp')
  keys.up('ArrowUp')
  assert.deepEqual(sent, ['+ArrowUp', '-ArrowUp'])
})

test('SoftKeys holds modifiers for one key, in their order, and then no more', () => {
  const { keys, sent } = world()
  keys.toggle('Alt')
  keys.toggle('Control')
  assert.deepEqual([...keys.modifiers.value], ['Alt', 'Control'])
  keys.down('Delete')
  assert.deepEqual([...keys.modifiers.value], [])
  keys.up('Delete')
  keys.down('Tab')
  keys.up('Tab')
  assert.deepEqual(sent, ['+Control', '+Alt', '+Delete', '-Delete', '-Alt', '-Control', '+Tab', '-Tab'])
})

test('SoftKeys makes a key of the next character when a modifier waits, and leaves other text alone', () => {
  const { keys, sent } = world()
  keys.send({ type: 'text', text: 'ab' })
  keys.toggle('Control')
  keys.send({ type: 'text', text: 'cd' })
  keys.send({ type: 'text', text: 'e' })
  assert.deepEqual(sent, ['"ab"', '+Control', '+c', '-c', '-Control', '"d"', '"e"'])
})

test('SoftKeys lets a modifier go that is tapped twice, and all of them when everything was released', () => {
  const { keys, sent } = world()
  keys.toggle('Control')
  keys.toggle('Control')
  keys.down('Escape')
  keys.toggle('Alt')
  keys.clear()
  keys.up('Escape')
  keys.send({ type: 'text', text: 'a' })
  assert.deepEqual(sent, ['+Escape', '"a"'])
})
