import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as plainRequest, type IncomingMessage, type RequestListener } from 'node:http'
import { Agent, request } from 'node:https'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { test, type TestContext } from 'node:test'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import * as fc from '../../../test/support/fast-check.ts'
import { WebSocket, WebSocketServer } from 'ws'
import { closed, dial, readAll } from '../../../test/support/raw-connection.ts'
import { testCertificate } from '../../../test/support/test-certificate.ts'
import { Writable } from '../../kernel/readable.ts'
import type { HttpPort } from '../../http/http-port.ts'
import { ConnectionLimits } from './connection-limits.ts'
import { openHttpListener } from './listener.ts'
import type { UpgradeListener } from './pace-requests.ts'
import type { TlsCredentials } from './tls-termination.ts'

const headMs = 300
const tlsAlertByte = 0x15

interface Opened {
  readonly listener: HttpPort
  readonly credentials: Writable<TlsCredentials>
  readonly port: number
}

/** Tells with each answer whether the request came inside TLS, and what its body was. */
const tellHow: RequestListener = (incoming, response) => {
  let bytes = 0
  incoming.on('data', (chunk: Buffer) => (bytes += chunk.length))
  incoming.on('end', () => response.end(`${'encrypted' in incoming.socket ? 'secure' : 'plain'} ${bytes}`))
}

async function open(
  t: TestContext,
  options: {
    onRequest?: RequestListener
    onUpgrade?: UpgradeListener
    limits?: ConnectionLimits
    patienceMs?: number
  } = {},
): Promise<Opened> {
  const { onRequest = tellHow, onUpgrade = (_, socket) => socket.destroy(), limits = new ConnectionLimits() } = options
  const { patienceMs = headMs } = options
  const credentials = new Writable<TlsCredentials>(testCertificate())
  const timeouts = { headMs: patienceMs, requestMs: 2 * patienceMs, checkMs: 50, idleMs: 400 }
  const listener = await openHttpListener({
    port: 0,
    host: '127.0.0.1',
    onRequest,
    onUpgrade,
    limits,
    credentials,
    timeouts,
  })
  t.after(() => listener.close())
  return { listener, credentials, port: listener.address.port }
}

async function dialTls({ port, credentials }: Opened, socket?: Duplex): Promise<TLSSocket> {
  const ca = credentials.value.certificate
  const secure = connectTls({ port, host: '127.0.0.1', ca, ...(socket && { socket }) })
  await Promise.race([once(secure, 'secureConnect'), closed(secure).then(() => assert.fail('The handshake was cut'))])
  return secure.on('error', () => {})
}

/** Asks over TLS; whoever answers has to have the certificate. */
async function ask({ port, credentials }: Opened, options: { body?: Buffer; agent?: Agent } = {}) {
  const { body, agent } = options
  const outgoing = request({
    port,
    host: '127.0.0.1',
    method: 'POST',
    ca: credentials.value.certificate,
    agent: agent ?? false,
  })
  outgoing.end(body)
  return answerTo(outgoing)
}

async function answerTo(outgoing: ReturnType<typeof request>): Promise<string> {
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of incoming.setEncoding('utf8')) text += chunk
  return text
}

test('one port answers HTTP and HTTPS, and tells them apart', async (t) => {
  const opened = await open(t)
  assert.equal(await ask(opened), 'secure 0')
  const plain = plainRequest({ port: opened.port, host: '127.0.0.1', agent: false })
  plain.end()
  assert.equal(await answerTo(plain), 'plain 0')
})

test('no byte is lost, however many come at once', async (t) => {
  const opened = await open(t)
  const body = Buffer.alloc(3_000_000, 'x')
  assert.equal(await ask(opened, { body }), 'secure 3000000')
  const plain = plainRequest({ port: opened.port, host: '127.0.0.1', method: 'POST', agent: false })
  plain.end(body)
  assert.equal(await answerTo(plain), 'plain 3000000')
})

