import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { openRunningWeb, type RunningWeb } from '../../../test/support/running-web.ts'
import { maxBodyBytes } from '../../http/json-body.ts'

/** Sends raw bytes on a connection of its own and reads until it is closed. */
async function raw(web: RunningWeb, text: string): Promise<string> {
  const socket = connect(web.port, '127.0.0.1')
  socket.end(text)
  let answer = ''
  for await (const chunk of socket.setEncoding('utf8')) answer += chunk
  return answer
}

test('a wrong body is refused with a problem that says what is wrong', async (t) => {
  const web = await openRunningWeb(t)
  const json = { 'Content-Type': 'application/json' }
  const cases: [body: string, headers: Record<string, string>, status: number, code: string, detail: RegExp][] = [
    ['{', json, 400, 'malformed-json', /not JSON/],
    ['', json, 400, 'malformed-json', /not JSON/],
    ['[]', json, 400, 'invalid-request', /./],
    ['null', json, 400, 'invalid-request', /./],
    ['{}', json, 400, 'invalid-request', /appId/],
    ['{"appId":7}', json, 400, 'invalid-request', /"appId"/],
    ['{"appId":"memory","title":" "}', json, 400, 'invalid-request', /"title"/],
    ['{"appId":"memory","width":1}', json, 400, 'invalid-request', /"width"/],
    ['{"appId":"memory","width":1280}', json, 400, 'invalid-request', /height/],
    ['{"appId":"memory","surprise":1}', json, 400, 'invalid-request', /surprise/],
    ['{"__proto__":{"appId":"memory"}}', json, 400, 'invalid-request', /./],
    [`{"appId":"${'x'.repeat(maxBodyBytes)}"}`, json, 413, 'body-too-large', /bytes/],
    ['{"appId":"memory"}', { 'Content-Type': 'text/plain' }, 415, 'unsupported-media-type', /text\/plain/],
    ['{"appId":"memory"}', { 'Content-Type': 'application/jsonp' }, 415, 'unsupported-media-type', /jsonp/],
    ['{"appId":"memory"}', { ...json, 'Content-Encoding': 'gzip' }, 415, 'unsupported-media-type', /compressed/],
    ['{"appId":"nowhere"}', json, 404, 'app-not-found', /nowhere/],
  ]
  for (const [body, headers, status, code, detail] of cases) {
    const answer = await web.api('POST', '/api/v1/lobbies', { token: web.ownerToken, body, headers })
    const problem = answer.problem()
    assert.deepEqual([answer.status, problem.status, problem.code], [status, status, code], body.slice(0, 80))
    assert.equal(answer.headers['content-type'], 'application/problem+json')
    assert.match(problem.detail ?? '', detail)
  }
  assert.equal(web.host.lobbies.size, 0)
})

test('a body without a declared length is cut off when it grows too large', async (t) => {
  const web = await openRunningWeb(t)
  const chunk = `${(16 * 1024).toString(16)}\r\n${'x'.repeat(16 * 1024)}\r\n`
  const answer = await raw(
    web,
    `POST /api/v1/lobbies HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${web.ownerToken}\r\n` +
      `Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(8)}0\r\n\r\n`,
  )
  assert.match(answer, /^HTTP\/1\.1 413 /)
})

test('a body that ends too early harms nobody', async (t) => {
  const web = await openRunningWeb(t)
  await raw(
    web,
    `POST /api/v1/lobbies HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${web.ownerToken}\r\n` +
      'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"appId":',
  )
  assert.equal((await web.api('GET', '/api/v1/me', { token: web.ownerToken })).status, 200)
  assert.ok(!web.logged.some((line) => line.includes('"level":"error"')), web.logged.join(''))
})

test('a wrong method is refused with the list of the right ones', async (t) => {
  const web = await openRunningWeb(t)
  const cases: [method: string, path: string, allow: string][] = [
    ['PUT', '/api/v1/lobbies', 'GET, HEAD, POST'],
    ['POST', '/api/v1/lobbies/x', 'GET, HEAD, PATCH, DELETE'],
    ['GET', '/api/v1/sessions/x', 'DELETE'],
    ['OPTIONS', '/api/v1/me', 'GET, HEAD'],
    ['POST', '/metrics', 'GET, HEAD'],
    ['POST', '/healthz', 'GET, HEAD'],
    ['POST', '/', 'GET, HEAD'],
  ]
  for (const [method, path, allow] of cases) {
    const answer = await web.api(method, path, { token: web.ownerToken })
    assert.deepEqual([answer.status, answer.headers.allow], [405, allow], `${method} ${path}`)
  }
})

