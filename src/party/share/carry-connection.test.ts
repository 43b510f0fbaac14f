import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import type { ByteStream } from '../../net/streams/byte-stream.ts'
import { carryConnection } from './carry-connection.ts'
import type { FramedReader } from './framed-reader.ts'

test('carryConnection ends a connection when its program has all of it, however late it reads', async (t) => {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const accepted = once(server, 'connection')
  const program = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }).pause()
  const [socket] = (await accepted) as [Socket]
  program.end()
  let sent = 0
  // The other end says so much that the last of it waits in this process, and closes.
  async function* rest() {
    while (socket.writableLength === 0) {
      const bytes = new Uint8Array(16_000)
      sent += bytes.length
      yield bytes
    }
  }
  const heard: Uint8Array[] = []
  const stream = {
    write: async (bytes: Uint8Array) => void heard.push(bytes),
    finish: async () => {},
    reset: () => {},
  }
  const carried = carryConnection(socket, stream as unknown as ByteStream, { rest } as unknown as FramedReader)
  while (socket.writableLength === 0 && !socket.destroyed) await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal((await buffer(program)).length, sent)
  await carried
  assert.ok(socket.destroyed)
})
