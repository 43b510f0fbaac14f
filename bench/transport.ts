/**
 * What a packet of the native transport costs, both ends in one process over loopback: processor time to seal, send, receive and open a
 * datagram of the most bytes, one by one and in batches, by the ports that hosts and viewers have; beside the floor, which does the same with
 * bare sockets and the bare cipher, in turns with them. And what opening a channel costs.
 *
 *     npm run bench transport [-- --packets 20000] [--rounds 5] [--handshakes 100] [--alone]
 *
 * With `--alone` only the floor and what hosts and viewers have: code that has served several kinds of sockets is slower for each.
 */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { bestCrypto } from '../src/net/native/best-crypto.ts'
import type { SecureLink } from '../src/net/native/secure-link.ts'
import { openSocketFor } from '../src/net/batch/woken-socket.ts'
import { openUdpSocket, type UdpSocketOptions } from '../src/net/udp/udp-socket.ts'
import { dataHeadBytes, mostPacketBytes } from '../src/wire/native/packet.ts'
import { describeRun } from './support/describe-run.ts'
import { openNativeEnd } from './support/native-end.ts'
import { table } from './support/figures.ts'

const { values } = parseArgs({
  options: {
    packets: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '5' },
    handshakes: { type: 'string', default: '100' },
    alone: { type: 'boolean', default: false },
  },
})
const packets = Number(values.packets)
const rounds = Number(values.rounds)
const handshakes = Number(values.handshakes)
/** So many leave before the loop turns: as a picture does. */
const burst = 20
const crypto = bestCrypto()
const bufferBytes = 4 * 1024 * 1024

/** One of the things that are compared: its name, what a packet of it takes each time, and the end of it. */
interface Way extends AsyncDisposable {
  readonly name: string
  readonly tookUs: number[]
  measure(count: number): Promise<number>
}

const run = describeRun()
{
  await using closing = new AsyncDisposableStack()
  const floor = closing.use(await openFloor())
  const kinds = {
    single: ['native, one by one', openUdpSocket],
    cut: [
      'native, cut and gathered by the kernel',
      (at: UdpSocketOptions) => openUdpSocket({ ...at, batchesOf: mostPacketBytes }),
    ],
    batched: ['native, as hosts and viewers have it: many by one call', openSocketFor],
  } as const
  const batched = closing.use(await openPair(...kinds.batched))
  const ways: Way[] = [floor, batched]
  if (!values.alone)
    for (const [name, open] of [kinds.single, kinds.cut]) ways.push(closing.use(await openPair(name, open)))
  for (const way of ways) await way.measure(packets / 2)
  for (let round = 0; round < rounds; round++) {
    for (const way of ways) way.tookUs.push(await way.measure(packets))
  }
  const best = ({ tookUs }: Way) => Math.min(...tookUs)
  console.log(`${run}\n`)
  console.log(
    table(
      [
        `a packet of ${mostPacketBytes} bytes, sealed, sent, received and opened`,
        `µs, best of ${rounds}`,
        'of the floor',
      ],
      ways.map((way) => [way.name, best(way).toFixed(2), (best(way) / best(floor)).toFixed(2)]),
    ),
  )
  console.log(`\nOpening a channel, both ends: ${((await measureHandshakes(batched)) / 1000).toFixed(2)} ms`)
}

/** Bare sockets and the bare cipher. */
async function openFloor(): Promise<Way> {
  const [near, far] = [await openSocket(), await openSocket()] as const
  const key = crypto.random(32)
  const { address, port } = far.address()
  let came = 0
  far.on('message', (bytes) => {
    came++
    crypto.open(key, 7, bytes.subarray(0, dataHeadBytes), bytes.subarray(dataHeadBytes))
  })
  return {
    name: 'the floor: bare sockets, bare cipher',
    tookUs: [],
    measure(count) {
      came = 0
      const send = () => {
        const packet = new Uint8Array(mostPacketBytes)
        crypto.sealPacket(key, 7, packet, dataHeadBytes)
        near.send(packet, port, address)
      }
      return cost(count, send, () => came)
    },
    async [Symbol.asyncDispose]() {
      near.close()
      far.close()
    },
  }
}

/** Processor time for one, in microseconds, over all that came. */
async function cost(count: number, send: () => void, came: () => number): Promise<number> {
  const before = process.cpuUsage()
  for (let sent = 0; sent < count; sent += burst) {
    for (let each = 0; each < burst; each++) send()
    const untilMs = performance.now() + 20
    while (came() < sent + burst && performance.now() < untilMs) await new Promise((resolve) => setImmediate(resolve))
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / came()
}

async function measureHandshakes({ dial }: { readonly dial: () => Promise<SecureLink> }): Promise<number> {
  const before = process.cpuUsage()
  for (let count = 0; count < handshakes; count++) await dial()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / handshakes
}

/** A channel between two ports, as a host and a viewer have them. */
async function openPair(name: string, openSocketAt: typeof openSocketFor) {
  const opened: SecureLink[] = []
  const hostKey = crypto.newKeyPair()
  const closing = new AsyncDisposableStack()
  const open = async (own = crypto.newKeyPair()) =>
    openNativeEnd({
      socket: await openSocketAt({ host: '127.0.0.1', port: 0, bufferBytes }),
      own,
      onLink: (link) => opened.push(link),
      closing,
    })
  const host = await open(hostKey)
  const guest = await open()
  const path = guest.port.directTo(host.socket.local)
  const dial = () => guest.endpoint.dial({ path, role: 'viewer', peerKey: hostKey.publicKey })
  const link = await dial()
  // The end that was dialled has it when it hears the first packet.
  while (opened.length === 0) await new Promise((resolve) => setImmediate(resolve))
  const [other] = opened
  if (!other) throw new Error('The host has no channel')
  const datagram = new Uint8Array(link.maxBytes)
  let came = 0
  other.onDatagram = () => void came++
  return {
    name,
    dial,
    tookUs: [] as number[],
    measure(count: number) {
      came = 0
      return cost(
        count,
        () => link.send(datagram),
        () => came,
      )
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  }
}

async function openSocket(): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: bufferBytes })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}
