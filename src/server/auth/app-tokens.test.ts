import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppTokens } from './app-tokens.ts'

test('grant gives each run a token of its own for its lobby, which is good until the run is over', async () => {
  const tokens = new AppTokens('http://127.0.0.1:8080/api/v1')
  const [first, second] = [tokens.grant('games'), tokens.grant('games')]
  const { PORCHLIGHT_API: api, PORCHLIGHT_LOBBY: lobby, PORCHLIGHT_TOKEN: token = '' } = first.env
  assert.deepEqual([api, lobby], ['http://127.0.0.1:8080/api/v1', 'games'])
  assert.match(token, /^[\w-]{43}$/)
  assert.notEqual(token, second.env['PORCHLIGHT_TOKEN'])
  const find = (of: string) => tokens.admit({ kind: 'token', token: of })
  const admitted = await find(token)
  assert.ok(admitted?.ok)
  const { id, role, lobbies } = admitted.member
  assert.deepEqual([role, lobbies], ['app', ['games']])
  assert.deepEqual(await tokens.asOfNow({ id }), admitted)
  first[Symbol.dispose]()
  assert.equal(await find(token), undefined)
  assert.equal(await tokens.asOfNow({ id }), undefined)
  assert.ok(await find(second.env['PORCHLIGHT_TOKEN'] ?? ''))
  assert.equal(tokens.size, 1)
})
