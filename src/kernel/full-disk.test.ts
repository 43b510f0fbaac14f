import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CodedError } from './coded-error.ts'
import { fullDiskOf } from './full-disk.ts'

test('fullDiskOf finds a full disk behind whatever it led to, and where it is', () => {
  const noSpace = Object.assign(new Error('no space'), { code: 'ENOSPC', path: '/data/file' })
  assert.deepEqual(fullDiskOf(noSpace), { place: '/data/file' })
  assert.deepEqual(fullDiskOf(new Error('outer', { cause: new Error('middle', { cause: noSpace }) })), {
    place: '/data/file',
  })
  assert.deepEqual(fullDiskOf(Object.assign(new Error('quota'), { code: 'EDQUOT' })), { place: undefined })
  const coded = Object.assign(new CodedError('disk-full', 'full'), { place: '/data' })
  assert.deepEqual(fullDiskOf(coded), { place: '/data' })
  const round = new Error('round')
  round.cause = round
  for (const other of [
    round,
    undefined,
    'ENOSPC',
    { code: 'ENOSPC' },
    Object.assign(new Error('x'), { code: 'EACCES' }),
  ]) {
    assert.equal(fullDiskOf(other), undefined)
  }
})
