import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { page, withDiagrams } from '../scripts/protocol-diagrams.mjs'
import { conversations } from '../src/server/conversations.ts'

const text = readFileSync(page, 'utf8')

test('the diagrams of docs/protocols.md are those of the declarations', () => {
  assert.equal(text, withDiagrams(text), 'run: node scripts/protocol-diagrams.mjs')
})

test('docs/protocols.md tells what is checked on each wire, and of none that is not there', () => {
  const rows = [...text.matchAll(/^\| \*\*(.+?)\*\* \|/gm)].map(([, name]) => name)
  assert.deepEqual(new Set(rows), new Set(conversations.keys()))
})
