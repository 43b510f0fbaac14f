import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppTokens } from './app-tokens.ts'

test('grant gives each run a token of its own for its lobby, which is good until the run is over', () => {
  const tokens = new AppTokens('http://127.0.0.1:8080/api/v1')
  const [first, second] = [tokens.grant('games'), tokens.grant('games')]
  const { PORCHLIGHT_API: api, PORCHLIGHT_LOBBY: lobby, PORCHLIGHT_TOKEN: token = '' } = first.env
  assert.deepEqual([api, lobby], ['http://127.0.0.1:8080/api/v1', 'games'])
  assert.match(token, /^[\w-]{43}$/)
  assert.notEqual(token, second.env['PORCHLIGHT_TOKEN'])
  const member = tokens.find(token)
  assert.deepEqual([member?.role, member?.lobbies], ['app', ['games']])
  assert.equal(tokens.get(member?.id ?? ''), member)
  first[Symbol.dispose]()
  assert.equal(tokens.find(token), undefined)
  assert.equal(tokens.get(member?.id ?? ''), undefined)
  assert.ok(tokens.find(second.env['PORCHLIGHT_TOKEN'] ?? ''))
  assert.equal(tokens.size, 1)
})
