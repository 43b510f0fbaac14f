import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { keyFingerprint, shortFingerprint } from './key-fingerprint.ts'

test('shortFingerprint writes the first 80 bits of the SHA-256, for people', () => {
  const key = new Uint8Array(32).fill(7)
  const bits = [...createHash('sha256').update(key).digest().subarray(0, 10)]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('')
  const letters = (bits.match(/.{5}/g) ?? []).map(
    (five) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[Number.parseInt(five, 2)],
  )
  assert.equal(shortFingerprint(key).replaceAll('-', ''), letters.join(''))
  assert.match(shortFingerprint(key), /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/)
})

test('fingerprints of different keys differ', () => {
  const keys = Array.from({ length: 200 }, (_, fill) => new Uint8Array(32).fill(fill))
  assert.equal(new Set(keys.map(shortFingerprint)).size, 200)
  assert.equal(new Set(keys.map(keyFingerprint)).size, 200)
})
