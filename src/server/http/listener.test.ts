import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request, type RequestListener } from 'node:http'
import type { Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { closed, dial, readAll } from '../../../test/support/raw-connection.ts'
import { ServerError } from '../contract/server-error.ts'
import type { HttpPort } from '../../http/http-port.ts'
import { ConnectionLimits } from './connection-limits.ts'
import { openHttpListener } from './listener.ts'

async function open(
  t: TestContext,
  onRequest: RequestListener = (_, response) => response.end('here'),
  limits = new ConnectionLimits(),
): Promise<HttpPort> {
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

test('clients that send their heads too slowly are cut off, however many they are, and others are answered meanwhile', async (t) => {
  const listener = await open(t)
  const sockets = Array.from({ length: 40 }, () => dial(listener.address.port))
  for (const socket of sockets) socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')
  const dripping = setInterval(() => sockets.forEach((socket) => socket.write('.')), 20)
  t.after(() => clearInterval(dripping))
  const other = dial(listener.address.port)
  other.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  assert.match(await readAll(other), /^HTTP\/1\.1 200 /)
  for (const said of await Promise.all(sockets.map(readAll))) assert.match(said, /^HTTP\/1\.1 408 /)
})

test('a client that sends its body too slowly is cut off', async (t) => {
  const listener = await open(t, () => {})
  const socket = dial(listener.address.port)
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
  const socket = dial(listener.address.port)
  socket.pause()
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  assert.equal(await cut, false)
  socket.destroy()
})

test('what is not HTTP gets an answer and the end of its connection', async (t) => {
  const listener = await open(t)
  const socket = dial(listener.address.port)
  socket.write('\u0016\u0003\u0001 not http at all\r\n\r\n')
  assert.match(await readAll(socket), /^HTTP\/1\.1 400 /)
})

test('a head that is too large is refused', async (t) => {
  const listener = await open(t)
  const socket = dial(listener.address.port)
  socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)
  assert.match(await readAll(socket), /^HTTP\/1\.1 431 /)
})

test('a stranger too many takes the place of the one that is waited for longest', async (t) => {
  let nowMs = 0
  const limits = new ConnectionLimits({ perSource: 3, inAll: 3 }, () => nowMs)
  const listener = await open(t, undefined, limits)
  const held: Socket[] = []
  for (let count = 0; count < 3; count++) {
    const socket = dial(listener.address.port)
    await once(socket, 'connect')
    held.push(socket)
  }
  // Half a head keeps no place: it is the client that is waited for.
  held[0]?.write('GET / HTTP/1.1\r\nHost: localhost\r\n')
  const firstGone = closed(held[0] as Socket)
  nowMs = 1000
  const socket = dial(listener.address.port)
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  assert.match(await readAll(socket), /^HTTP\/1\.1 200 /)
  await firstGone
  assert.deepEqual([held[1]?.destroyed, held[2]?.destroyed, limits.dropped], [false, false, 1])
  for (const other of held) other.destroy()
})

test('who has just come gives way to nobody while there is any room, however many come at once', async (t) => {
  let nowMs = 0
  const limits = new ConnectionLimits({ perSource: 3, inAll: 3 }, () => nowMs)
  const listener = await open(t, undefined, limits)
  const come = async () => {
    const socket = dial(listener.address.port)
    t.after(() => socket.destroy())
    await once(socket, 'connect')
    return socket
  }
  const old = [await come(), await come(), await come()]
  nowMs = 1000
  const oldGone = Promise.all(old.map(closed))
  const fresh: Socket[] = []
  for (let count = 0; count < 6; count++) fresh.push(await come())
  await oldGone
  assert.ok(fresh.every(({ destroyed }) => !destroyed))
  const firstGone = closed(fresh[0] as Socket)
  await come()
  await firstGone
  assert.deepEqual([limits.strangers, limits.dropped], [6, 4])
  fresh[1]?.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  assert.match(await readAll(fresh[1] as Socket), /^HTTP\/1\.1 200 /)
})

test('connections of members take no room from strangers', async (t) => {
  const limits = new ConnectionLimits({ perSource: 1, inAll: 1 })
  const welcome: RequestListener = (incoming, response) => {
    limits.admitted(incoming.socket, { key: 'ada', queue: 'members' }, () => () => {})
    response.end('welcome')
  }
  const listener = await open(t, welcome, limits)
  for (let count = 0; count < 5; count++) {
    const asked = request({ port: listener.address.port, host: '127.0.0.1' }).end()
    const [answer] = (await once(asked, 'response')) as [{ statusCode: number }]
    assert.equal(answer.statusCode, 200)
    t.after(() => asked.destroy())
  }
  assert.equal(limits.dropped, 0)
})

test('close ends connections whatever they are doing', async (t) => {
  const listener = await open(t, () => {})
  const idle = dial(listener.address.port)
  const waiting = dial(listener.address.port)
  waiting.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await Promise.all([once(idle, 'connect'), once(waiting, 'connect')])
  const ends = Promise.all([closed(idle), closed(waiting)])
  await listener.close()
  await ends
  assert.deepEqual(await listener.closed, { kind: 'clean', reason: 'closed' })
})
