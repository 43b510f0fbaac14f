import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeDirectory } from './make-directory.ts'

const modeOf = (path: string) => statSync(path).mode & 0o777

test('makeDirectory makes what is missing for this user alone and leaves what exists as it is', (t) => {
  const base = mkdtempSync(join(tmpdir(), 'pl-make-'))
  t.after(() => rmSync(base, { recursive: true, force: true }))
  chmodSync(base, 0o755)
  makeDirectory(join(base, 'a', 'b'))
  makeDirectory(join(base, 'a', 'b'))
  assert.deepEqual([base, join(base, 'a'), join(base, 'a', 'b')].map(modeOf), [0o755, 0o700, 0o700])
})

test('makeDirectory throws for a file in the way', (t) => {
  const base = mkdtempSync(join(tmpdir(), 'pl-make-'))
  t.after(() => rmSync(base, { recursive: true, force: true }))
  const file = join(base, 'file')
  writeFileSync(file, '')
  assert.throws(() => makeDirectory(file), { code: 'EEXIST' })
  assert.throws(() => makeDirectory(join(file, 'below')), { code: 'EEXIST' })
})

test('makeDirectory throws, and does not try for ever, where no directory can be made', () => {
  assert.throws(() => makeDirectory('/proc/porchlight/data'), { code: 'ENOENT' })
})
