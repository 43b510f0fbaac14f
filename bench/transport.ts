/**
 * What a packet of the native transport costs, both ends in one process over loopback: processor time to seal, send, receive and open a
 * datagram of the most bytes, beside the floor, which does the same with bare sockets and the bare cipher, in turns with it. And what
 * opening a channel costs.
 *
 *     npm run bench transport [-- --packets 20000] [--rounds 5] [--handshakes 100]
 */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { systemClock } from '../src/kernel/clock.ts'
import type { DatagramPath } from '../src/net/contract/datagram-path.ts'
import { nodeCrypto } from '../src/net/native/node-crypto.ts'
import { SecureEndpoint } from '../src/net/native/secure-endpoint.ts'
import type { SecureLink } from '../src/net/native/secure-link.ts'
import { dataHeadBytes, mostPacketBytes } from '../src/wire/native/packet.ts'
import { describeRun } from './support/describe-run.ts'
import { table } from './support/figures.ts'

const { values } = parseArgs({
  options: {
    packets: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '5' },
    handshakes: { type: 'string', default: '100' },
  },
})
const packets = Number(values.packets)
const rounds = Number(values.rounds)
const handshakes = Number(values.handshakes)
/** So many leave before the loop turns: as a picture does. */
const burst = 20

const run = describeRun()
const sockets = [await openSocket(), await openSocket()] as const
const [near, far] = sockets
const floorUs: number[] = []
const linkUs: number[] = []
const { link, other, dial, close } = await openPair()
await measureFloor(packets / 4)
await measureLink(packets / 4)
for (let round = 0; round < rounds; round++) {
  floorUs.push(await measureFloor(packets))
  linkUs.push(await measureLink(packets))
}
const handshakeUs = await measureHandshakes()
close()
for (const socket of sockets) socket.close()

const best = (figures: readonly number[]) => Math.min(...figures)
console.log(`${run}\n`)
console.log(
  table(
    ['what', 'floor', 'native', 'ratio'],
    [
      [
        `a packet of ${mostPacketBytes} bytes, sealed, sent, received and opened, best of ${rounds}`,
        `${best(floorUs).toFixed(2)} µs`,
        `${best(linkUs).toFixed(2)} µs`,
        (best(linkUs) / best(floorUs)).toFixed(2),
      ],
      ['opening a channel, both ends', '', `${(handshakeUs / 1000).toFixed(2)} ms`, ''],
    ],
  ),
)

/** Bare sockets and the bare cipher. */
async function measureFloor(count: number): Promise<number> {
  const key = nodeCrypto.random(32)
  const plain = new Uint8Array(mostPacketBytes - dataHeadBytes - 16)
  const { address, port } = far.address()
  let came = 0
  const take = (bytes: Uint8Array) => {
    came++
    nodeCrypto.open(key, 7, bytes.subarray(0, dataHeadBytes), bytes.subarray(dataHeadBytes))
  }
  far.on('message', take)
  const tookUs = await cost(
    count,
    () => {
      const packet = new Uint8Array(mostPacketBytes)
      packet.set(plain, dataHeadBytes)
      nodeCrypto.sealPacket(key, 7, packet, dataHeadBytes)
      near.send(packet, port, address)
    },
    () => came,
  )
  far.off('message', take)
  return tookUs
}

async function measureLink(count: number): Promise<number> {
  const datagram = new Uint8Array(link.maxBytes)
  let came = 0
  other.onDatagram = () => void came++
  const tookUs = await cost(
    count,
    () => link.send(datagram),
    () => came,
  )
  return tookUs
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

async function measureHandshakes(): Promise<number> {
  const before = process.cpuUsage()
  for (let count = 0; count < handshakes; count++) await dial()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / handshakes
}

async function openPair() {
  const opened: SecureLink[] = []
  const hostKey = nodeCrypto.newKeyPair()
  const endpoint = (socket: Socket, own = nodeCrypto.newKeyPair()) => {
    const paths = new Map<number, DatagramPath>()
    const made = new SecureEndpoint({
      crypto: nodeCrypto,
      clock: systemClock,
      port: {
        send: (bytes, { name }) => {
          const [address = '', port = ''] = name.split(' ')
          socket.send(bytes, Number(port), address)
          return true
        },
      },
      own,
      random: Math.random,
      onLink: (each) => opened.push(each),
      answers: { perSecond: 1e6, mostLinks: 1e6 },
    })
    socket.on('message', (bytes, { address, port }) => {
      let path = paths.get(port)
      if (!path) paths.set(port, (path = { name: `${address} ${port}`, kind: 'direct', origin: address }))
      made.receive(bytes, path)
    })
    return made
  }
  const host = endpoint(far, hostKey)
  const guest = endpoint(near)
  const { address, port } = far.address()
  const path: DatagramPath = { name: `${address} ${port}`, kind: 'direct', origin: address }
  const dialAgain = () => guest.dial({ path, role: 'viewer', peerKey: hostKey.publicKey })
  const first = await dialAgain()
  return {
    link: first,
    other: opened[0] as SecureLink,
    dial: dialAgain,
    close: () => {
      guest[Symbol.dispose]()
      host[Symbol.dispose]()
    },
  }
}

async function openSocket(): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 22 })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}
