import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { openRunDirectory } from './run-directory.ts'
import { ServerError } from './contract/server-error.ts'

const hostId = '0123456789ab'

function base(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'pl-run-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

const unusable = (error: unknown) => error instanceof ServerError && error.code === 'run-directory-unusable'

test('openRunDirectory makes a private directory and removes it with everything in it', (t) => {
  const xdgRuntimeDirectory = base(t)
  const directory = openRunDirectory(undefined, { hostId, xdgRuntimeDirectory })
  assert.ok(directory.path.startsWith(`${xdgRuntimeDirectory}/porchlight-${hostId}-`))
  assert.equal(statSync(directory.path).mode & 0o777, 0o700)
  writeFileSync(join(directory.path, 'cookie'), '')
  directory[Symbol.dispose]()
  assert.ok(!existsSync(directory.path))
})

test('openRunDirectory removes what its own host has left, and nothing else', (t) => {
  const xdgRuntimeDirectory = base(t)
  // Of a server that was killed, of another one whose process cannot be seen from here, and of nobody.
  const names = [`porchlight-${hostId}-abcDEF`, 'porchlight-ba9876543210-abcDEF', 'porchlight-4194999-abcDEF', 'other']
  for (const name of names) mkdirSync(join(xdgRuntimeDirectory, name))
  using directory = openRunDirectory(undefined, { hostId, xdgRuntimeDirectory })
  directory.removeLeftovers()
  const left = names.filter((name) => existsSync(join(xdgRuntimeDirectory, name)))
  assert.deepEqual(left, names.slice(1))
  assert.ok(existsSync(directory.path))
})

test('openRunDirectory makes a configured directory private and leaves it at the end', (t) => {
  const path = join(base(t), 'run')
  openRunDirectory(path, { hostId, xdgRuntimeDirectory: undefined })[Symbol.dispose]()
  assert.equal(statSync(path).mode & 0o777, 0o700)
  assert.deepEqual(readdirSync(path), [])
})

test('openRunDirectory gives hosts that are given one place a directory each', (t) => {
  const path = base(t)
  using one = openRunDirectory(path, { hostId, xdgRuntimeDirectory: undefined })
  using other = openRunDirectory(path, { hostId: 'ba9876543210', xdgRuntimeDirectory: undefined })
  assert.notEqual(one.path, other.path)
  other.removeLeftovers()
  assert.ok(existsSync(one.path))
})

test('openRunDirectory refuses what cannot hold sockets', (t) => {
  const file = join(base(t), 'file')
  writeFileSync(file, '')
  for (const path of [file, join(file, 'below'), `/tmp/${'x'.repeat(80)}`]) {
    assert.throws(() => openRunDirectory(path, { hostId, xdgRuntimeDirectory: undefined }), unusable, path)
  }
})
