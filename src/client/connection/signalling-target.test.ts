import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClientError } from '../contract/client-error.ts'
import { signallingTarget } from './signalling-target.ts'

test('signallingTarget finds the media socket beside signalling, and no secret is left in either address', () => {
  assert.deepEqual(signallingTarget('wss://host:1/api/v1/signal', 't'), {
    url: 'wss://host:1/api/v1/signal',
    mediaUrl: 'wss://host:1/api/v1/media',
    token: 't',
    lobbyId: undefined,
  })
  assert.deepEqual(signallingTarget('ws://host/door/?a=b&invite=secret#x'), {
    url: 'ws://host/door/?a=b',
    mediaUrl: 'ws://host/door/media',
    token: 'secret',
    lobbyId: undefined,
  })
})

test('signallingTarget takes a share link as it is', () => {
  assert.deepEqual(signallingTarget('https://host/#lobby=games&invite=secret'), {
    url: 'wss://host/',
    mediaUrl: 'wss://host/media',
    token: 'secret',
    lobbyId: 'games',
  })
  assert.equal(signallingTarget('http://localhost:8080/#token=owners').token, 'owners')
  assert.equal(signallingTarget('ws://localhost:8080?invite=a', 'b').token, 'b', 'a token that is given goes before')
  assert.equal(signallingTarget('ws://localhost:8080').token, undefined)
})

test('signallingTarget refuses what is no address, and repeats nothing of it', () => {
  for (const address of [
    '',
    'host:8080',
    'ftp://host/?invite=secret',
    'javascript:alert(1)',
    '/api/v1/signal?invite=secret',
  ]) {
    assert.throws(
      () => signallingTarget(address),
      (error) => error instanceof ClientError && error.code === 'invalid-argument' && !error.message.includes('secret'),
      address,
    )
  }
})

test('signallingTarget refuses a token that no WebSocket takes, and does not repeat it', () => {
  for (const token of ['a b', 'line\n', 'a=', '', 'ö']) {
    assert.throws(
      () => signallingTarget('ws://host/', token),
      (error: ClientError) =>
        error.code === 'invalid-argument' && (token === '' || !error.message.includes(`"${token}`)),
    )
  }
})
