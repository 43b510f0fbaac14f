/**
 * What a relay forwards in a second of processor time without losing anything: ours, and coturn where the machine has it, in turns and in the
 * same run, and how long a packet is on its way. Each is a process of its own; this one sends through it, at rates that grow, and receives behind it.
 * Packets are as pictures of the native transport are, and come in short bursts, in several sessions; with `--single` each by a call of its own,
 * so that the kernel has nothing to hand over together.
 *
 *     npm run bench relay [-- --sessions 8] [--seconds 2] [--rates 1000,10000,40000,80000] [--single]
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { systemClock } from '../src/kernel/clock.ts'
import { turnCredentials } from '../src/net/nat/turn-credentials.ts'
import { issueLease, newSigningKey, relayIdOf, signingKeyOf } from '../src/net/relay/lease-signing.ts'
import { RelayLink } from '../src/net/relay/relay-link.ts'
import { openUdpSocket, type UdpSocket } from '../src/net/udp/udp-socket.ts'
import type { WireAddress } from '../src/wire/address-bytes.ts'
import { mostPacketBytes, writeDataHead } from '../src/wire/native/packet.ts'
import { encodeForward } from '../src/wire/relay/relay-message.ts'
import { hasCoturn, openCoturn } from '../test/support/coturn.ts'
import { eventually } from '../test/support/eventually.ts'
import { describeRun } from './support/describe-run.ts'
import { percentiles, table } from './support/figures.ts'
import { threadsMs } from './support/processor-time.ts'
import { openTurnChannel } from '../test/support/turn-client.ts'

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '2' },
    rates: { type: 'string', default: '1000,10000,40000,80000' },
    single: { type: 'boolean', default: false },
  },
})
const sessions = Number(values.sessions)
const rates = values.rates.split(',').map(Number)
const stepMs = 2
const lossless = 0.001
/** One of so many packets says when it was sent. */
const timedEach = 16
/** Where in a packet that is: behind its head, in what is sealed otherwise. */
const timeAt = 32

/** One session: sends packets, and counts those that came out at the other end. */
class Flow {
  came = 0
  readonly tookMs: number[] = []
  readonly #frame: Uint8Array
  readonly #send: (frame: Uint8Array) => void
  #sent = 0

  constructor(frame: Uint8Array, send: (frame: Uint8Array) => void) {
    this.#frame = frame
    this.#send = send
  }

