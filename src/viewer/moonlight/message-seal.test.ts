import assert from 'node:assert/strict'
import { createCipheriv, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { controlNonce } from '../../wire/moonlight/control-message.ts'
import { MessageSeal, openSealed } from './message-seal.ts'

const key = randomBytes(16)

test('MessageSeal opens each message once, in whatever order they come within its window', () => {
  const numbers = fc.array(fc.nat(6000), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(numbers, (sequences) => {
      const seal = new MessageSeal(key, 'control', 0)
      const opened = new Set<number>()
      let newest = -1
      for (const sequence of sequences) {
        const isFresh = !opened.has(sequence) && sequence > newest - 2048
        const plain = seal.open(fromClient(sequence, 'x'))
        assert.equal(plain !== undefined, isFresh, String(sequence))
        if (plain) opened.add(sequence)
        newest = Math.max(newest, ...opened)
      }
    }),
  )
})

test('what was sealed under another key, for another stream or by ourselves is opened by nobody', () => {
  const message = fromClient(1, 'x')
  assert.equal(openSealed(randomBytes(16), 'control', message), undefined)
  assert.equal(openSealed(key, 'rtsp', message), undefined)
  assert.equal(openSealed(key, 'control', new MessageSeal(key, 'control', 1).seal(Buffer.from('x'))), undefined)
  assert.deepEqual(openSealed(key, 'control', message), Buffer.from('x'))
  // A forged number does not use up the real one.
  const seal = new MessageSeal(key, 'control', 0)
  assert.equal(seal.open({ ...message, tag: randomBytes(16) }), undefined)
  assert.deepEqual(seal.open(message), Buffer.from('x'))
})

function fromClient(sequence: number, text: string) {
  const cipher = createCipheriv('aes-128-gcm', key, controlNonce(sequence, 'client', 'control'))
  const ciphertext = Buffer.concat([cipher.update(text), cipher.final()])
  return { sequence, tag: cipher.getAuthTag(), ciphertext }
}
