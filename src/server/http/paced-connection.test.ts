import assert from 'node:assert/strict'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { eventually } from '../../../test/support/eventually.ts'
import { closed, dial, readAll, readUntil } from '../../../test/support/raw-connection.ts'
import { ConnectionLimits } from './connection-limits.ts'
import { openHttpListener } from './listener.ts'
import type { UpgradeListener } from './pace-requests.ts'
import { defaultQueues, Turnstile, type Place } from '../../http/turnstile.ts'

/** Says which path it was and what its body was. */
const echo: RequestListener = (incoming, response) => {
  let body = ''
  incoming.setEncoding('latin1').on('data', (chunk: string) => (body += chunk))
  incoming.on('end', () => response.end(`[${incoming.url} ${body}]`))
}

async function open(
  t: TestContext,
  options: {
    onRequest?: RequestListener
    onUpgrade?: UpgradeListener
    turnstile?: Turnstile
    placeOf?: (token: string) => Place | undefined
  } = {},
) {
  const { onRequest = echo, onUpgrade = (_, socket) => void socket.destroy(), ...more } = options
  const limits = new ConnectionLimits()
  const listener = await openHttpListener({ port: 0, host: '127.0.0.1', onRequest, onUpgrade, limits, ...more })
  t.after(() => listener.close())
  return { port: listener.address.port, limits }
}

/** Until so many requests wait for their turn. */
function waitsFor(turnstile: Turnstile, count: number): Promise<number> {
  return eventually(
    () => turnstile.waiting,
    (now) => now === count,
    { what: `${count} requests wait` },
  )
}

/** A turnstile that turns when it is told to. */
function held(t: TestContext, options: ConstructorParameters<typeof Turnstile>[0] = {}) {
  let calls: (() => void)[] = []
  const turnstile = new Turnstile({ ...options, soon: (call) => void calls.push(call) })
  const turn = () => {
    const now = calls
    calls = []
    for (const call of now) call()
  }
  const release = () => {
    const turning = setInterval(turn, 1)
    t.after(() => clearInterval(turning))
  }
  return { turnstile, release }
}

