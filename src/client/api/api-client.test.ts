import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiClient } from './api-client.ts'

interface Asked {
  readonly method: string | undefined
  readonly url: string
  readonly headers: Headers
  readonly body: unknown
}

/** An ApiClient whose host gives one answer. */
function asking(answer: () => Response | Promise<Response>) {
  const asked: Asked[] = []
  const api = new ApiClient({
    baseUrl: 'http://host:8080/page',
    token: 'secret',
    async fetch(input, init) {
      const { method, headers, body } = init ?? {}
      const url = input instanceof Request ? input.url : String(input)
      asked.push({
        method,
        url,
        headers: new Headers(headers),
        body: typeof body === 'string' ? JSON.parse(body) : body,
      })
      return await answer()
    },
  })
  return { api, asked }
}
const json = (value: unknown, status = 200) => new Response(JSON.stringify(value), { status })
const me = { name: 'Owner', role: 'owner', lobbyId: null, expiresAt: null }

test('ApiClient asks with the token in a header and never in the address', async () => {
  const { api, asked } = asking(() => json(me))
  assert.deepEqual(await api.me(), me)
  assert.equal(asked[0]?.url, 'http://host:8080/api/v1/me')
  assert.equal(asked[0]?.headers.get('authorization'), 'Bearer secret')
})

test('ApiClient sends bodies as JSON and ids as one part of the path', async () => {
  const { api, asked } = asking(() => new Response(null, { status: 204 }))
  await api.stopLobby('a/../b')
  assert.equal(asked[0]?.method, 'DELETE')
  assert.equal(asked[0]?.url, 'http://host:8080/api/v1/lobbies/a%2F..%2Fb')
  const created = asking(() => json({}, 201))
  await assert.rejects(created.api.createLobby({ appId: 'desktop' }), { code: 'unexpected-answer' })
  assert.deepEqual(created.asked[0]?.body, { appId: 'desktop' })
  assert.equal(created.asked[0]?.headers.get('content-type'), 'application/json')
})

test('ApiClient rejects with the code of a problem', async () => {
  const problem = { type: 'about:blank', title: 'Conflict', status: 409, code: 'too-many-lobbies', detail: 'Enough' }
  const { api } = asking(() => json(problem, 409))
  await assert.rejects(api.lobbies(), { code: 'too-many-lobbies', status: 409, message: 'Enough' })
})

test('ApiClient rejects what is not what the API promises', async () => {
  await assert.rejects(asking(() => json([{ id: 1 }])).api.lobbies(), { code: 'unexpected-answer' })
  await assert.rejects(asking(() => new Response('<html>')).api.apps(), { code: 'unexpected-answer' })
  await assert.rejects(asking(() => new Response('Bad gateway', { status: 502 })).api.apps(), {
    code: 'unexpected-answer',
    status: 502,
  })
})

test('ApiClient says when nobody answers', async () => {
  const { api } = asking(() => Promise.reject(new TypeError('fetch failed')))
  await assert.rejects(api.host(), { code: 'unreachable', status: 0 })
})
