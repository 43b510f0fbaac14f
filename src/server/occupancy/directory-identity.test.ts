import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isSameDirectory, directoryIdentityOf, type DirectoryIdentity } from './directory-identity.ts'

test('a directory stays the same place when it is used and moved, and a copy of it is another one', (t) => {
  const base = mkdtempSync(join(tmpdir(), 'porchlight-place-'))
  t.after(() => rmSync(base, { recursive: true }))
  const original = join(base, 'original')
  mkdirSync(join(original, 'homes'), { recursive: true })
  const before = directoryIdentityOf(original)
  mkdirSync(join(original, 'more'))
  assert.ok(isSameDirectory(before, directoryIdentityOf(original)))
  cpSync(original, join(base, 'copy'), { recursive: true, preserveTimestamps: true })
  assert.ok(!isSameDirectory(before, directoryIdentityOf(join(base, 'copy'))))
  renameSync(original, join(base, 'moved'))
  assert.ok(isSameDirectory(before, directoryIdentityOf(join(base, 'moved'))))
  // A backup that was put back is another directory, although its path is that of before.
  renameSync(join(base, 'copy'), original)
  assert.ok(!isSameDirectory(before, directoryIdentityOf(original)))
})

test('a snapshot is another place than its original, in one boot by its device and in another one by its path', () => {
  const original: DirectoryIdentity = { boot: 'a', device: '1', inode: '256', bornNs: '5', path: '/data' }
  const cases: [now: Partial<DirectoryIdentity>, isSame: boolean][] = [
    [{}, true],
    [{ path: '/mnt/data' }, true],
    [{ device: '2' }, false],
    [{ device: '2', path: '/mnt/snapshot' }, false],
    [{ boot: 'b', device: '2' }, true],
    [{ boot: 'b', device: '2', path: '/mnt/snapshot' }, false],
    [{ boot: 'b', inode: '257' }, false],
    [{ bornNs: '6' }, false],
  ]
  for (const [now, isSame] of cases) {
    assert.equal(isSameDirectory(original, { ...original, ...now }), isSame, JSON.stringify(now))
  }
  const unknown = { ...original, boot: '' }
  assert.ok(isSameDirectory(unknown, { ...unknown, device: '9' }))
  assert.ok(!isSameDirectory(unknown, { ...unknown, path: '/other' }))
})
