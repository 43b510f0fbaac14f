import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request, type RequestListener } from 'node:http'
import { connect, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { ServerError } from '../server-error.ts'
import { ConnectionLimits } from './connection-limits.ts'
import { openHttpListener, type HttpListener } from './listener.ts'

async function open(
  t: TestContext,
  onRequest: RequestListener = (_, response) => response.end('here'),
  limits = new ConnectionLimits(),
): Promise<HttpListener> {
  const listener = await openHttpListener({
    port: 0,
    host: '127.0.0.1',
    onRequest,
    onUpgrade: (_, socket) => socket.destroy(),
    limits,
    timeouts: { headMs: 200, requestMs: 400, checkMs: 50, idleMs: 300 },
  })
  t.after(() => listener.close())
  return listener
}

function dial(listener: HttpListener): Socket {
  return connect(listener.address.port, '127.0.0.1').on('error', () => {})
}

async function readAll(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  await closed(socket)
  return text
}

/** Unlike `once`, indifferent to how the connection ends. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()))
}

test('openHttpListener names the flag when the port is taken', async (t) => {
  const { address } = await open(t)
  await assert.rejects(
    openHttpListener({
      port: address.port,
      host: '127.0.0.1',
      onRequest: () => {},
      onUpgrade: () => {},
      limits: new ConnectionLimits(),
    }),
    (error) => error instanceof ServerError && error.code === 'port-in-use' && /--port/.test(error.message),
  )
})

test('openHttpListener names the flag when the address is not one of this machine', async () => {
  await assert.rejects(
    openHttpListener({
      port: 0,
      host: '192.0.2.1',
      onRequest: () => {},
      onUpgrade: () => {},
      limits: new ConnectionLimits(),
    }),
    (error) => error instanceof ServerError && error.code === 'address-not-available' && /--host/.test(error.message),
  )
})

test('a client that sends its head too slowly is cut off', async (t) => {
  const listener = await open(t)
  const socket = dial(listener)
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n')
  const dripping = setInterval(() => socket.write('X: y\r\n'), 20)
  t.after(() => clearInterval(dripping))
  assert.match(await readAll(socket), /^HTTP\/1\.1 408 /)
})

test('a client that sends its body too slowly is cut off', async (t) => {
  const listener = await open(t, () => {})
  const socket = dial(listener)
  socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n')
  const dripping = setInterval(() => socket.write('x'), 20)
  t.after(() => clearInterval(dripping))
  assert.match(await readAll(socket), /^HTTP\/1\.1 408 /)
})

test('a client that does not read its answer is cut off', async (t) => {
  const { promise: cut, resolve } = Promise.withResolvers<boolean>()
  const listener = await open(t, (_, response) => {
    response.once('close', () => resolve(response.writableFinished))
    response.end(Buffer.alloc(32 * 1024 * 1024))
  })
  const socket = dial(listener)
  socket.pause()
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  assert.equal(await cut, false)
  socket.destroy()
})

test('what is not HTTP gets an answer and the end of its connection', async (t) => {
  const listener = await open(t)
  const socket = dial(listener)
  socket.write('\u0016\u0003\u0001 not http at all\r\n\r\n')
  assert.match(await readAll(socket), /^HTTP\/1\.1 400 /)
})

test('a head that is too large is refused', async (t) => {
  const listener = await open(t)
  const socket = dial(listener)
  socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)
  assert.match(await readAll(socket), /^HTTP\/1\.1 431 /)
})

test('strangers are dropped when one source has too many connections, and may come back when others go', async (t) => {
  const limits = new ConnectionLimits(3)
  const listener = await open(t, undefined, limits)
  const held = [1, 2, 3].map(() => dial(listener))
  await Promise.all(held.map((socket) => once(socket, 'connect')))
  assert.equal(await readAll(dial(listener)), '')
  const [first] = held
  first?.end()
  await closed(first as Socket)
  const socket = dial(listener)
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  assert.match(await readAll(socket), /^HTTP\/1\.1 200 /)
  for (const other of held) other.destroy()
})

test('members do not count among the strangers', async (t) => {
  const limits = new ConnectionLimits(1)
  const welcome: RequestListener = (incoming, response) => {
    limits.authenticated(incoming.socket)
    response.end('welcome')
  }
  const listener = await open(t, welcome, limits)
  for (let count = 0; count < 5; count++) {
    const asked = request({ port: listener.address.port, host: '127.0.0.1' }).end()
    const [answer] = (await once(asked, 'response')) as [{ statusCode: number }]
    assert.equal(answer.statusCode, 200)
    t.after(() => asked.destroy())
  }
})

test('close ends connections whatever they are doing', async (t) => {
  const listener = await open(t, () => {})
  const idle = dial(listener)
  const waiting = dial(listener)
  waiting.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await Promise.all([once(idle, 'connect'), once(waiting, 'connect')])
  const ends = Promise.all([closed(idle), closed(waiting)])
  await listener.close()
  await ends
  assert.deepEqual(await listener.closed, { kind: 'clean', reason: 'closed' })
})
