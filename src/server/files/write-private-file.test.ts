import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { writePrivateFile } from './write-private-file.ts'

test('writePrivateFile puts a file that only this user can read in the place of whatever was there', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'porchlight-private-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'file')
  writeFileSync(path, 'before', { mode: 0o644 })
  // Left by one that was killed in the middle of it.
  writeFileSync(`${path}.${process.pid}`, 'half', { mode: 0o644 })
  writePrivateFile(path, 'after')
  assert.equal(readFileSync(path, 'utf8'), 'after')
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.deepEqual(readdirSync(directory), ['file'])
})

test('writePrivateFile leaves nothing when it fails', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'porchlight-private-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'taken')
  mkdirSync(join(path, 'inside'), { recursive: true })
  assert.throws(() => writePrivateFile(path, 'text'))
  assert.deepEqual(readdirSync(directory), ['taken'])
})
