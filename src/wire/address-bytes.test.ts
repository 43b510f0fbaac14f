import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import { test } from 'node:test'
import * as fc from '../../test/support/fast-check.ts'
import { addressBytes } from './address-bytes.ts'

const hex = (text: string) => {
  const bytes = addressBytes(text)
  return bytes && Buffer.from(bytes).toString('hex')
}

test('addressBytes writes IPv4 and IPv6 addresses, however they are spelled', () => {
  assert.equal(hex('192.168.1.5'), 'c0a80105')
  assert.equal(hex('::1'), `${'0'.repeat(31)}1`)
  assert.equal(hex('::'), '0'.repeat(32))
  assert.equal(hex('FD00:0:0:0:0:0:0:2'), `fd${'0'.repeat(29)}2`)
  assert.equal(hex('2001:db8::ff:0:1'), '20010db800000000000000ff00000001')
  assert.equal(hex('1:2:3:4:5:6:7:8'), '00010002000300040005000600070008')
  assert.equal(hex('::ffff:10.0.0.1'), `${'0'.repeat(20)}ffff0a000001`)
})

test('addressBytes takes every address of its family', () => {
  fc.assert(fc.property(fc.ipV4(), (text) => assert.equal(addressBytes(text)?.length, 4)))
  fc.assert(fc.property(fc.ipV6(), (text) => assert.equal(addressBytes(text)?.length, 16)))
})

test('addressBytes takes nothing that is no address', () => {
  for (const text of ['', 'localhost', '256.0.0.1', '1.2.3', 'fe80::1%eth0', '[::1]', ':', '1::2::3', 'a.b:c', '1:2']) {
    assert.equal(addressBytes(text), undefined, text)
  }
  fc.assert(fc.property(fc.string(), (text) => isIP(text) !== 0 || addressBytes(text) === undefined))
})
