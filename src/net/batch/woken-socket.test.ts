import assert from 'node:assert/strict'
import { test } from 'node:test'
import { datagramSocketContract, packet } from '../../../test/support/datagram-socket-contract.ts'
import { eventually } from '../../../test/support/eventually.ts'
import { openSocketFor } from './woken-socket.ts'

datagramSocketContract('WokenSocket', openSocketFor)

test('WokenSocket hands over far more than comes by one call, and sends far more than leaves by one', async () => {
  await using near = await openSocketFor({ host: '127.0.0.1', port: 0 })
  await using far = await openSocketFor({ host: '127.0.0.1', port: 0, bufferBytes: 2 ** 20 })
  const came: number[] = []
  far.listen((bytes) => came.push(bytes.length) > 0)
  const lengths = Array.from({ length: 300 }, (_, number) => 14 + ((number * 7) % 400))
  for (const [number, length] of lengths.entries()) near.send(packet(length, number), far.local)
  await eventually(
    () => came.length,
    (count) => count >= lengths.length,
    { what: 'all of them' },
  )
  assert.deepEqual(came, lengths)
})

test('WokenSocket rejects for a port that somebody has', async () => {
  await using first = await openSocketFor({ host: '127.0.0.1', port: 0 })
  await assert.rejects(openSocketFor({ host: '127.0.0.1', port: first.local.port }), { code: 'EADDRINUSE' })
})
