import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { WireError } from '../wire-error.ts'
import { bitString, der, explicit, objectIdentifier, octetString, sequence, time, unsignedInteger } from './der.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

test('der writes a length in one byte up to 127 and with its own length from then on', () => {
  assert.equal(hex(der(0x04)), '0400')
  assert.equal(hex(octetString(new Uint8Array(127))).slice(0, 4), '047f')
  assert.equal(hex(octetString(new Uint8Array(128))).slice(0, 6), '048180')
  assert.equal(hex(octetString(new Uint8Array(256))).slice(0, 8), '04820100')
  assert.equal(hex(octetString(new Uint8Array(65_536))).slice(0, 10), '0483010000')
})

test('der holds its contents in order, to the last byte, whatever their sizes', () => {
  const parts = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 })
  fc.assert(
    fc.property(parts, (contents) => {
      const value = der(0x30, ...contents)
      const all = Buffer.concat(contents)
      assert.deepEqual(Buffer.from(value.subarray(value.length - all.length)), all)
      const head = value.subarray(0, value.length - all.length)
      const [, first = 0, ...rest] = head
      const length = first < 0x80 ? first : rest.reduce((sum, byte) => sum * 256 + byte, 0)
      assert.equal(length, all.length)
    }),
  )
})

test('unsignedInteger is never negative and has no zeros in front that are not needed', () => {
  assert.equal(hex(unsignedInteger(Uint8Array.of(0, 0, 0x7f))), '02017f')
  assert.equal(hex(unsignedInteger(Uint8Array.of(0x80))), '02020080')
  assert.equal(hex(unsignedInteger(Uint8Array.of())), '020100')
  assert.equal(hex(unsignedInteger(Uint8Array.of(0, 0))), '020100')
})

test('objectIdentifier writes the bytes that the standards print', () => {
  assert.equal(hex(objectIdentifier('1.2.840.113549.1.1.11')), '06092a864886f70d01010b')
  assert.equal(hex(objectIdentifier('2.5.29.17')), '0603551d11')
})

test('bitString, explicit and sequence nest', () => {
  assert.equal(hex(explicit(3, sequence(bitString(Uint8Array.of(0xa0), 5)))), 'a3063004030205a0')
})

test('time has two digits for the year until 2049 and four from then on', () => {
  const text = (value: Uint8Array) => [value[0], Buffer.from(value.subarray(2)).toString()]
  assert.deepEqual(text(time(Date.UTC(2049, 11, 31, 23, 59, 59, 999))), [0x17, '491231235959Z'])
  assert.deepEqual(text(time(Date.UTC(2050, 0, 1))), [0x18, '20500101000000Z'])
  for (const wrong of [Number.NaN, Date.UTC(1949, 0, 1), Number.POSITIVE_INFINITY]) {
    assert.throws(() => time(wrong), WireError)
  }
})
