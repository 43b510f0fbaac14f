import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isSamePlace, placeOf, type Place } from './place.ts'

test('a directory stays the same place when it is used and moved, and a copy of it is another one', (t) => {
  const base = mkdtempSync(join(tmpdir(), 'porchlight-place-'))
  t.after(() => rmSync(base, { recursive: true }))
  const original = join(base, 'original')
  mkdirSync(join(original, 'homes'), { recursive: true })
  const before = placeOf(original)
  mkdirSync(join(original, 'more'))
  assert.ok(isSamePlace(before, placeOf(original)))
  cpSync(original, join(base, 'copy'), { recursive: true, preserveTimestamps: true })
  assert.ok(!isSamePlace(before, placeOf(join(base, 'copy'))))
  renameSync(original, join(base, 'moved'))
  assert.ok(isSamePlace(before, placeOf(join(base, 'moved'))))
  // A backup that was put back is another directory, although its path is that of before.
  renameSync(join(base, 'copy'), original)
  assert.ok(!isSamePlace(before, placeOf(original)))
})

test('a snapshot is another place than its original, in one boot by its device and in another one by its path', () => {
  const original: Place = { boot: 'a', device: '1', inode: '256', bornNs: '5', path: '/data' }
  const cases: [now: Partial<Place>, isSame: boolean][] = [
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
    assert.equal(isSamePlace(original, { ...original, ...now }), isSame, JSON.stringify(now))
  }
  const unknown = { ...original, boot: '' }
  assert.ok(isSamePlace(unknown, { ...unknown, device: '9' }))
  assert.ok(!isSamePlace(unknown, { ...unknown, path: '/other' }))
})