  send(): void {
    if (this.#sent++ % timedEach > 0) return this.#send(this.#frame)
    const timed = new Uint8Array(this.#frame)
    const at = timed.length - bytes.length + timeAt
    new DataView(timed.buffer).setFloat64(at, performance.now())
    this.#send(timed)
  }

  /** A packet came out. */
  take(packet: Uint8Array): void {
    this.came++
    const sentMs = new DataView(packet.buffer, packet.byteOffset).getFloat64(timeAt)
    if (sentMs > 0) this.tookMs.push(performance.now() - sentMs)
  }
}

interface Candidate {
  readonly name: string
  readonly pid: number
  readonly flows: readonly Flow[]
  close(): Promise<void>
}

const bytes = new Uint8Array(mostPacketBytes)
writeDataHead(bytes, { epoch: 0, receiver: 7, counter: 1 })

console.log(`${describeRun()}\n`)
const candidates = [await openOurs('ours', []), ...(hasCoturn() ? [await openTurn()] : [])]
const rows: string[][] = []
// What Node has not compiled yet would count as what forwarding costs.
for (const candidate of candidates) await measure(candidate, 20_000)
for (const rate of rates) {
  for (const candidate of candidates) rows.push([candidate.name, ...(await measure(candidate, rate))])
}
for (const candidate of candidates) await candidate.close()
console.log(
  table(
    ['relay', 'offered', 'forwarded', 'lost', 'processor', 'packets a second of a core', 'on the way p50 / p95 ms'],
    rows,
  ),
)
if (candidates.length === 1) console.log('\ncoturn is not installed: there is nothing beside it.')

async function measure({ pid, flows }: Candidate, rate: number): Promise<string[]> {
  for (const flow of flows) {
    flow.came = 0
    flow.tookMs.length = 0
  }
  const beforeMs = await threadsMs(pid)
  const startMs = performance.now()
  const endMs = startMs + Number(values.seconds) * 1000
  let sent = 0
  while (performance.now() < endMs) {
    const due = Math.floor(((performance.now() - startMs) * rate) / 1000)
    const each = Math.ceil((due - sent) / flows.length)
    for (const flow of flows) for (let count = 0; count < each; count++) flow.send()
    sent += each * flows.length
    await pause(stepMs)
  }
  const tookMs = performance.now() - startMs
  await pause(300)
  const usedMs = (await threadsMs(pid)) - beforeMs
  const came = flows.reduce((sum, flow) => sum + flow.came, 0)
  const lost = 1 - came / sent
  const percent = `${(lost * 100).toFixed(2)} %${lost < lossless ? '' : ' (too many)'}`
  return [
    `${Math.round((sent * 1000) / tookMs)}/s`,
    `${Math.round((came * 1000) / tookMs)}/s`,
    percent,
    `${((usedMs * 1000) / came).toFixed(2)} µs each`,
    String(Math.round((came * 1000) / usedMs)),
    percentiles(
      flows.flatMap(({ tookMs: each }) => each),
      [0.5, 0.95],
      2,
    ),
  ]
}

async function openSocket(): Promise<UdpSocket> {
  const batching = values.single ? {} : { batchesOf: mostPacketBytes + 7 }
  return await openUdpSocket({ host: '127.0.0.1', port: 0, bufferBytes: 4 * 2 ** 20, ...batching })
}

/** Our own, by its command line. */
async function openOurs(name: string, flags: readonly string[]): Promise<Candidate> {
  const issuer = signingKeyOf(generateKeyPairSync('ed25519').privateKey)
  const main = join(import.meta.dirname, '../src/cli/main.ts')
  const key = Buffer.from(issuer.publicKey).toString('base64url')
  const command = ['relay', '--name', 'bench', '--issuer', key, '--address', '127.0.0.1', '--port', '0', ...flags]
  const child = spawn(process.execPath, [main, ...command], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (text: Buffer) => (said += text.toString()))
  const [, port = ''] = await eventually(
    () => /UDP (\d+)/.exec(said) ?? [],
    ({ length }) => length > 0,
    { what: 'the relay' },
  )
  const relay = { address: '127.0.0.1', port: Number(port) }
  const opened: { readonly socket: UdpSocket; readonly link: RelayLink }[] = []
  const flows: Flow[] = []
  for (let session = 1; session <= sessions; session++) {
    const keys = { host: newSigningKey(), viewer: newSigningKey() }
    const issuedMs = Date.now()
    const lease = issueLease(
      {
        kind: 'lease',
        session,
        issuedMs,
        expiresMs: issuedMs + 590_000,
        relay: relayIdOf('bench'),
        host: keys.host.publicKey,
        viewer: keys.viewer.publicKey,
      },
      issuer,
    )
    const [near, far] = [await openSocket(), await openSocket()]
    const flow = new Flow(encodeForward(session, bytes), (frame) => near.send(frame, relay))
    for (const [socket, own] of [
      [near, keys.host],
      [far, keys.viewer],
    ] as const) {
      const onPacket = (packet: Uint8Array) => flow.take(packet)
      opened.push({
        socket,
        link: new RelayLink({ socket, clock: systemClock, relay, key: own, nextLease: () => lease, onPacket }),
      })
    }
    flows.push(flow)
  }
  await eventually(
    () => opened.map(({ link: { state } }) => state.kind === 'admitted' && state.isOtherThere),
    (all) => all.every(Boolean),
    { what: 'all ends' },
  )
  return {
    name,
    pid: child.pid ?? 0,
    flows,
    async close() {
      for (const { link, socket } of opened) {
        link[Symbol.dispose]()
        await socket.close()
      }
      await end(child)
    },
  }
}

async function openTurn(): Promise<Candidate> {
  const secret = randomBytes(16).toString('hex')
  const coturn = await openCoturn(secret)
  const server: WireAddress = { address: '127.0.0.1', port: coturn.port }
  const sockets: UdpSocket[] = []
  const flows: Flow[] = []
  for (let session = 1; session <= sessions; session++) {
    const [near, far] = [await openSocket(), await openSocket()]
    sockets.push(near, far)
    const credentials = turnCredentials({ secret, user: `bench${session}`, expiresMs: Date.now() + 3_600_000 })
    const channel = await openTurnChannel({ socket: near, server, peer: far.local, credentials })
    const flow = new Flow(channel.frame(bytes), (frame) => near.send(frame, server))
    far.listen((packet) => {
      flow.take(packet)
      return true
    })
    flows.push(flow)
  }
  return {
    name: 'coturn',
    pid: coturn.pid,
    flows,
    async close() {
      for (const socket of sockets) await socket.close()
      await coturn[Symbol.asyncDispose]()
    },
  }
}

async function end(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
}
