import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { leaveLocalAccess, readLocalAccess } from './local-access.ts'

function scratch(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'porchlight-access-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return directory
}

const access = { url: 'http://127.0.0.1:8080', token: 'secret' }

test('the way in is found by who may read it, and goes with the server', (t) => {
  const directory = scratch(t)
  assert.equal(readLocalAccess(directory), undefined)
  const left = leaveLocalAccess(directory, access)
  assert.deepEqual(readLocalAccess(directory), access)
  const [name = ''] = readdirSync(directory)
  assert.equal(statSync(join(directory, name)).mode & 0o777, 0o600)
  left[Symbol.dispose]()
  assert.deepEqual(readdirSync(directory), [])
})

test('what a killed server has left is replaced, and a server takes away only its own', (t) => {
  const directory = scratch(t)
  const first = leaveLocalAccess(directory, access)
  const second = { ...access, token: 'newer' }
  leaveLocalAccess(directory, second)
  first[Symbol.dispose]()
  assert.deepEqual(readLocalAccess(directory), second)
})

test('a copy of the data leads nowhere, and the data leads there wherever it is moved', (t) => {
  const directory = scratch(t)
  const original = join(directory, 'original')
  mkdirSync(original)
  leaveLocalAccess(original, access)
  cpSync(original, join(directory, 'copy'), { recursive: true, preserveTimestamps: true })
  assert.equal(readLocalAccess(join(directory, 'copy')), undefined)
  renameSync(original, join(directory, 'moved'))
  assert.deepEqual(readLocalAccess(join(directory, 'moved')), access)
})

test('a pipe or a device in its place leads nowhere', (t) => {
  const directory = scratch(t)
  const file = join(directory, 'local-access.json')
  execFileSync('mkfifo', [file])
  assert.equal(readLocalAccess(directory), undefined)
  rmSync(file)
  symlinkSync('/dev/zero', file)
  assert.equal(readLocalAccess(directory), undefined)
})

test('a file that is damaged or foreign leads nowhere', (t) => {
  const directory = scratch(t)
  for (const text of ['', '{', '[]', '{"url":"nowhere","token":"x"}', '{"url":"http://127.0.0.1:1"}']) {
    writeFileSync(join(directory, 'local-access.json'), text)
    assert.equal(readLocalAccess(directory), undefined, text)
  }
})