const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`
const last = (path: string) => get(path, 'Connection: close\r\n')
const bodies = (text: string) => [...text.matchAll(/\[(.*?)\]/g)].map(([, said]) => said)

test('of requests that come at once on a connection one is under way at a time, and all are answered in order', async (t) => {
  const requests = 1500
  let underWay = 0
  let most = 0
  let turns = 0
  let isOver = false
  const turn = () => {
    turns++
    if (!isOver) setImmediate(turn)
  }
  turn()
  const { port } = await open(t, {
    onRequest(incoming, response) {
      most = Math.max(most, ++underWay)
      setImmediate(() => {
        underWay--
        response.end(`[${incoming.url}]`)
      })
    },
  })
  const socket = dial(port)
  const paths = Array.from({ length: requests }, (_, index) => `/${index}`)
  socket.write(
    paths
      .slice(0, -1)
      .map((path) => get(path))
      .join('') + last(paths.at(-1) ?? ''),
  )
  assert.deepEqual(bodies(await readAll(socket)), paths)
  isOver = true
  assert.equal(most, 1)
  assert.ok(turns >= requests, `${requests} requests in ${turns} turns of the event loop`)
})

test('what lies behind a request stays in the socket until it is answered', async (t) => {
  const { promise: first, resolve } = Promise.withResolvers<[IncomingMessage, ServerResponse]>()
  let count = 0
  const { port } = await open(t, {
    onRequest(incoming, response) {
      if (++count === 1) resolve([incoming, response])
      else response.end('[later]')
    },
  })
  const socket = dial(port)
  let isWritten = false
  socket.write(get('/').repeat(500_000), () => (isWritten = true))
  const [incoming, response] = await first
  const { bytesRead } = incoming.socket
  assert.ok(bytesRead < 1024 * 1024, `${bytesRead} bytes were read`)
  assert.deepEqual([count, isWritten], [1, false], 'the client has to wait')
  response.end('[first]')
  await readUntil(socket, /later/, 20)
  socket.destroy()
})

test('requests are told apart wherever the bytes are cut', async (t) => {
  const { port } = await open(t)
  const text =
    get('/a') +
    'POST /b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx\r\n\r\nGET ' +
    `\r\n${get('/c')}` +
    'PUT /d HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n' +
    'POST /e HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n' +
    '4\r\n\r\n\r\n\r\n3;x=y\r\nend\r\n0\r\nTrailer: z\r\n\r\n'
  const expected = ['/a ', '/b x\r\n\r\nGET ', '/c ', '/d ', '/e \r\n\r\nend']
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(text.length), { maxLength: 12 }), async (cuts) => {
      const socket = dial(port).setNoDelay()
      const answer = readAll(socket)
      const places = [0, ...cuts.toSorted((a, b) => a - b), text.length]
      for (const [index, from] of places.slice(0, -1).entries()) {
        socket.write(text.slice(from, places[index + 1]))
        await new Promise(setImmediate)
      }
      assert.deepEqual(
        [...(await answer).matchAll(/\[(.*?)\]/gs)].map(([, said]) => said),
        expected,
      )
    }),
    { numRuns: 40 },
  )
})

test('a head that comes byte by byte is read, also at its empty line', async (t) => {
  const { port } = await open(t)
  const socket = dial(port).setNoDelay()
  const answer = readAll(socket)
  for (const byte of last('/slow')) {
    socket.write(byte)
    await new Promise(setImmediate)
  }
  assert.deepEqual(bodies(await answer), ['/slow '])
})

test('behind a body whose end nobody can tell beforehand a connection takes nothing more', async (t) => {
  const { port } = await open(t)
  const socket = dial(port)
  socket.write(
    `POST /a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n${get('/b').repeat(3000)}`,
  )
  const answer = await readAll(socket)
  assert.deepEqual(bodies(answer), ['/a abc'])
  assert.match(answer, /\r\nConnection: close\r\n/)
})

test('a body in chunks of a byte each is read in turns, like a request', async (t) => {
  let turns = 0
  let most = 0
  const { port } = await open(t, {
    onRequest(incoming, response) {
      let inTurn = 0
      let turn = turns
      let bytes = 0
      incoming.on('data', (chunk: Buffer) => {
        inTurn = turn === turns ? inTurn + 1 : 1
        turn = turns
        most = Math.max(most, inTurn)
        bytes += chunk.length
      })
      incoming.on('end', () => response.end(`[${bytes}]`))
    },
  })
  const turning = () => {
    turns++
    if (!isOver) setImmediate(turning)
  }
  let isOver = false
  setImmediate(turning)
  const socket = dial(port)
  socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n')
  socket.write(`${'1\r\nx\r\n'.repeat(20_000)}0\r\n\r\n`)
  assert.deepEqual(bodies(await readAll(socket)), ['20000'])
  isOver = true
  assert.ok(most <= 100, `${most} chunks in one turn of the event loop`)
})

test('a body in chunks that nobody takes is not read', async (t) => {
  const { promise: begun, resolve } = Promise.withResolvers<[IncomingMessage, ServerResponse]>()
  const { port } = await open(t, { onRequest: (...request) => resolve(request) })
  const socket = dial(port)
  socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n')
  const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`
  let isTaken = false
  socket.write(chunk.repeat(1000), () => (isTaken = true))
  const [incoming, response] = await begun
  await new Promise((done) => setTimeout(done, 100))
  assert.ok(incoming.readableLength <= 2 * incoming.readableHighWaterMark, `${incoming.readableLength} bytes are kept`)
  assert.equal(isTaken, false)
  response.end('[enough]')
  assert.deepEqual(bodies(await readAll(socket)), ['enough'])
})

test('a body that nobody reads is passed over when it is short, and ends the connection when it is not', async (t) => {
  const { port } = await open(t, { onRequest: (incoming, response) => response.end(`[${incoming.url}]`) })
  const post = (bytes: number) =>
    `POST /p HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${bytes}\r\n\r\n${'x'.repeat(bytes)}`
  const short = dial(port)
  short.write(post(60_000) + last('/next'))
  assert.deepEqual(bodies(await readAll(short)), ['/p', '/next'])
  const long = dial(port)
  long.write(post(10_000_000) + last('/next'))
  assert.deepEqual(bodies(await readAll(long)), ['/p'])
})

test('a body that does not come any more does not hold the connection once its request is answered', async (t) => {
  const { port } = await open(t, { onRequest: (incoming, response) => response.end(`[${incoming.url}]`) })
  const socket = dial(port)
  socket.write('POST /p HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nx')
  assert.deepEqual(bodies(await readAll(socket)), ['/p'])
})

