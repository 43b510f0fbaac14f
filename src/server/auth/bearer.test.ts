import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bearerOfHeader, bearerOfSubprotocols } from './bearer.ts'

test('bearerOfHeader reads a bearer token and nothing else', () => {
  assert.equal(bearerOfHeader('Bearer abc_-123'), 'abc_-123')
  assert.equal(bearerOfHeader('bearer  abc'), 'abc')
  for (const header of [undefined, '', 'Bearer', 'Bearer ', 'Basic abc', 'Bearer a b', 'Bearer a,b', 'xBearer a']) {
    assert.equal(bearerOfHeader(header), undefined, header)
  }
})

test('bearerOfSubprotocols finds protocol and token in any order', () => {
  assert.deepEqual(bearerOfSubprotocols('porchlight.v1, bearer.abc'), { speaksSignal: true, token: 'abc' })
  assert.deepEqual(bearerOfSubprotocols('bearer.abc,porchlight.v1'), { speaksSignal: true, token: 'abc' })
  assert.deepEqual(bearerOfSubprotocols('bearer.abc'), { speaksSignal: false, token: 'abc' })
  assert.deepEqual(bearerOfSubprotocols('porchlight.v1'), { speaksSignal: true, token: undefined })
  assert.deepEqual(bearerOfSubprotocols(undefined), { speaksSignal: false, token: undefined })
})
