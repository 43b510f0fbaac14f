import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get } from 'node:https'
import { connect } from 'node:net'
import { test } from 'node:test'
import { ClientIdentity } from '../../../test/support/moonlight/pairing-client.ts'
import type { NvRequest } from './http/nv-http.ts'
import { openNvListeners } from './http/open-nv-listeners.ts'
import { openRtspListener } from './rtsp/open-rtsp-listener.ts'

const host = '127.0.0.1'
const everybody = () => true

test('over HTTPS a client is known by its certificate, over HTTP by nothing', async () => {
  const asked: NvRequest[] = []
  const tv = new ClientIdentity()
  const own = new ClientIdentity()
  const listeners = await openNvListeners({
    host,
    ports: { http: 0, https: 0 },
    credentials: own,
    lets: everybody,
    answer: async (request) => {
      asked.push(request)
      return { type: 'text/xml', body: '<root/>' }
    },
  })
  await using http = listeners.http
  await using https = listeners.https
  const plain = await fetch(`http://${host}:${http.port}/serverinfo?uniqueid=1`)
  assert.equal(await plain.text(), '<root/>')
  assert.equal(plain.headers.get('connection'), 'close')
  for (const identity of [tv, undefined]) {
    const request = get({
      host,
      port: https.port,
      path: '/applist',
      rejectUnauthorized: false,
      ...(identity && { cert: identity.certificate, key: identity.key }),
    })
    const [response] = await once(request, 'response')
    assert.equal(response.statusCode, 200)
    response.resume()
    await once(response, 'end')
  }
  const fingerprint = tv.x509.fingerprint256.replaceAll(':', '').toLowerCase()
  assert.deepEqual(
    asked.map((request) => [request.path, request.address, request.fingerprint]),
    [
      ['/serverinfo', host, undefined],
      ['/applist', host, fingerprint],
      ['/applist', host, undefined],
    ],
  )
  assert.equal((await fetch(`http://${host}:${http.port}/pair`, { method: 'POST' })).status, 400)
})

test('who may not connect is turned away without a word', async () => {
  await using listener = await openRtspListener({ host, port: 0, lets: () => false, desk: { take: () => undefined } })
  const socket = connect(listener.port, host)
  socket.on('error', () => undefined)
  await once(socket, 'close')
})

test('RTSP answers the one request of a connection, in whatever pieces it comes, and closes it', async () => {
  const desk = {
    take: (bytes: Uint8Array) => (bytes.length < 6 ? undefined : Buffer.from(`got ${Buffer.from(bytes).toString()}`)),
  }
  await using listener = await openRtspListener({ host, port: 0, lets: everybody, desk })
  const socket = connect(listener.port, host)
  socket.setNoDelay(true)
  socket.write('abc')
  await new Promise((resolve) => setImmediate(resolve))
  socket.write('def')
  const said: Buffer[] = []
  for await (const chunk of socket) said.push(chunk as Buffer)
  assert.equal(Buffer.concat(said).toString(), 'got abcdef')
})

test('a port that somebody has is told', async () => {
  const desk = { take: () => undefined }
  await using listener = await openRtspListener({ host, port: 0, lets: everybody, desk })
  await assert.rejects(openRtspListener({ host, port: listener.port, lets: everybody, desk }), { code: 'port-in-use' })
})