test('unknown and absurd ids are not found', async (t) => {
  const web = await openRunningWeb(t)
  for (const id of ['x', 'x'.repeat(5000), '%00', '%2e%2e', '..%2f..', '__proto__', 'constructor', '%F0%9F%92%A9']) {
    for (const [method, kind] of [
      ['GET', 'lobbies'],
      ['DELETE', 'lobbies'],
      ['DELETE', 'sessions'],
      ['DELETE', 'invitations'],
    ] as const) {
      const answer = await web.api(method, `/api/v1/${kind}/${id}`, { token: web.ownerToken })
      assert.equal(answer.status, 404, `${method} ${kind} ${id.slice(0, 20)}: ${answer.text}`)
      assert.ok(answer.text.length < 1000)
    }
  }
})

test('a malformed target is refused', async (t) => {
  const web = await openRunningWeb(t)
  for (const target of ['*', 'nonsense', 'http://[', '/%', '/api/v1/%zz', '/\\evil']) {
    const answer = await raw(web, `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
    assert.match(answer, /^HTTP\/1\.1 4\d\d /, target)
  }
  assert.ok(!web.logged.some((line) => line.includes('"level":"error"')), web.logged.join(''))
})

test('a name that is not ours is refused, also where no token is needed', async (t) => {
  const web = await openRunningWeb(t)
  for (const path of ['/', '/healthz', '/api/v1/me']) {
    for (const host of ['evil.example', `evil.example:${web.port}`, '192.168.77.77']) {
      const answer = await web.api('GET', path, { token: web.ownerToken, headers: { Host: host } })
      assert.deepEqual([answer.status, answer.problem().code], [421, 'host-not-allowed'], `${host} ${path}`)
      assert.ok(!JSON.stringify(answer.headers).includes(host))
    }
  }
})

test('a page of another origin is refused, our own and configured ones are not', async (t) => {
  const web = await openRunningWeb(t, { allowedOrigins: ['https://play.example.org'] })
  const status = async (origin: string, host: string) => {
    const headers = { Origin: origin, Host: host }
    return (await web.api('POST', '/api/v1/lobbies', { token: web.ownerToken, body: { appId: 'memory' }, headers }))
      .status
  }
  assert.equal(await status('https://evil.example', 'localhost'), 403)
  assert.equal(await status('null', 'localhost'), 403)
  assert.equal(await status('http://localhost:3000', 'localhost:8080'), 403)
  assert.equal(web.host.lobbies.size, 0)
  assert.equal(await status('http://localhost:8080', 'localhost:8080'), 201)
  assert.equal(await status('https://play.example.org', 'play.example.org'), 201)
})

test('a request that names two hosts is refused, whichever they are', async (t) => {
  const web = await openRunningWeb(t)
  const bearer = `Authorization: Bearer ${web.ownerToken}\r\nConnection: close\r\n\r\n`
  const cases: [target: string, hosts: readonly string[], status: number][] = [
    ['/api/v1/me', ['localhost', 'evil.example'], 400],
    ['/api/v1/me', ['evil.example', 'localhost'], 400],
    ['/api/v1/me', ['localhost', 'localhost'], 400],
    ['http://evil.example/api/v1/me', ['localhost'], 400],
    ['http://localhost:1/api/v1/me', ['localhost'], 400],
    ['http://localhost/api/v1/me', ['LOCALHOST'], 200],
    ['/api/v1/me', ['localhost'], 200],
  ]
  for (const [target, hosts, status] of cases) {
    const lines = hosts.map((host) => `Host: ${host}\r\n`).join('')
    const answer = await raw(web, `GET ${target} HTTP/1.1\r\n${lines}${bearer}`)
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), `${target} ${hosts.join()}`)
    if (status === 400) assert.match(answer, /"code":"invalid-request"/)
    const upgrade = 'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'
    const socket = `Sec-WebSocket-Protocol: porchlight.v1, bearer.${web.ownerToken}\r\nConnection: Upgrade\r\n\r\n`
    const upgraded = await raw(web, `GET ${target} HTTP/1.1\r\n${lines}${upgrade}${socket}`)
    assert.match(upgraded, new RegExp(`^HTTP/1\\.1 ${status === 200 ? 101 : 400} `), `${target} ${hosts.join()}`)
  }
})

test('a body that is nested too deeply, or has too many values, is refused before it is looked into', async (t) => {
  const web = await openRunningWeb(t)
  const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
  const put = { definition: { kind: 'test-pattern' } }
  assert.equal((await web.api('PUT', '/api/v1/apps/pattern', { token: web.ownerToken, body: put })).status, 201)
  const cases: [method: string, path: string, body: string][] = [
    ['PATCH', '/api/v1/apps/pattern', `{"definition":${deep(150_000)}}`],
    ['PATCH', '/api/v1/apps/pattern', `{"definition":${deep(40)}}`],
    ['PATCH', '/api/v1/apps/pattern', `{"definition":{"lines":${'['.repeat(150_000)}${']'.repeat(150_000)}}}`],
    ['PUT', '/api/v1/apps/pattern', `{"definition":{"command":${'['.repeat(150_000)}${']'.repeat(150_000)}}}`],
    ['PUT', '/api/v1/apps/pattern', `{"definition":{"command":[${'1,'.repeat(400_000)}1]}}`],
    ['POST', '/api/v1/lobbies', `{"appId":${deep(5000)}}`],
  ]
  for (const [method, path, body] of cases) {
    const refused = await web.api(method, path, { token: web.ownerToken, body })
    assert.deepEqual([refused.status, refused.problem().code], [400, 'invalid-request'], body.slice(0, 60))
    assert.match(refused.problem().detail ?? '', /Cannot read the body: it /)
  }
  const patch = { definition: { lines: ['[[[[{{{{"'.repeat(4)] } }
  const changed = await web.api('PATCH', '/api/v1/apps/pattern', { token: web.ownerToken, body: patch })
  assert.equal(changed.status, 200, 'what stands in a text nests nothing')
})

test('a token in the query string is refused, even the right one', async (t) => {
  const web = await openRunningWeb(t)
  for (const query of ['token', 'access_token', 'Token', 'a=b&token']) {
    const answer = await web.api('GET', `/api/v1/me?${query}=${web.ownerToken}`)
    assert.deepEqual([answer.status, answer.problem().code], [400, 'token-in-url'], query)
  }
})

test('wrong tokens are refused, then held off, while right ones go on working', async (t) => {
  const web = await openRunningWeb(t)
  const guess = (index: number) => web.api('GET', '/api/v1/me', { token: String(index).padStart(43, 'x') })
  for (let index = 0; index < 10; index++) {
    const answer = await guess(index)
    assert.deepEqual([answer.status, answer.headers['www-authenticate']], [401, 'Bearer realm="porchlight"'])
  }
  const held = await guess(10)
  assert.deepEqual([held.status, held.headers['retry-after']], [429, '60'])
  for (let index = 0; index < 20; index++) await guess(11 + index)
  const warnings = () => web.logged.filter((line) => line.includes('"level":"warn"'))
  assert.deepEqual(warnings(), [], 'whoever tries does not write the log')
  assert.equal((await web.api('GET', '/api/v1/me', { token: web.ownerToken })).status, 200)
  web.clock.advance(60_000)
  assert.equal((await guess(11)).status, 401)
  assert.equal(warnings().length, 1)
  assert.match(warnings()[0] ?? '', /"count":31,.*"from":\{"127\.0\.0\.1":31\}.*"Wrong tokens came"/)
})

test('an old invitation is refused by its reason and never counts as a guess', async (t) => {
  const web = await openRunningWeb(t)
  const lobbyId = await web.openLobby()
  const { invitation, token } = web.store.invitations.create({ lobbyId, role: 'viewer', expiresInMs: 60_000 })
  const detail = async () => (await web.api('GET', '/api/v1/me', { token })).problem().detail ?? ''
  web.store.invitations.revoke(invitation.id)
  for (let count = 0; count < 20; count++) assert.match(await detail(), /revoked/)
  const expired = web.store.invitations.create({ lobbyId, role: 'viewer', expiresInMs: 1000 }).token
  web.clock.advance(1000)
  const answer = await web.api('GET', '/api/v1/me', { token: expired })
  assert.equal(answer.status, 401)
  assert.match(answer.problem().detail ?? '', /expired/)
})
