/**
 * The native transport beside iroh (QUIC between keys, with paths that move), on a direct path in the same run: how long a channel takes to
 * open and what both ends spend on that, and how long a small datagram takes there and back. All of it over loopback, where only work counts; and
 * opening also over a path that holds each datagram for a while, where round trips do. Both ends of each are in this process. iroh is no dependency:
 *
 *     npm install --prefix DIRECTORY @number0/iroh@1.1.0
 *     npm run bench iroh -- --from DIRECTORY [--connects 100] [--trips 1000] [--delay-ms 10] [--meetings 20] [--bytes 64]
 */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { describeRun } from './support/describe-run.ts'
import { percentiles, table } from './support/figures.ts'
import { irohEnds } from './support/iroh-ends.ts'
import { nativeEnds } from './support/native-ends.ts'

/** One of what is compared, with both of its ends. */
export interface Compared extends AsyncDisposable {
  readonly name: string
  /** The port of the end that others come to, on 127.0.0.1. */
  readonly port: number
  /** Opens a channel to that end, which is reached at a port of 127.0.0.1. */
  connect(port: number): Promise<ComparedChannel>
}

export interface ComparedChannel {
  /** Sends a datagram there; resolves when it has come back. Lost is lost: nothing is sent again. */
  trip(bytes: Uint8Array): Promise<void>
  close(): Promise<void>
}

const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    connects: { type: 'string', default: '100' },
    trips: { type: 'string', default: '1000' },
    'delay-ms': { type: 'string', default: '10' },
    meetings: { type: 'string', default: '20' },
    bytes: { type: 'string', default: '64' },
  },
})
const payload = new Uint8Array(Number(values.bytes)).fill(7)
const delayMs = Number(values['delay-ms'])

if (values.from === undefined) {
  console.error('iroh is not part of this project. Get it with `npm install --prefix DIRECTORY @number0/iroh@1.1.0`,')
  console.error('and say where it is: npm run bench iroh -- --from DIRECTORY')
  process.exit(1)
}

console.log(`${describeRun()}\n`)
const opens: readonly (() => Promise<Compared>)[] = [nativeEnds, () => irohEnds(values.from ?? '')]
const shares = [0.5, 0.95]
const rows: string[][] = []
for (const open of opens) {
  await using ends = await open()
  // What Node has not compiled yet would count as what connecting costs.
  await connects(ends, ends.port, 20)
  const opening = await connects(ends, ends.port, Number(values.connects))
  const trips = await roundTrips(ends, ends.port, Number(values.trips))
  const first: number[] = []
  const again: number[] = []
  // Ends that have met know each other's addresses, and what is to be proved of them.
  for (let met = 0; met < Number(values.meetings); met++) {
    await using fresh = await open()
    await using longer = await openLongerPath(fresh.port, delayMs)
    first.push(...(await connects(fresh, longer.port, 1)).tookMs)
    again.push(...(await connects(fresh, longer.port, 1)).tookMs)
  }
  rows.push([
    ends.name,
    percentiles(opening.tookMs, shares, 2),
    opening.processorMs.toFixed(2),
    percentiles(trips.tookMs, shares, 3),
    trips.processorMs.toFixed(3),
    percentiles(first, shares),
    percentiles(again, shares),
  ])
}
const stretched = `over a path of ${2 * delayMs} ms there and back`
console.log(
  table(
    [
      'transport',
      'a channel opens p50 / p95 ms',
      'processor, both ends ms',
      `${payload.length} bytes there and back p50 / p95 ms`,
      'processor, both ends ms',
      `${stretched}, a channel opens for the first time p50 / p95 ms`,
      'and for the second',
    ],
    rows,
  ),
)

async function connects(of: Compared, port: number, count: number) {
  return await timed(count, async () => {
    const startMs = performance.now()
    const channel = await of.connect(port)
    const tookMs = performance.now() - startMs
    await channel.close()
    return tookMs
  })
}

async function roundTrips(of: Compared, port: number, count: number) {
  const channel = await of.connect(port)
  const trip = async () => {
    const startMs = performance.now()
    await channel.trip(payload)
    return performance.now() - startMs
  }
  await timed(count, trip)
  const trips = await timed(count, trip)
  await channel.close()
  return trips
}

async function timed(count: number, take: () => Promise<number>) {
  const tookMs: number[] = []
  const before = process.cpuUsage()
  for (let done = 0; done < count; done++) tookMs.push(await take())
  const { user, system } = process.cpuUsage(before)
  return { tookMs, processorMs: (user + system) / 1000 / count }
}

/** A port whose datagrams come to `port` a while later, and those that come back to whoever sent last. */
async function openLongerPath(port: number, holdMs: number): Promise<AsyncDisposable & { readonly port: number }> {
  const [near, far] = [await openSocket(), await openSocket()] as const
  let sender = 0
  let isOpen = true
  const later = (bytes: Uint8Array, by: Socket, to: () => number) => {
    void pause(holdMs).then(() => isOpen && by.send(bytes, to(), '127.0.0.1'))
  }
  near.on('message', (bytes, from) => {
    sender = from.port
    later(bytes, far, () => port)
  })
  far.on('message', (bytes) => later(bytes, near, () => sender))
  return {
    port: near.address().port,
    async [Symbol.asyncDispose]() {
      isOpen = false
      near.close()
      far.close()
    },
  }
}

async function openSocket(): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}
