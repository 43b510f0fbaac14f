import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pass } from '../../../test/support/simulated-channel.ts'
import { openTransports } from '../../../test/support/transport-pair.ts'
import { ChannelStream } from '../channel-stream.ts'
import { decodeStream, encodeStream, type StreamFrame } from '../link/protocol.ts'
import { frameHeaderBytes } from '../../os/child/frame.ts'
import { RequestStreams } from './request-streams.ts'

/** A client's stream, the process that hands it on, and the server's end. */
async function openScene() {
  const pair = openTransports({ there: { delayUs: 5000, lossRatio: 0.02 }, seed: 3 })
  const streams: ChannelStream[] = []
  /** As it goes over the socket between the two. */
  const passed = (frame: StreamFrame) => decodeStream(encodeStream(frame).subarray(frameHeaderBytes))
  let inFlight = 0
  const requests: RequestStreams = new RequestStreams({
    channel: 7,
    send(frame) {
      const { stream, kind, data } = passed(frame)
      if (kind === 'open') {
        streams[stream] = new ChannelStream({
          remoteAddress: '192.0.2.1',
          send: (say, bytes) => requests.hear(passed({ channel: 7, stream, kind: say, data: bytes })),
        })
      } else {
        if (kind === 'data') inFlight += data.length
        streams[stream]?.hear({ channel: 7, stream, kind, data })
      }
    },
  })
  const client = pair.near.openStream({ bulk: true })
  void client.write(Uint8Array.of(1, 2, 3))
  await pass(pair.clock, 100, 5)
  const [incoming] = pair.heard.far.streams
  assert.ok(incoming)
  requests.take(incoming)
  const [server] = streams
  assert.ok(server)
  return { pair, client, server, come: () => inFlight }
}

test('a request goes to the server and its answer comes back, whole and in order, over a path that loses', async () => {
  const { pair, client, server } = await openScene()
  const asked: number[] = []
  server.on('data', (bytes: Buffer) => void asked.push(...bytes))
  server.on('end', () => void server.end(Buffer.alloc(600_000, 9)))
  const came: Uint8Array[] = []
  const read = (async () => {
    for await (const bytes of client.incoming) came.push(bytes)
  })()
  void client.write(Uint8Array.of(4)).then(() => client.finish())
  await pass(pair.clock, 20_000, 5)
  await read
  assert.deepEqual(asked, [1, 2, 3, 4])
  const answer = Buffer.concat(came)
  assert.ok(answer.length === 600_000 && answer.every((byte) => byte === 9))
  await pair[Symbol.asyncDispose]()
})

test('neither end has more on the way than the other reads', async () => {
  const { pair, client, server, come } = await openScene()
  // The server reads nothing: the client is held back.
  void client.write(new Uint8Array(2_000_000)).catch(() => {})
  // The client reads nothing: the server is.
  let written = 0
  const write = () => {
    written += 50_000
    server.write(Buffer.alloc(50_000), () => written < 5_000_000 && write())
  }
  write()
  await pass(pair.clock, 10_000, 5)
  assert.ok(come() < 500_000, `${come()} bytes came`)
  assert.ok(written < 1_000_000, `${written} bytes were written`)
  server.destroy()
  await pass(pair.clock, 1000, 5)
  await assert.rejects(client.write(Uint8Array.of(1)))
  await pair[Symbol.asyncDispose]()
})
