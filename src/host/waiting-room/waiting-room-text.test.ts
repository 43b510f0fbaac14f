import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { waitingRoomText } from './waiting-room-text.ts'

test('waitingRoomText breaks a reason between words', () => {
  const text = waitingRoomText(
    'Desktop',
    'The display was lost: the X server was killed by somebody. Starting it again',
  )
  assert.deepEqual(text, {
    title: 'Desktop',
    lines: ['The display was lost: the X server was killed', 'by somebody. Starting it again'],
  })
})

test('waitingRoomText always fits into the picture and loses nothing that fits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 600 }), (reason) => {
      const { title, lines } = waitingRoomText(reason, reason)
      assert.ok(title.length <= 80)
      assert.ok(lines.length <= 6)
      for (const line of lines) assert.ok(line.length <= 46, line)
      const bare = (words: string) => words.replaceAll(/\s+/g, '')
      const cut = lines.length === 6 && lines[5]?.endsWith('...')
      if (!cut) assert.equal(bare(lines.join(' ')), bare(reason))
    }),
  )
})