test('HTTP in pieces of one byte is understood', async (t) => {
  const { port } = await open(t)
  const socket = dial(port)
  sendBytewise(socket, Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'), () => {})
  assert.match(await readAll(socket), /^HTTP\/1\.1 200 [^]*plain 0/)
})

test('a handshake in pieces of one byte is understood', async (t) => {
  const opened = await open(t, { patienceMs: 10_000 })
  const socket = dial(opened.port).setNoDelay()
  const bytewise = new Duplex({
    read() {},
    write: (chunk: Buffer, _, done) => sendBytewise(socket, chunk, done),
  })
  socket.on('data', (chunk: Buffer) => bytewise.push(chunk)).on('close', () => bytewise.destroy())
  const secure = await dialTls(opened, bytewise)
  secure.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  assert.match(await readAll(secure), /^HTTP\/1\.1 200 [^]*secure 0/)
})

test('many requests go over one connection, plain and secure, also when they come at once', async (t) => {
  const opened = await open(t)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.after(() => agent.destroy())
  for (let count = 0; count < 3; count++) assert.equal(await ask(opened, { agent }), 'secure 0')
  const get = 'GET / HTTP/1.1\r\nHost: localhost\r\n'
  for (const socket of [dial(opened.port), await dialTls(opened)]) {
    socket.write(`${get}\r\n${get}\r\n${get}Connection: close\r\n\r\n`)
    const text = await readAll(socket)
    assert.equal(text.split('HTTP/1.1 200 OK').length, 4)
  }
})

test('WebSockets work inside TLS and without', async (t) => {
  const sockets = new WebSocketServer({ noServer: true })
  const opened = await open(t, {
    onUpgrade: (incoming, socket, head) =>
      sockets.handleUpgrade(incoming, socket, head, (webSocket) =>
        webSocket.on('message', (data) => webSocket.send(data)),
      ),
  })
  for (const scheme of ['ws', 'wss']) {
    const socket = new WebSocket(`${scheme}://127.0.0.1:${opened.port}/`, { ca: opened.credentials.value.certificate })
    await once(socket, 'open')
    const sent = Buffer.alloc(300_000, scheme)
    socket.send(sent)
    const [got] = (await once(socket, 'message')) as [Buffer]
    assert.ok(got.equals(sent))
    socket.terminate()
  }
})

test('a connection that stays silent is cut off, before its first byte and after half a ClientHello', async (t) => {
  const { port } = await open(t)
  const hello = await clientHello()
  for (const first of [Buffer.alloc(0), hello.subarray(0, 1), hello.subarray(0, hello.length / 2)]) {
    const socket = dial(port)
    if (first.length > 0) socket.write(first)
    assert.equal(await readAll(socket), '')
  }
})

test('a handshake that drips in is cut off', async (t) => {
  const { port } = await open(t)
  const socket = dial(port)
  const hello = await clientHello()
  let sent = 0
  const dripping = setInterval(() => socket.write(hello.subarray(sent, ++sent)), 20)
  t.after(() => clearInterval(dripping))
  assert.equal(await readAll(socket), '')
  assert.ok(sent < hello.length, `${sent} of ${hello.length} bytes were sent`)
})

test('a head that drips in over TLS is cut off with an answer', async (t) => {
  const secure = await dialTls(await open(t))
  secure.write('GET / HTTP/1.1\r\nHost: localhost\r\n')
  const dripping = setInterval(() => secure.write('X: y\r\n'), 20)
  t.after(() => clearInterval(dripping))
  assert.match(await readAll(secure), /^HTTP\/1\.1 408 /)
})

test('a client that does not read its answer over TLS is cut off', async (t) => {
  const { promise: cut, resolve } = Promise.withResolvers<boolean>()
  const onRequest: RequestListener = (_, response) => {
    response.once('close', () => resolve(response.writableFinished))
    response.end(Buffer.alloc(32 * 1024 * 1024))
  }
  const secure = await dialTls(await open(t, { onRequest }))
  secure.pause()
  secure.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  assert.equal(await cut, false)
  secure.destroy()
})

test('200 silent connections keep nobody out and are gone in time', async (t) => {
  const opened = await open(t, { limits: new ConnectionLimits({ perSource: 1000, inAll: 1000 }) })
  const silent = Array.from({ length: 200 }, () => dial(opened.port))
  const gone = Promise.all(silent.map(closed))
  await Promise.all(silent.map((socket) => once(socket, 'connect')))
  assert.equal(await ask(opened), 'secure 0')
  await gone
  assert.equal(await ask(opened), 'secure 0')
})

test('what begins like TLS and is none ends its own connection and nothing else', async (t) => {
  const opened = await open(t)
  const hello = await clientHello()
  const broken = Buffer.from(hello)
  broken.fill(0xff, 5)
  const endless = Buffer.from([0x16, 3, 1, 0xff, 0xff])
  for (const bytes of [broken, endless, Buffer.from('\u0016\u0003\u0001 not TLS at all\r\n\r\n', 'latin1')]) {
    const socket = dial(opened.port)
    socket.write(bytes)
    const answer = await readAll(socket)
    assert.ok(answer === '' || answer.charCodeAt(0) === tlsAlertByte, 'an alert of TLS, if anything')
  }
  assert.equal(await ask(opened), 'secure 0')
})

test('random bytes never crash the listener', async (t) => {
  const opened = await open(t, { limits: new ConnectionLimits({ perSource: 1000, inAll: 1000 }) })
  const first = fc.constantFrom([], [0x16], [0x16, 3, 1], [0x16, 3, 1, 0, 20, 1], [0x80, 0x2e, 1])
  await fc.assert(
    fc.asyncProperty(first, fc.uint8Array({ minLength: 1, maxLength: 200 }), async (head, rest) => {
      const socket = dial(opened.port)
      socket.end(Buffer.from([...head, ...rest]))
      await closed(socket.resume())
    }),
    { numRuns: 100 },
  )
  assert.equal(await ask(opened), 'secure 0')
})

test('a client that goes before its first byte, or in the middle of its handshake, is not waited for', async (t) => {
  const { port } = await open(t, { patienceMs: 600_000 })
  for (const bytes of [Buffer.alloc(0), (await clientHello()).subarray(0, 40)]) {
    const socket = dial(port)
    socket.end(bytes)
    await closed(socket.resume())
  }
})

test('clients that know nothing newer than TLS 1.1 are refused, and HTTP/2 is not spoken', async (t) => {
  const { port, credentials } = await open(t)
  const own = { port, host: '127.0.0.1', ca: credentials.value.certificate }
  const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
  for (const options of [old, { ALPNProtocols: ['h2'] }]) {
    const secure = connectTls({ ...own, ...options })
    const [error] = (await once(secure, 'error')) as [NodeJS.ErrnoException]
    assert.match(error.code ?? '', /ALERT|ECONNRESET/)
  }
  const both = connectTls({ ...own, ALPNProtocols: ['h2', 'http/1.1'], minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' })
  await once(both, 'secureConnect')
  assert.deepEqual([both.alpnProtocol, both.getProtocol()], ['http/1.1', 'TLSv1.2'])
  both.destroy()
})

test('renewed credentials serve new connections while the old ones go on', async (t) => {
  const opened = await open(t)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.after(() => agent.destroy())
  assert.equal(await ask(opened, { agent }), 'secure 0')
  const before = opened.credentials.value
  opened.credentials.set(testCertificate())
  assert.equal(await ask({ ...opened, credentials: new Writable(before) }, { agent }), 'secure 0')
  assert.equal(await ask(opened), 'secure 0')
  await assert.rejects(ask({ ...opened, credentials: new Writable(before) }), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
})

test('strangers are counted inside TLS too, and members are not', async (t) => {
  let nowMs = 0
  const limits = new ConnectionLimits({ perSource: 2, inAll: 2 }, () => nowMs)
  const onRequest: RequestListener = (incoming, response) => {
    if (incoming.headers.authorization)
      limits.admitted(incoming.socket, { key: 'ada', queue: 'members' }, () => () => {})
    response.end('here')
  }
  const opened = await open(t, { limits, onRequest })
  const members = [await dialTls(opened), await dialTls(opened)]
  for (const secure of members) {
    secure.write('GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: yes\r\n\r\n')
    await once(secure, 'data')
  }
  const strangers = [await dialTls(opened), await dialTls(opened)]
  assert.equal(limits.strangers, 2)
  nowMs = 1000
  const firstGone = closed(strangers[0] as Socket)
  assert.equal(await ask(opened), 'here')
  await firstGone
  assert.deepEqual(
    [...members, ...strangers].map(({ destroyed }) => destroyed),
    [false, false, true, false],
  )
  for (const secure of [...members, ...strangers]) secure.destroy()
})

test('close ends connections whatever they are doing in TLS', async (t) => {
  const opened = await open(t, { onRequest: () => {} })
  const [silent, half, idle, waiting] = [
    dial(opened.port),
    dial(opened.port),
    await dialTls(opened),
    await dialTls(opened),
  ]
  half.write((await clientHello()).subarray(0, 40))
  waiting.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  const ends = Promise.all([silent, half, idle, waiting].map((socket) => closed(socket.resume())))
  await opened.listener.close()
  await ends
  assert.deepEqual(await opened.listener.closed, { kind: 'clean', reason: 'closed' })
})

/** What a real client says first. */
async function clientHello(): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>()
  const wire = new Duplex({ read() {}, write: (chunk: Buffer) => resolve(chunk) })
  const client = connectTls({ socket: wire, servername: 'localhost' }).on('error', () => {})
  const hello = await promise
  client.destroy()
  return hello
}

function sendBytewise(socket: Socket, bytes: Buffer, done: () => void): void {
  const [first, rest] = [bytes.subarray(0, 1), bytes.subarray(1)]
  if (first.length === 0) return done()
  socket.write(first, () => setImmediate(() => sendBytewise(socket, rest, done)))
}
