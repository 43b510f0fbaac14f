import assert from 'node:assert/strict'
import { test } from 'node:test'
import { qrCode } from './qr-code.ts'

const link = `http://192.168.100.200:65535/#token=${'x'.repeat(43)}`

test('qrCode of the longest usual link fits 80 columns', () => {
  const lines = qrCode(link, { columns: 80, colour: false })?.trimEnd().split('\n') ?? []
  assert.ok(lines.length > 10)
  for (const line of lines) {
    assert.ok(line.length <= 78)
    assert.match(line, /^[█▀▄ ]+$/)
  }
})

test('qrCode is left out where it would be broken over lines', () => {
  assert.equal(qrCode(link, { columns: 30, colour: true }), undefined)
})
