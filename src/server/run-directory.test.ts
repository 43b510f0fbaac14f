import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { openRunDirectory } from './run-directory.ts'
import { ServerError } from './server-error.ts'

function base(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'pl-run-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

const unusable = (error: unknown) => error instanceof ServerError && error.code === 'run-directory-unusable'

test('openRunDirectory makes a private directory and removes it with everything in it', (t) => {
  const xdgRuntimeDirectory = base(t)
  const directory = openRunDirectory(undefined, { pid: process.pid, xdgRuntimeDirectory })
  assert.ok(directory.path.startsWith(`${xdgRuntimeDirectory}/porchlight-${process.pid}-`))
  assert.equal(statSync(directory.path).mode & 0o777, 0o700)
  writeFileSync(join(directory.path, 'cookie'), '')
  directory[Symbol.dispose]()
  assert.ok(!existsSync(directory.path))
})

test('openRunDirectory removes what a crashed server has left, and nothing else', (t) => {
  const xdgRuntimeDirectory = base(t)
  const names = ['porchlight-4194999-abcDEF', `porchlight-${process.pid}-abcDEF`, 'porchlight-notes', 'other']
  for (const name of names) mkdirSync(join(xdgRuntimeDirectory, name))
  using _ = openRunDirectory(undefined, { pid: process.pid, xdgRuntimeDirectory })
  const left = names.filter((name) => existsSync(join(xdgRuntimeDirectory, name)))
  assert.deepEqual(left, names.slice(1))
})

test('openRunDirectory makes a configured directory private and leaves it at the end', (t) => {
  const path = join(base(t), 'run')
  openRunDirectory(path, { pid: 1, xdgRuntimeDirectory: undefined })[Symbol.dispose]()
  assert.equal(statSync(path).mode & 0o777, 0o700)
})

test('openRunDirectory refuses what cannot hold sockets', (t) => {
  const file = join(base(t), 'file')
  writeFileSync(file, '')
  for (const path of [file, join(file, 'below'), `/tmp/${'x'.repeat(80)}`]) {
    assert.throws(() => openRunDirectory(path, { pid: 1, xdgRuntimeDirectory: undefined }), unusable, path)
  }
})
