import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { ApiClient } from './api-client.ts'

interface Asked {
  readonly method: string | undefined
  readonly url: string
  readonly headers: Headers
  readonly body: unknown
}

/** An ApiClient whose host gives one answer. */
function asking(answer: (attempt: number) => Response | Promise<Response>) {
  const clock = new ManualClock()
  const asked: Asked[] = []
  const api = new ApiClient({
    baseUrl: 'http://host:8080/page',
    token: 'secret',
    clock,
    random: () => 0.5,
    async fetch(input, init) {
      const { method, headers, body } = init ?? {}
      const url = input instanceof Request ? input.url : String(input)
      asked.push({
        method,
        url,
        headers: new Headers(headers),
        body: typeof body === 'string' ? JSON.parse(body) : body,
      })
      return await answer(asked.length)
    },
  })
  return { api, asked, clock }
}
const json = (value: unknown, status = 200) => new Response(JSON.stringify(value), { status })
const me = { name: 'Owner', role: 'owner', lobbyId: null, lobbyIds: null, expiresAt: null }

test('ApiClient asks with the token in a header and never in the address', async () => {
  const { api, asked } = asking(() => json(me))
  assert.deepEqual(await api.me(), me)
  assert.equal(asked[0]?.url, 'http://host:8080/api/v1/me')
  assert.equal(asked[0]?.headers.get('authorization'), 'Bearer secret')
})

test('ApiClient.secureOrigin tells where the page is by HTTPS, or that nobody knows', async () => {
  const { api, asked } = asking((attempt) => json({ origin: attempt === 1 ? 'https://host:8080' : null }))
  assert.deepEqual([await api.secureOrigin(), await api.secureOrigin()], ['https://host:8080', undefined])
  assert.equal(asked[0]?.url, 'http://host:8080/api/v1/secure-origin')
})

test('ApiClient tells what is wrong with a body by the pointer of each place', async () => {
  const errors = [{ pointer: '/definition/fps', detail: 'wanted a whole number' }]
  const problem = { type: 'urn:x', title: 'Bad Request', status: 400, code: 'invalid-request', errors }
  const { api } = asking(() => json(problem, 400))
  await assert.rejects(api.putApp('a/b', { command: ['top'], fps: 0 }), { code: 'invalid-request', errors })
})

test('ApiClient sends a file of apps as it is', async () => {
  const { api, asked } = asking(() => json({ created: ['a'], changed: [], unchanged: [] }))
  assert.deepEqual((await api.importApps('"TOML"')).created, ['a'])
  assert.equal(asked[0]?.headers.get('content-type'), 'application/toml')
  assert.equal(asked[0]?.body, 'TOML')
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

const lobby = {
  id: 'l1',
  title: 'Games',
  appId: 'desktop',
  profile: 'default',
  status: 'running',
  reason: null,
  width: 1280,
  height: 720,
  fps: 60,
  resizable: true,
  layout: 'us',
  sound: true,
  soundLayout: 'stereo',
  stopWhenEveryoneLeaves: false,
  restart: 'always',
  seating: 'single',
  voice: 'app',
  seats: [],
  askers: [],
  unheldLimits: [],
  createdAt: '2026-01-01T00:00:00.000Z',
  members: [],
}
const problem = (code: string, status: number) => json({ type: 'about:blank', title: 'No', status, code }, status)

/** An answer that breaks off is noticed when the machine finds the time. */
async function untilWaiting(clock: ManualClock): Promise<void> {
  while (clock.pending === 0) await new Promise(setImmediate)
}

test('ApiClient repeats a creation that was not answered, with the same key', async () => {
  const answers = [
    () => Promise.reject(new TypeError('fetch failed')),
    () => new Response(new ReadableStream({ start: (controller) => controller.error(new TypeError('terminated')) })),
    () => problem('idempotency-key-busy', 409),
    () => json(lobby, 201),
  ]
  const { api, asked, clock } = asking((attempt) => answers[attempt - 1]?.() ?? json({}))
  const created = api.createLobby({ appId: 'desktop' })
  for (const delayMs of [500, 1000, 2000]) {
    await untilWaiting(clock)
    clock.advance(delayMs)
  }
  assert.deepEqual(await created, lobby)
  assert.equal(asked.length, 4)
  const keys = new Set(asked.map(({ headers }) => headers.get('idempotency-key')))
  assert.match([...keys].join(), /^[0-9a-f]{32}$/)
})

test('ApiClient gives up a creation that is never answered, and at once one that is refused', async () => {
  const mute = asking(() => Promise.reject(new TypeError('fetch failed')))
  const created = assert.rejects(mute.api.createLobby({ appId: 'desktop' }), { code: 'unreachable' })
  for (const delayMs of [500, 1000, 2000]) {
    await untilWaiting(mute.clock)
    mute.clock.advance(delayMs)
  }
  await created
  assert.equal(mute.asked.length, 4)
  const refusing = asking(() => problem('idempotency-key-reused', 422))
  await assert.rejects(refusing.api.createLobby({ appId: 'desktop' }), { code: 'idempotency-key-reused' })
  assert.equal(refusing.asked.length, 1)
})
