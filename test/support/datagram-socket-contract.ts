import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Closable } from '../../src/kernel/ending.ts'
import type { DatagramSocket } from '../../src/net/udp/datagram-socket.ts'
import type { UdpSocketOptions } from '../../src/net/udp/udp-socket.ts'
import { eventually } from './eventually.ts'

type Opened = DatagramSocket & Closable & { readonly failed: number }

/** A packet of a channel, with its number. */
export function packet(length: number, number: number, channel = 7): Uint8Array {
  const bytes = new Uint8Array(length).fill(number)
  bytes.set([0xd5, 0, channel, 2, 3, 4])
  new DataView(bytes.buffer).setUint32(6, number)
  return bytes
}

const numberOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(6)

/** What holds for every socket of the system's, however its datagrams come and go. */
export function datagramSocketContract(name: string, open: (options: UdpSocketOptions) => Promise<Opened>): void {
  for (const host of ['127.0.0.1', '::']) {
    test(`${name} at ${host} brings each packet as it was sent, and those to one address in order`, async () => {
      await using closing = new AsyncDisposableStack()
      const near = closing.use(await open({ host, port: 0 }))
      const lengths = [1200, 1200, 1200, 700, 1200, 40, 1200, 1200, 300, 300, 300, 14, 1207, 1207, 1200, 20, 1200]
      const ends = [closing.use(await open({ host, port: 0 })), closing.use(await open({ host, port: 0 }))]
      const heard = ends.map((far) => {
        const came: Uint8Array[] = []
        far.listen((bytes, from) => {
          assert.deepEqual([from.address, from.port], ['127.0.0.1', near.local.port])
          return came.push(bytes) > 0
        })
        return came
      })
      const places = ends.map(({ local }) => ({ address: '127.0.0.1', port: local.port }))
      for (const [number, length] of lengths.entries()) {
        for (const [channel, to] of places.entries()) near.send(packet(length, number, channel), to)
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

  test(`${name} answers whoever sent, at once and later, and asks listeners in order until one takes it`, async () => {
    await using near = await open({ host: '127.0.0.1', port: 0 })
    await using far = await open({ host: '127.0.0.1', port: 0 })
    const came: string[] = []
    const first = far.listen((bytes) => came.push(`first ${bytes.length}`) === 0)
    far.listen((bytes, from) => {
      came.push(`second ${bytes.length}`)
      far.send(packet(100 + bytes.length, 1), from)
      setImmediate(() => far.send(packet(200 + bytes.length, 2), from))
      return true
    })
    far.listen(() => came.push('third') > 0)
    near.listen((bytes) => came.push(`back ${bytes.length}`) > 0)
    const arrived = (count: number) =>
      eventually(
        () => came.length,
        (length) => length >= count,
        { what: 'an answer' },
      )
    near.send(packet(20, 0), far.local)
    await arrived(4)
    first.cancel()
    near.send(packet(30, 0), far.local)
    await arrived(7)
    assert.deepEqual(came, ['first 20', 'second 20', 'back 120', 'back 220', 'second 30', 'back 130', 'back 230'])
  })

  test(`${name} sends what is left when it is closed, and nothing after that`, async () => {
    await using far = await open({ host: '127.0.0.1', port: 0 })
    let came = 0
    far.listen(() => ++came > 0)
    const near = await open({ host: '127.0.0.1', port: 0 })
    for (let number = 0; number < 5; number++) near.send(packet(100, number), far.local)
    await near.close()
    near.send(packet(100, 5), far.local)
    await near.close()
    await eventually(
      () => came,
      (count) => count === 5,
      { what: 'the goodbye' },
    )
  })
}
