import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../../../test/support/eventually.ts'
import { openUdpSocket } from '../udp/udp-socket.ts'
import { openBatchSocket } from './batch-socket.ts'
import { PolledClock } from './polled-clock.ts'
import { serveSockets } from './serve-sockets.ts'

const skip = process.platform === 'linux' ? false : 'the calls are of Linux'
const lengths = [1200, 1200, 1200, 700, 1200, 40, 1200, 1200, 300, 300, 300, 14, 1207, 1207, 1200, 20, 1200]

/** A packet of a channel, with its number. */
function packet(length: number, number: number, channel = 7): Uint8Array {
  const bytes = new Uint8Array(length).fill(number)
  bytes.set([0xd5, 0, channel, 2, 3, 4])
  new DataView(bytes.buffer).setUint32(6, number)
  return bytes
}

for (const host of ['127.0.0.1', '::']) {
  for (const batchesOf of [1200, undefined]) {
    const how = batchesOf === undefined ? 'one by one' : 'together'
    test(`BatchSocket at ${host} passes on what came ${how} as it was, to each in order`, { skip }, async () => {
      await using closing = new AsyncDisposableStack()
      const middle = await openBatchSocket({ host, port: 0 })
      assert.ok(middle)
      closing.use(middle)
      const batching = batchesOf === undefined ? {} : { batchesOf }
      const open = async () => closing.use(await openUdpSocket({ host: '127.0.0.1', port: 0, ...batching }))
      const near = await open()
      const ends = [await open(), await open(), await open()]
      const heard = ends.map((end) => {
        const came: Uint8Array[] = []
        end.listen((bytes) => came.push(Uint8Array.from(bytes)) > 0)
        return came
      })
      const to = { address: '127.0.0.1', port: middle.local.port }
      for (const [number, length] of lengths.entries()) {
        for (const channel of ends.keys()) near.send(packet(length, number, channel), to)
      }
      for (const [channel, came] of heard.entries()) {
        await eventually(
          () => {
            middle.receive((memory, at, length, from) => {
              assert.deepEqual([from.address, from.port], [near.local.address, near.local.port])
              const end = ends[memory[at + 2] ?? 0]
              assert.ok(end)
              middle.pass(at, length, end.local)
              return true
            })
            return came.length
          },
          (count) => count >= lengths.length,
          { what: 'all packets' },
        )
        assert.deepEqual(
          came,
          lengths.map((length, number) => packet(length, number, channel)),
        )
      }
      assert.equal(middle.failed, 0)
    })
  }
}

test(
  'BatchSocket sends what it is told to, far more than fits one call, and listens to what is not passed on',
  { skip },
  async () => {
    const [near, far] = [
      await openBatchSocket({ host: '127.0.0.1', port: 0 }),
      await openBatchSocket({ host: '127.0.0.1', port: 0, bufferBytes: 2 ** 20 }),
    ]
    assert.ok(near && far)
    await using closing = new AsyncDisposableStack()
    closing.use(near)
    closing.use(far)
    const heard: Uint8Array[] = []
    far.listen((bytes) => heard.push(Uint8Array.from(bytes)) > 0)
    const sent = Array.from({ length: 300 }, (_, number) => packet(14 + ((number * 7) % 400), number))
    for (const [number, bytes] of sent.entries()) {
      near.send(bytes, far.local)
      if (number % 100 === 99) {
        near.flush()
        far.receive(() => false)
      }
    }
    await eventually(
      () => {
        far.receive(() => false)
        return heard.length
      },
      (count) => count >= sent.length,
      { what: 'all of them' },
    )
    assert.deepEqual(heard, sent)
  },
)

test('BatchSocket counts what the system refuses, and sends the rest', { skip }, async () => {
  await using near = await openBatchSocket({ host: '127.0.0.1', port: 0 })
  await using far = await openUdpSocket({ host: '127.0.0.1', port: 0 })
  let came = 0
  far.listen(() => ++came > 0)
  assert.ok(near)
  // From a loopback address nothing leads elsewhere.
  for (let number = 0; number < 3; number++) near.send(packet(100, number), { address: '192.0.2.1', port: 9 })
  near.send(packet(100, 3), far.local)
  near.send(packet(100, 4), { address: 'nowhere', port: 9 })
  near.flush()
  await eventually(
    () => came,
    (count) => count === 1,
    { what: 'the rest' },
  )
  assert.equal(near.failed, 3)
})

test('serveSockets lets timers run while much comes, and ends when it is told to', { skip }, async () => {
  await using middle = await openBatchSocket({ host: '127.0.0.1', port: 0 })
  await using near = await openUdpSocket({ host: '127.0.0.1', port: 0 })
  assert.ok(middle)
  const stopping = new AbortController()
  let passed = 0
  near.listen((bytes) => {
    near.send(bytes, middle.local)
    return true
  })
  const serving = serveSockets({
    sockets: [middle],
    clock: new PolledClock(),
    signal: stopping.signal,
    first: (socket, _memory, at, length, from) => {
      passed++
      socket.pass(at, length, from)
      return true
    },
  })
  for (let number = 0; number < 8; number++) near.send(packet(100, number), middle.local)
  await eventually(
    () => passed,
    (count) => count > 100,
    { what: 'packets that go round' },
  )
  stopping.abort()
  await serving
})

test('serveSockets runs the timers of its clock while nothing comes, and sends what they say', { skip }, async () => {
  await using middle = await openBatchSocket({ host: '127.0.0.1', port: 0 })
  await using near = await openUdpSocket({ host: '127.0.0.1', port: 0 })
  assert.ok(middle)
  const stopping = new AbortController()
  const clock = new PolledClock()
  const heard: number[] = []
  near.listen((bytes) => heard.push(bytes.length) > 0)
  let ticks = 0
  clock.after(1, () => middle.send(packet(50, 0), near.local))
  const ticking = clock.every(2, () => middle.send(packet(100 + ++ticks, 0), near.local))
  const serving = serveSockets({ sockets: [middle], clock, signal: stopping.signal, first: () => false })
  await eventually(
    () => heard.length,
    (count) => count >= 20,
    { what: 'what timers say' },
  )
  assert.deepEqual(heard.slice(0, 4), [50, 101, 102, 103])
  ticking.cancel()
  assert.equal(clock.pending, 0)
  stopping.abort()
  await serving
})
