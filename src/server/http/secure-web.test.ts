import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { test, type TestContext } from 'node:test'
import * as v from 'valibot'
import { WebSocket } from 'ws'
import { ask } from '../../../test/support/ask.ts'
import { openRunningWeb } from '../../../test/support/running-web.ts'
import { testCertificate } from '../../../test/support/test-certificate.ts'
import { secureOrigin } from '../../wire/api/resources.ts'

/** A web port that speaks both, and requests to it by HTTPS. */
async function open(t: TestContext, allowedOrigins: readonly string[] = []) {
  const credentials = testCertificate()
  const web = await openRunningWeb(t, { credentials, allowedOrigins })
  const bearer = { Authorization: `Bearer ${web.ownerToken}` }
  const secure = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    ask(web.port, { path, headers: { ...bearer, ...headers }, certificate: credentials.certificate })
  const dial = (protocols: string[], headers: Record<string, string> = {}, path = 'signal') =>
    new WebSocket(`wss://127.0.0.1:${web.port}/api/v1/${path}`, protocols, {
      headers,
      ca: credentials.certificate,
    }).on('error', () => {})
  return { web, own: `127.0.0.1:${web.port}`, bearer, secure, dial }
}

test('HTTPS is answered like HTTP, and nothing binds browsers to it', async (t) => {
  const { web, bearer, secure } = await open(t)
  for (const path of ['/healthz', '/api/v1/me', '/api/v1/nowhere', '/', '/%']) {
    const [inside, outside] = [await secure(path), await ask(web.port, { path, headers: bearer })]
    assert.deepEqual([inside.status, inside.text], [outside.status, outside.text], path)
    assert.equal(inside.headers['strict-transport-security'], undefined)
  }
})

test('by HTTPS only names of this machine are answered', async (t) => {
  const { secure } = await open(t)
  assert.equal((await secure('/api/v1/me', { Host: 'evil.example' })).status, 421)
  assert.equal((await secure('/api/v1/me', { Host: 'localhost' })).status, 200)
})

test('by HTTPS only pages that came by HTTPS are served, besides those that are configured', async (t) => {
  const { web, own, bearer, secure } = await open(t, ['http://play.example.org'])
  const status = async (origin: string) => (await secure('/api/v1/me', { Origin: origin })).status
  assert.equal(await status(`https://${own}`), 200)
  assert.equal(await status('http://play.example.org'), 200)
  for (const origin of [`http://${own}`, 'https://127.0.0.1', 'https://evil.example', 'null']) {
    assert.equal(await status(origin), 403, origin)
  }
  for (const scheme of ['http', 'https']) {
    const headers = { ...bearer, Origin: `${scheme}://${own}` }
    assert.equal((await ask(web.port, { path: '/api/v1/me', headers })).status, 200, 'a proxy may speak TLS')
  }
})

test('GET /secure-origin leads to HTTPS on the same port', async (t) => {
  const { web, own, bearer, secure } = await open(t)
  const read = (text: string) => v.parse(secureOrigin, JSON.parse(text)).origin
  const path = '/api/v1/secure-origin'
  assert.equal(read((await secure(path)).text), `https://${own}`)
  assert.equal(read((await ask(web.port, { path, headers: bearer })).text), `https://${own}`)
  assert.equal(read((await ask(web.port, { path, headers: { ...bearer, Via: '1.1 proxy' } })).text), null)
  const plain = await openRunningWeb(t)
  assert.equal(read((await plain.api('GET', path, { token: plain.ownerToken })).text), null)
})

test('WebSockets come in by wss as they do by ws', async (t) => {
  const { web, own, dial } = await open(t)
  const bearer = ['porchlight.v1', `bearer.${web.ownerToken}`]
  const media = ['porchlight-media.v1', 'ticket.good']
  const opened = [dial(bearer, { Origin: `https://${own}` }), dial(media, { Origin: `https://${own}` }, 'media')]
  await Promise.all(opened.map((socket) => once(socket, 'open')))
  assert.deepEqual([web.accepted.length, web.media.length], [1, 1])
  const refused = [
    dial(['porchlight.v1']),
    dial(bearer, { Origin: `http://${own}` }),
    dial(bearer, { Host: 'evil.example' }),
  ]
  // Each is listened to before any answers: they may do so in any order.
  const statuses = refused.map(async (socket) => {
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
    socket.terminate()
    return response.statusCode
  })
  assert.deepEqual(await Promise.all(statuses), [401, 403, 421])
  for (const socket of opened) socket.terminate()
})
