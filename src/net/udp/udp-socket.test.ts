import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { datagramSocketContract, packet } from '../../../test/support/datagram-socket-contract.ts'
import { eventually } from '../../../test/support/eventually.ts'
import { segmentationOf } from './segmentation.ts'
import { openUdpSocket } from './udp-socket.ts'

datagramSocketContract('UdpSocket one by one', openUdpSocket)
datagramSocketContract('UdpSocket in batches', (options) => openUdpSocket({ ...options, batchesOf: 1200 }))

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
