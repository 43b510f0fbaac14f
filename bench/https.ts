/**
 * What it costs that one port speaks HTTP and HTTPS: requests a second over plain HTTP with the look at the first byte and
 * without, by turns, and over TLS. The listener is the product's, its answer as small as can be, the load another process on
 * the same machine. Processor time is that of the server for one request. A second listener of the first kind tells how
 * much of a difference is chance; ratios are medians of those of each round, in which all have their turn.
 *
 *     npm run bench https [-- --seconds 0.4 --rounds 40 --connections 32]
 */
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { Writable } from '../src/kernel/readable.ts'
import { makeSelfSigned } from '../src/net/identity/self-signed.ts'
import type { HttpPort } from '../src/http/http-port.ts'
import { ConnectionLimits } from '../src/server/http/connection-limits.ts'
import { openHttpListener } from '../src/server/http/listener.ts'
import { defaultQueues, Turnstile } from '../src/http/turnstile.ts'
import { describeRun } from './support/describe-run.ts'
import { percentile, table } from './support/figures.ts'
import { HttpLoad } from './support/http-load.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '0.4' },
    rounds: { type: 'string', default: '40' },
    connections: { type: 'string', default: '32' },
  },
})
const durationMs = Number(values.seconds) * 1000
const rounds = Number(values.rounds)
const connections = Number(values.connections)

interface Figures {
  readonly perSecond: number[]
  /** Microseconds of processor time for a request. */
  readonly costUs: number[]
}

const made = makeSelfSigned({
  keyType: 'ec',
  serial: randomBytes(16),
  commonName: 'bench',
  names: ['127.0.0.1'],
  notBeforeMs: Date.now() - 3600_000,
  notAfterMs: Date.now() + 3600_000,
})
const listen = (credentials?: Writable<typeof made>) =>
  openHttpListener({
    port: 0,
    host: '127.0.0.1',
    onRequest: (_, response) => void response.end('!'),
    onUpgrade: (_, socket) => void socket.destroy(),
    limits: new ConnectionLimits({ perSource: 10_000, inAll: 10_000 }),
    turnstile: new Turnstile({ queues: { ...defaultQueues, strangers: { share: 1, perFlow: 10_000, inAll: 10_000 } } }),
    ...(credentials && { credentials }),
  })

console.log(describeRun())
await using alone = await listen()
await using again = await listen()
await using both = await listen(new Writable(made))
await using load = new HttpLoad()

async function measure(figures: Figures, order: { port: number; secure: boolean; keepAlive: boolean }): Promise<void> {
  const before = process.cpuUsage()
  const perSecond = await load.run({ ...order, connections, durationMs })
  const { user, system } = process.cpuUsage(before)
  figures.perSecond.push(perSecond)
  figures.costUs.push((user + system) / ((perSecond * durationMs) / 1000))
}

const port = (listener: HttpPort, secure = false) => {
  return { port: listener.address.port, secure, perSecond: [], costUs: [] }
}
const median = (numbers: readonly number[]) => percentile(numbers, 0.5)
const ratio = (numbers: readonly number[], others: readonly number[]) =>
  median(numbers.map((number, round) => number / (others[round] ?? Number.NaN))).toFixed(3)

const rows: string[][] = []
for (const keepAlive of [true, false]) {
  const plain = {
    'HTTP alone': port(alone),
    'HTTP alone, again': port(again),
    'HTTP beside HTTPS': port(both),
  }
  const secure = { HTTPS: port(both, true) }
  // Each begins equally often; the first round warms up and does not count.
  for (let round = 0; round <= rounds; round++) {
    const order = Object.values(plain)
    const turn = [...order.slice(round % order.length), ...order.slice(0, round % order.length)]
    for (const each of turn) await measure(round === 0 ? port(alone) : each, { ...each, keepAlive })
  }
  // By itself, since what it leaves behind would be paid for by whoever comes next.
  for (let round = 0; round <= rounds; round++) {
    await measure(round === 0 ? port(both) : secure.HTTPS, { ...secure.HTTPS, keepAlive })
  }
  const reference = plain['HTTP alone']
  for (const [what, { perSecond, costUs }] of Object.entries({ ...plain, ...secure })) {
    rows.push([
      keepAlive ? `connections that stay (${connections})` : 'a connection for each request',
      what,
      median(perSecond).toFixed(0),
      ratio(perSecond, reference.perSecond),
      median(costUs).toFixed(1),
      ratio(costUs, reference.costUs),
    ])
  }
}
const head = ['connections', 'port', 'requests/s', 'ratio', 'server µs a request', 'ratio']
console.log(`\n${table(head, rows)}`)
