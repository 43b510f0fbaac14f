import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressBelow } from './address-below.ts'

test('addressBelow keeps the folder that a host is in', () => {
  const path = '/api/v1/lobbies?after=1'
  for (const [base, wanted] of [
    ['https://play.example.org', 'https://play.example.org/api/v1/lobbies?after=1'],
    ['https://play.example.org/', 'https://play.example.org/api/v1/lobbies?after=1'],
    ['https://example.org/play/', 'https://example.org/play/api/v1/lobbies?after=1'],
    ['https://example.org/index.html', 'https://example.org/api/v1/lobbies?after=1'],
    ['http://example.org:81/a/b/?x=1#y', 'http://example.org:81/a/b/api/v1/lobbies?after=1'],
  ] as const) {
    assert.equal(addressBelow(base, path).href, wanted)
  }
  assert.throws(() => addressBelow('nowhere', path), TypeError)
})
