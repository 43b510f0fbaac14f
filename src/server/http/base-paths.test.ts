import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { openBasePaths } from './base-paths.ts'

const paths = openBasePaths(['https://play.example.org', 'https://example.org/play', 'https://example.org/a/b/'])

test('openBasePaths takes off the folder of the page, and nothing that only looks like it', () => {
  const stripped = (url: string) => {
    const request: Pick<IncomingMessage, 'url'> = { url }
    paths.strip(request)
    return request.url
  }
  assert.equal(stripped('/play/api/v1/me?x=1'), '/api/v1/me?x=1')
  assert.equal(stripped('/play/'), '/')
  assert.equal(stripped('/a/b/assets/x.js'), '/assets/x.js')
  for (const other of ['/', '/api/v1/me', '/player/x', '/a/x']) assert.equal(stripped(other), other)
})

test('openBasePaths leads from the bare folder to the page in it', async () => {
  const server = createServer((request, response) => {
    if (!paths.redirect(request, response)) response.writeHead(204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  assert.ok(address && typeof address === 'object')
  const ask = (path: string) => fetch(`http://127.0.0.1:${address.port}${path}`, { redirect: 'manual' })
  const led = await ask('/play')
  assert.deepEqual([led.status, led.headers.get('location')], [308, '/play/'])
  assert.equal((await ask('/play/')).status, 204)
  server.close()
})
