import assert from 'node:assert/strict'
import { test } from 'node:test'
import { staysAsCopied, type Content } from './copied-content.ts'

const copied = (text: string | undefined, before: string | undefined): Content => ({
  by: 'program',
  text,
  atMs: 1000,
  before,
})

test('staysAsCopied lets go of what nobody or a writer put there', () => {
  assert.equal(staysAsCopied({ by: 'nobody' }, 'a', 1000), false)
  assert.equal(staysAsCopied({ by: 'us', text: 'a' }, 'a', 1000), false)
})

test('staysAsCopied keeps a program its own text, which may have more than text', () => {
  assert.equal(staysAsCopied(copied('a', undefined), 'a', 9_000_000), true)
  assert.equal(staysAsCopied(copied('a', undefined), 'b', 1000), false)
})

test('staysAsCopied keeps what was copied after the text that is written', () => {
  assert.equal(staysAsCopied(copied('new', 'old'), 'old', 1500), true, 'it is on its way to the writer')
  assert.equal(
    staysAsCopied(copied('new', 'old'), 'old', 2500),
    false,
    'the writer had it, and copied the old one again',
  )
  assert.equal(staysAsCopied(copied(undefined, 'old'), 'old', 2500), true, 'an image never reaches the writer')
  assert.equal(staysAsCopied(copied(undefined, 'old'), 'other', 1001), false)
})
