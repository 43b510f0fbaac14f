import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findConflict } from './address-conflict.ts'

const find = (...ranges: string[]) =>
  findConflict(
    '10.66.0.0/16',
    ranges.map((range) => ({ range, device: 'eth0' })),
    'porch00000000',
  ).kind

test('findConflict refuses what lies in the range or is it, and takes a hole out of what is wider', () => {
  assert.equal(find('192.168.1.0/24', '10.67.0.0/16', '10.65.255.255/32'), 'none')
  assert.equal(find('10.66.3.0/24'), 'conflict')
  assert.equal(find('10.66.0.0/16'), 'conflict')
  assert.equal(find('10.66.255.255/32'), 'conflict')
  assert.equal(find('10.0.0.0/8'), 'hides')
  assert.equal(find('10.0.0.0/8', '10.66.3.0/24'), 'conflict')
  assert.equal(find('default', 'fe80::/64', ''), 'none')
  const own = [{ range: '10.66.0.0/16', device: 'porch00000000' }]
  assert.equal(findConflict('10.66.0.0/16', own, 'porch00000000').kind, 'none')
})
