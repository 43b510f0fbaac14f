import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashPin, isEasyPin, isPinOf, newPin } from './pin.ts'

test('isPinOf knows the PIN that was hashed, and no other; the same PIN is never hashed the same', async () => {
  const [hash, other] = await Promise.all([hashPin('402871'), hashPin('402871')])
  assert.notDeepEqual(hash, other)
  assert.equal(await isPinOf('402871', hash), true)
  assert.equal(await isPinOf('402872', hash), false)
  assert.equal(await isPinOf('', hash), false)
  assert.equal(await isPinOf('402871', hash.subarray(0, 40)), false)
})

test('isEasyPin knows what is tried first', () => {
  for (const pin of ['0000', '99999999', '1234', '4321', '567890', '01234567']) assert.ok(isEasyPin(pin), pin)
  for (const pin of ['4028', '1235', '135790']) assert.ok(!isEasyPin(pin), pin)
})

test('newPin has six digits and is not easy', () => {
  for (let count = 0; count < 1000; count++) {
    const pin = newPin()
    assert.match(pin, /^\d{6}$/)
    assert.ok(!isEasyPin(pin))
  }
})
