import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { eventually } from '../../../test/support/eventually.ts'
import { segmentationOf } from './segmentation.ts'
import { openUdpSocket } from './udp-socket.ts'

/** A packet of a channel, with its number. */
function packet(length: number, number: number, channel = 7): Uint8Array {
  const bytes = new Uint8Array(length).fill(number)
  bytes.set([0xd5, 0, channel, 2, 3, 4])
  new DataView(bytes.buffer).setUint32(6, number)
  return bytes
}

const numberOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(6)

for (const batchesOf of [1200, undefined]) {
  test(`UdpSocket ${batchesOf === undefined ? 'one by one' : 'in batches'} brings each packet as it was sent, and those to one address in order`, async () => {
    const batching = batchesOf === undefined ? {} : { batchesOf }
    await using near = await openUdpSocket({ host: '127.0.0.1', port: 0, ...batching })
    const lengths = [1200, 1200, 1200, 700, 1200, 40, 1200, 1200, 300, 300, 300, 14, 1207, 1207, 1200, 20, 1200]
    const ends = await Promise.all([1, 2].map(() => openUdpSocket({ host: '127.0.0.1', port: 0, ...batching })))
    await using closing = new AsyncDisposableStack()
    const heard = ends.map((far) => {
      closing.use(far)
      const came: Uint8Array[] = []
      far.listen((bytes) => came.push(bytes) > 0)
      return came
    })
    for (const [number, length] of lengths.entries()) {
      for (const [channel, far] of ends.entries()) near.send(packet(length, number, channel), far.local)
    }
    for (const [channel, came] of heard.entries()) {
      await eventually(
        () => came.length,
        (count) => count >= lengths.length,
        { what: 'all packets' },
      )
      assert.deepEqual(
        came.map((bytes) => [bytes.length, numberOf(bytes), bytes[2]]),
        lengths.map((length, number) => [length, number, channel]),
      )
    }
    assert.equal(near.failed, 0)
  })
}

test('UdpSocket has the kernel cut up what it sends together, where it is a Linux, and warns of nothing', async (t) => {
  const socket = createSocket('udp4')
  t.after(() => socket.close())
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const warnings: string[] = []
  const warned = (warning: Error) => void warnings.push(warning.message)
  process.on('warning', warned)
  const segmentation = await segmentationOf(socket)
  await new Promise((resolve) => setImmediate(resolve))
  process.off('warning', warned)
  assert.equal(segmentation?.cut(1200), process.platform === 'linux' ? true : undefined)
  assert.deepEqual(warnings, [])
})

test('UdpSocket that gathers nothing keeps packets of several sessions apart which a relay has sent together', async () => {
  await using far = await openUdpSocket({ host: '127.0.0.1', port: 0, batchesOf: 1200, gathers: false })
  const came: string[] = []
  far.listen((bytes) => came.push(`${bytes[2]} ${bytes.length}`) > 0)
  await using near = await openUdpSocket({ host: '127.0.0.1', port: 0, batchesOf: 1200 })
  for (let session = 0; session < 6; session++) near.send(packet(100, session, session), far.local)
  await eventually(
    () => came,
    (all) => all.length >= 6,
    { what: 'a packet of each session' },
  )
  assert.deepEqual(
    came,
    [0, 1, 2, 3, 4, 5].map((session) => `${session} 100`),
  )
})

test('UdpSocket sends what is left when it is closed', async () => {
  await using far = await openUdpSocket({ host: '127.0.0.1', port: 0 })
  let came = 0
  far.listen(() => ++came > 0)
  const near = await openUdpSocket({ host: '127.0.0.1', port: 0, batchesOf: 1200 })
  for (let number = 0; number < 5; number++) near.send(packet(100, number), far.local)
  await near.close()
  await eventually(
    () => came,
    (count) => count === 5,
    { what: 'the goodbye' },
  )
})
