import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openRunningWeb } from '../../../test/support/running-web.ts'
import type { NetworkView, Problem } from '../../wire/api/resources.ts'

const network = '/api/v1/network'

test('PUT /network opens and shuts the way in for the owner, who asks from the machine itself or by HTTPS', async (t) => {
  const web = await openRunningWeb(t, { allowedOrigins: ['https://play.example.org'] })
  const put = (body: unknown, headers: Record<string, string> = {}) =>
    web.api('PUT', network, { token: web.ownerToken, body, headers })
  // Somebody may be on the way between a proxy and its clients.
  const proxied = await put({ open: true }, { 'X-Forwarded-For': '203.0.113.7' })
  assert.deepEqual([proxied.status, (proxied.json() as Problem).code], [403, 'network-not-from-here'])
  assert.equal(web.network.door.view.open, false)
  const page = { 'X-Forwarded-For': '203.0.113.7', Origin: 'https://play.example.org', Host: 'play.example.org' }
  assert.equal((await put({ open: true }, page)).status, 200)
  const { open, addresses } = (await put({ open: true })).json() as NetworkView
  assert.deepEqual([open, addresses.map(({ link }) => link)], [true, ['https://192.168.1.5:8080/']])
  // As long as it is open, the machine is known by its own names.
  assert.equal((await web.api('GET', '/healthz', { headers: { Host: 'evil.example' } })).status, 421)
  assert.deepEqual((await put({ open: false })).status, 200)
  assert.deepEqual([...web.network.listening], [])
})

test('PUT /network tells what keeps it from opening, with a code', async (t) => {
  const web = await openRunningWeb(t)
  const put = async () => web.api('PUT', network, { token: web.ownerToken, body: { open: true } })
  web.network.taken.add('192.168.1.5')
  const taken = await put()
  assert.deepEqual([taken.status, (taken.json() as Problem).code], [409, 'port-in-use'])
  assert.match((taken.json() as Problem).detail ?? '', /^Cannot let the network in\. .* port 8080 of 192\.168\.1\.5/)
  web.network.addresses = { lo: ['127.0.0.1'] }
  assert.deepEqual(((await put()).json() as Problem).code, 'no-private-address')
})
