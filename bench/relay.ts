/**
 * What a relay forwards in a second of processor time without losing anything: ours, and coturn where the machine has it, in turns and in the
 * same run. Each is a process of its own; this one sends through it, at rates that grow, and receives behind it. Packets are as pictures of the
 * native transport are, and come in short bursts, in several sessions.
 *
 *     npm run bench relay [-- --sessions 8] [--seconds 2] [--rates 10000,20000,40000,60000,80000]
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
import { table } from './support/figures.ts'
import { processorMs } from './support/processor-time.ts'
import { openTurnChannel } from './support/turn-client.ts'

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '2' },
    rates: { type: 'string', default: '10000,20000,40000,60000,80000' },
  },
})
const sessions = Number(values.sessions)
const rates = values.rates.split(',').map(Number)
const stepMs = 2
const lossless = 0.001

/** One session: sends a packet, and counts those that came out at the other end. */
interface Flow {
  send(): void
  came: number
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
for (const rate of rates) {
  for (const candidate of candidates) rows.push([candidate.name, ...(await measure(candidate, rate))])
}
for (const candidate of candidates) await candidate.close()
console.log(table(['relay', 'offered', 'forwarded', 'lost', 'processor', 'packets a second of a core'], rows))
if (candidates.length === 1) console.log('\ncoturn is not installed: there is nothing beside it.')

async function measure({ pid, flows }: Candidate, rate: number): Promise<string[]> {
  for (const flow of flows) flow.came = 0
  const beforeMs = await processorMs(pid)
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
  const usedMs = (await processorMs(pid)) - beforeMs
  const came = flows.reduce((sum, flow) => sum + flow.came, 0)
  const lost = 1 - came / sent
  const percent = `${(lost * 100).toFixed(2)} %${lost < lossless ? '' : ' (too many)'}`
  return [
    `${Math.round((sent * 1000) / tookMs)}/s`,
    `${Math.round((came * 1000) / tookMs)}/s`,
    percent,
    `${((usedMs * 1000) / came).toFixed(2)} µs each`,
    String(Math.round((came * 1000) / usedMs)),
  ]
}

async function openSocket(): Promise<UdpSocket> {
  return await openUdpSocket({ host: '127.0.0.1', port: 0, bufferBytes: 4 * 2 ** 20, batchesOf: mostPacketBytes + 7 })
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
    const flow: Flow = { came: 0, send: () => near.send(frame, relay) }
    const [near, far] = [await openSocket(), await openSocket()]
    for (const [socket, own] of [
      [near, keys.host],
      [far, keys.viewer],
    ] as const) {
      const onPacket = () => void flow.came++
      opened.push({
        socket,
        link: new RelayLink({ socket, clock: systemClock, relay, key: own, nextLease: () => lease, onPacket }),
      })
    }
    const frame = encodeForward(session, bytes)
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
    const frame = channel.frame(bytes)
    const flow: Flow = { came: 0, send: () => near.send(frame, server) }
    far.listen(() => ++flow.came > 0)
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
