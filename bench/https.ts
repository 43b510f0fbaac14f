/**
 * What it costs that one port speaks HTTP and HTTPS: requests a second over plain HTTP with the look at the first byte and
 * without, by turns, and over TLS. The listener is the product's, its answer as small as can be, the load another process on
 * the same machine. Processor time is that of the server for one request.
 *
 *     npm run bench https [-- --seconds 2 --rounds 9 --connections 32]
 */
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { Writable } from '../src/kernel/readable.ts'
import { makeSelfSigned } from '../src/net/identity/self-signed.ts'
import { ConnectionLimits } from '../src/server/http/connection-limits.ts'
import { openHttpListener } from '../src/server/http/listener.ts'
import { describeRun } from './support/describe-run.ts'
import { percentile, table } from './support/figures.ts'
import { HttpLoad } from './support/http-load.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '9' },
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
    limits: new ConnectionLimits(10_000),
    ...(credentials && { credentials }),
  })

console.log(describeRun())
await using alone = await listen()
await using both = await listen(new Writable(made))
await using load = new HttpLoad()

async function measure(figures: Figures, order: { port: number; secure: boolean; keepAlive: boolean }): Promise<void> {
  const before = process.cpuUsage()
  const perSecond = await load.run({ ...order, connections, durationMs })
  const { user, system } = process.cpuUsage(before)
  figures.perSecond.push(perSecond)
  figures.costUs.push((user + system) / ((perSecond * durationMs) / 1000))
}

const rows: string[][] = []
for (const keepAlive of [true, false]) {
  const results = {
    'HTTP alone': { port: alone.address.port, secure: false, perSecond: [], costUs: [] },
    'HTTP beside HTTPS': { port: both.address.port, secure: false, perSecond: [], costUs: [] },
    HTTPS: { port: both.address.port, secure: true, perSecond: [], costUs: [] },
  }
  // The first round warms up and does not count.
  for (let round = 0; round <= rounds; round++) {
    // To and fro, so that what changes on the machine meanwhile does not favour one of them.
    const turn = round % 2 === 0 ? Object.values(results) : Object.values(results).toReversed()
    for (const { port, secure, ...figures } of turn) {
      const counted = round === 0 ? { perSecond: [], costUs: [] } : figures
      await measure(counted, { port, secure, keepAlive })
    }
  }
  const median = (numbers: readonly number[]) => percentile(numbers, 0.5)
  const ratio = (numbers: readonly number[], others: readonly number[]) =>
    median(numbers.map((number, round) => number / (others[round] ?? Number.NaN))).toFixed(3)
  const reference = results['HTTP alone']
  for (const [what, { perSecond, costUs }] of Object.entries(results)) {
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
