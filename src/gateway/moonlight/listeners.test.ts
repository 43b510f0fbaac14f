import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get } from 'node:https'
import { connect } from 'node:net'
import { test } from 'node:test'
import { eventually } from '../../../test/support/eventually.ts'
import { ClientIdentity } from '../../../test/support/moonlight/pairing-client.ts'
import type { NvRequest } from './http/nv-http.ts'
import { openNvListeners } from './http/open-nv-listeners.ts'
import { openRtspListener } from './rtsp/open-rtsp-listener.ts'

const host = '127.0.0.1'
const everybody = { lets: () => true, onCrowded: () => {} }

test('over HTTPS a client is known by its certificate, over HTTP by nothing', async () => {
  const asked: NvRequest[] = []
  const tv = new ClientIdentity()
  const own = new ClientIdentity()
  const listeners = await openNvListeners({
    host,
    ports: { http: 0, https: 0 },
    credentials: own,
    doorkeeper: everybody,
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
  await using listener = await openRtspListener({
    host,
    port: 0,
    doorkeeper: { ...everybody, lets: () => false },
    desk: { take: () => undefined },
  })
  const socket = connect(listener.port, host)
  socket.on('error', () => undefined)
  await once(socket, 'close')
})

test('RTSP answers the one request of a connection, in whatever pieces it comes, and closes it', async () => {
  const desk = {
    take: (bytes: Uint8Array) => (bytes.length < 6 ? undefined : Buffer.from(`got ${Buffer.from(bytes).toString()}`)),
  }
  await using listener = await openRtspListener({ host, port: 0, doorkeeper: everybody, desk })
  const socket = connect(listener.port, host)
  socket.setNoDelay(true)
  socket.write('abc')
  await new Promise((resolve) => setImmediate(resolve))
  socket.write('def')
  const said: Buffer[] = []
  for await (const chunk of socket) said.push(chunk as Buffer)
  assert.equal(Buffer.concat(said).toString(), 'got abcdef')
})

test('a thousand connections that say nothing keep nobody else out', async () => {
  const crowding = new Map<string, number>()
  const doorkeeper = {
    lets: () => true,
    onCrowded: (address: string) => crowding.set(address, (crowding.get(address) ?? 0) + 1),
  }
  const answer = async () => ({ type: 'text/xml', body: '<root/>' }) as const
  const credentials = new ClientIdentity()
  const listeners = await openNvListeners({ host, ports: { http: 0, https: 0 }, credentials, doorkeeper, answer })
  await using http = listeners.http
  await using https = listeners.https
  await using rtsp = await openRtspListener({ host, port: 0, doorkeeper, desk: { take: () => Buffer.from('heard') } })
  // Somebody whose request is held for as long as they type a PIN.
  const patient = connect(rtsp.port, host)
  await once(patient, 'connect')
  const idle = [http, https, rtsp].flatMap(({ port }) =>
    Array.from({ length: 350 }, () => connect({ port, host, localAddress: '127.0.0.7' })),
  )
  let gone = 0
  for (const socket of idle) socket.on('error', () => {}).on('close', () => gone++)
  await eventually(
    () => gone,
    (count) => count >= idle.length - 3 * 64,
    { what: 'those that are too many', withinMs: 30_000 },
  )
  assert.equal(await (await fetch(`http://${host}:${http.port}/serverinfo`)).text(), '<root/>')
  const request = get({ host, port: https.port, path: '/serverinfo', rejectUnauthorized: false })
  const [response] = await once(request, 'response')
  assert.equal(response.statusCode, 200)
  response.resume()
  patient.write('a request')
  const [said] = await once(patient, 'data')
  assert.equal(String(said), 'heard', 'who came before them is still there')
  assert.deepEqual([...crowding.keys()], ['127.0.0.7'], 'and it is told whose they were')
  for (const socket of [...idle, patient]) socket.destroy()
})

test('a port that somebody has is told', async () => {
  const desk = { take: () => undefined }
  await using listener = await openRtspListener({ host, port: 0, doorkeeper: everybody, desk })
  await assert.rejects(openRtspListener({ host, port: listener.port, doorkeeper: everybody, desk }), {
    code: 'port-in-use',
  })
})
