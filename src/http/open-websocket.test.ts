import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { WebSocketServer } from 'ws'
import { systemClock } from '../kernel/clock.ts'
import { problemAnswer } from './problem.ts'
import { endWith, plainAnswer } from './plain-answer.ts'
import { openWebSocket } from './open-websocket.ts'

const options = { subprotocol: 'test.v1', clock: systemClock, isCertified: false }

async function listen(t: TestContext): Promise<string> {
  const sockets = new WebSocketServer({ noServer: true })
  const server = createServer().on('upgrade', (request, socket, head) => {
    if (request.url === '/') return sockets.handleUpgrade(request, socket, head, (webSocket) => webSocket.send('first'))
    const problem = problemAnswer({ status: 400, code: 'wrong-version', detail: 'Use another one' })
    endWith(
      socket,
      request.url === '/problem' ? plainAnswer(problem) : 'HTTP/1.1 502 Bad\r\nConnection: close\r\n\r\n<p>',
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets.clients) socket.terminate()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('openWebSocket keeps what the server says first for who listens later', async (t) => {
  const pipe = await openWebSocket(`${await listen(t)}/`, options)
  await pause(50)
  const heard = Promise.withResolvers<unknown>()
  pipe.listen({ message: (message) => heard.resolve(message), fault: () => {} })
  assert.equal(await heard.promise, 'first')
  pipe.close(1000, '')
})

test('openWebSocket tells why a server opens none, in its own words where it has some', async (t) => {
  const url = await listen(t)
  await assert.rejects(openWebSocket(`${url}/problem`, options), /^Error: Use another one$/)
  await assert.rejects(openWebSocket(`${url}/other`, options), /^Error: it answers with 502$/)
  await assert.rejects(openWebSocket('http://127.0.0.1:1/', options), /ECONNREFUSED/)
})