test('what is expected in vain is refused, and 100-continue is told', async (t) => {
  const { port } = await open(t)
  const socket = dial(port)
  socket.write('POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n')
  await readUntil(socket, /^HTTP\/1\.1 100 Continue\r\n\r\n/)
  socket.write('abc')
  await readUntil(socket, /\[\/a abc\]/)
  socket.write(get('/b', 'Expect: miracles\r\n').repeat(2000))
  assert.equal((await readAll(socket)).match(/HTTP\/1\.1 417 /g)?.length, 1)
})

test('HTTP/1.0 is answered, and the connection ended', async (t) => {
  const { port } = await open(t)
  const socket = dial(port)
  socket.write('GET /old HTTP/1.0\r\nHost: localhost\r\n\r\n'.repeat(100))
  assert.deepEqual(bodies(await readAll(socket)), ['/old '])
})

test('whoever asks for another protocol is given what came behind the head', async (t) => {
  const { port } = await open(t, {
    onUpgrade(_, socket, head) {
      socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n')
      socket.unshift(head)
      socket.on('data', (bytes: Buffer) => void socket.write(`<${String(bytes)}>`))
    },
  })
  const socket = dial(port)
  socket.write(`${get('/first')}${get('/up', 'Connection: Upgrade\r\nUpgrade: echo\r\n')}early`)
  assert.match(await readUntil(socket, /<early>/), /\[\/first \]/)
  socket.write('late')
  await readUntil(socket, /<late>/)
  socket.destroy()
})

test('whoever goes while waiting for a turn leaves nothing behind', async (t) => {
  const { turnstile, release } = held(t)
  const { port, limits } = await open(t, { turnstile })
  const waiting = [1, 2, 3].map(() => dial(port))
  for (const socket of waiting) socket.write(get('/'))
  await waitsFor(turnstile, 3)
  const here = dial(port)
  here.write(last('/here'))
  await waitsFor(turnstile, 4)
  for (const socket of waiting) socket.resetAndDestroy()
  await eventually(
    () => [turnstile.waiting, limits.strangers],
    ([requests, connections]) => requests === 1 && connections === 1,
    { what: 'one is left' },
  )
  const answer = readAll(here)
  release()
  assert.deepEqual(bodies(await answer), ['/here '])
})

test('requests that find no room to wait are told to come again, and the owner and members pass them', async (t) => {
  const tokens = new Map<string, Place>([
    ['o'.repeat(43), { queue: 'owner', flow: 'owner' }],
    ['m'.repeat(43), { queue: 'members', flow: 'ada' }],
  ])
  const strangers = { share: 0.25, perFlow: 1, inAll: 1 }
  const { turnstile, release } = held(t, { queues: { ...defaultQueues, strangers } })
  const { port } = await open(t, { turnstile, placeOf: (given) => tokens.get(given) })
  const first = dial(port)
  first.write(last('/first'))
  await waitsFor(turnstile, 1)
  const second = dial(port)
  second.write(last('/second') + get('/third'))
  const refused = await readAll(second)
  assert.match(refused, /^HTTP\/1\.1 503 /)
  assert.match(refused, /\r\nRetry-After: 1\r\n/)
  assert.match(refused, /"code":"busy"/)
  const passing = [...tokens].map(([token, { flow }]) => {
    const socket = dial(port)
    socket.write(get(`/${flow}`, `Authorization: Bearer ${token}\r\nConnection: close\r\n`))
    return socket
  })
  await waitsFor(turnstile, 3)
  const answers = Promise.all([first, ...passing].map(readAll))
  release()
  assert.deepEqual((await answers).flatMap(bodies), ['/first ', '/owner ', '/ada '])
})

test('a connection that waits for this end gives way to nobody', async (t) => {
  const underWay: ServerResponse[] = []
  const limits = new ConnectionLimits({ perSource: 2, inAll: 2 })
  const listener = await openHttpListener({
    port: 0,
    host: '127.0.0.1',
    onRequest: (_, response) => void underWay.push(response),
    onUpgrade: (_, socket) => void socket.destroy(),
    limits,
  })
  t.after(() => listener.close())
  const sockets: Socket[] = []
  for (let count = 1; count <= 4; count++) {
    const socket = dial(listener.address.port)
    socket.write(last('/'))
    sockets.push(socket)
    await eventually(
      () => underWay.length,
      (now) => now === count,
      { what: 'the request is under way' },
    )
  }
  await closed(dial(listener.address.port))
  const answers = Promise.all(sockets.map(readAll))
  for (const response of underWay) response.end('[here]')
  assert.deepEqual((await answers).flatMap(bodies), ['here', 'here', 'here', 'here'])
})
