import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bearerOfHeader, inviteOfAddress, readSubprotocols } from './bearer.ts'

test('bearerOfHeader reads a bearer token and nothing else', () => {
  assert.equal(bearerOfHeader('Bearer abc_-123'), 'abc_-123')
  assert.equal(bearerOfHeader('bearer  abc'), 'abc')
  for (const header of [undefined, '', 'Bearer', 'Bearer ', 'Basic abc', 'Bearer a b', 'Bearer a,b', 'xBearer a']) {
    assert.equal(bearerOfHeader(header), undefined, header)
  }
})

test('readSubprotocols tells signalling from media, and finds the secret in any order', () => {
  const cases: [header: string | undefined, speaks: string, secret: string | undefined][] = [
    ['porchlight.v1, bearer.abc', 'signal', 'abc'],
    ['bearer.abc,porchlight.v1', 'signal', 'abc'],
    ['porchlight.v1', 'signal', undefined],
    [undefined, 'signal', undefined],
    [' , ', 'signal', undefined],
    ['bearer.abc', 'neither', 'abc'],
    ['mqtt', 'neither', undefined],
    ['porchlight-media.v1, ticket.t', 'media', 't'],
    ['porchlight-media.v1, bearer.abc', 'media', undefined],
    ['ticket.t', 'neither', undefined],
  ]
  for (const [header, speaks, secret] of cases) {
    assert.deepEqual(readSubprotocols(header), { speaks, secret, version: undefined }, header)
  }
  const told = readSubprotocols('porchlight.v1, conversation.0123456789abcdef, bearer.abc')
  assert.deepEqual(told, { speaks: 'signal', secret: 'abc', version: '0123456789abcdef' })
})

test('inviteOfAddress finds one invitation and no other secret', () => {
  assert.equal(inviteOfAddress('/?invite=abc'), 'abc')
  assert.equal(inviteOfAddress('/any/path?a=b&invite=a%2Bc'), 'a+c')
  for (const address of [undefined, '/', '/?', '/?token=abc', '/?invite=a&invite=b', '/#invite=abc']) {
    assert.equal(inviteOfAddress(address), undefined, address)
  }
})
