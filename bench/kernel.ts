import { createHash, createHmac, generateKeyPairSync, randomBytes, sign, timingSafeEqual, verify } from 'node:crypto'
import { once } from 'node:events'
import { cpus } from 'node:os'
import { WebSocket, WebSocketServer } from 'ws'
import { streamWithStop } from '../examples/protocols/stream-with-stop.ts'
import { compileProtocol } from '../src/kernel/machine/compile-protocol.ts'
import { ProtocolMachine } from '../src/kernel/machine/machine.ts'
import { ManualClock } from '../src/kernel/manual-clock.ts'
import { ConversationMonitor, planConversation } from '../src/kernel/monitor/conversation.ts'
import { again, loop, message } from '../src/kernel/protocol/notation.ts'
import { protocol } from '../src/kernel/protocol/protocol.ts'
import { unchecked } from '../src/kernel/protocol/schema.ts'
import type { EndpointKey } from '../src/kernel/session/auth/signed-edge.ts'
import { type EdgeHandler, type EdgeName, passThrough } from '../src/kernel/session/edge.ts'
import { SessionStore } from '../src/kernel/session/session-store.ts'
import { signalling } from '../src/wire/signal/protocol.ts'

/** What typed sessions cost: the machine, the monitor of a live wire, signatures, and memory. */

const lines: string[] = []
const report = (what: string, figure: string) => lines.push(`| ${what} | ${figure} |`)

/** The best of a few runs, in nanoseconds a call: noise only ever adds. */
function nanoseconds(calls: number, run: (calls: number) => void): number {
  run(calls >> 2)
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 5; round++) {
    const startNs = process.hrtime.bigint()
    run(calls)
    best = Math.min(best, Number(process.hrtime.bigint() - startNs) / calls)
  }
  return best
}

function benchMachine(): void {
  const program = compileProtocol(streamWithStop)
  for (const pairs of [1, 1000]) {
    const machine = new ProtocolMachine({
      program,
      handlers: { edge: passThrough },
      actions: {
        decide: () => 'more',
        produce: (label) => (label === 'item' ? 1 : undefined),
        consume: () => undefined,
      },
      scheduler: 'round-robin',
      seed: 1,
    })
    for (let pair = 0; pair < pairs; pair++) machine.spawn(0)
    machine.run(100_000)
    const startMs = performance.now()
    machine.run(1_000_000)
    report(
      `machine, ${pairs} streaming pair(s), round robin`,
      `${(1000 / (performance.now() - startMs)).toFixed(2)} million steps/s`,
    )
  }
}

function benchMonitor(): number {
  const plan = planConversation(signalling, 'host')
  const labels = ['ping', 'offer', 'candidate', 'join', 'limit', 'candidate']
  let seen = 0
  const bare = nanoseconds(3_000_000, (calls) => {
    for (let call = 0; call < calls; call++) if (labels[call % 6] === 'ping') seen++
  })
  const monitor = new ConversationMonitor(plan)
  monitor.sent('ready')
  const watched = nanoseconds(3_000_000, (calls) => {
    for (let call = 0; call < calls; call++) {
      const label = labels[call % 6] as string
      if (label === 'ping') seen++
      monitor.received(label)
      if (label === 'ping') monitor.sent('pong')
      else if (label === 'offer') monitor.sent('signal')
    }
  })
  report(
    'monitor, a message of the signalling wire',
    `${(((watched - bare) * 6) / 8).toFixed(0)} ns (the loop without it: ${bare.toFixed(0)} ns)`,
  )
  // Printed so that the loops above cannot be optimised away.
  if (seen === 0) throw new Error('Nothing was watched')
  return ((watched - bare) * 6) / 8
}

/** One JSON message there and back over a WebSocket on loopback, without a monitor. */
async function benchWebSocket(monitorNs: number): Promise<void> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (socket) => {
    socket.on('message', (data) =>
      socket.send(JSON.stringify({ ...(JSON.parse((data as Buffer).toString('utf8')) as object), type: 'pong' })),
    )
  })
  await once(server, 'listening')
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as { port: number }).port}`)
  await once(socket, 'open')
  const rounds = 20_000
  let left = rounds
  const done = Promise.withResolvers<void>()
  const next = () => socket.send(JSON.stringify({ type: 'ping', timestamp: left }))
  socket.on('message', (data) => {
    JSON.parse((data as Buffer).toString('utf8'))
    if (--left > 0) next()
    else done.resolve()
  })
  const startMs = performance.now()
  next()
  await done.promise
  const roundNs = ((performance.now() - startMs) * 1e6) / rounds
  socket.close()
  server.close()
  // Two messages go round, and both ends watch both of them.
  report(
    'JSON WebSocket round trip on loopback',
    `${(roundNs / 1000).toFixed(1)} µs; monitoring its 2 messages at both ends is ${((400 * monitorNs) / roundNs).toFixed(2)} % of it`,
  )
}

function benchSignatures(): void {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const macKey = randomBytes(32)
  const mac = (bytes: Uint8Array) => createHmac('sha256', macKey).update(bytes).digest()
  const keys: Record<string, Required<EndpointKey>> = {
    Ed25519: {
      sign: (bytes) => sign(null, bytes, privateKey),
      verify: (bytes, signature) => verify(null, bytes, publicKey, signature),
    },
    'HMAC-SHA256': { sign: mac, verify: (bytes, given) => timingSafeEqual(mac(bytes), given) },
  }
  const talk = protocol('talk', ['a', 'b'], [loop('t', [message('a', 'b', 'say', unchecked<unknown>()), again('t')])])
  for (const [name, key] of Object.entries(keys)) {
    const digest = randomBytes(32)
    const bare = nanoseconds(4000, (calls) => {
      for (let call = 0; call < calls; call++) key.verify(digest, key.sign(digest))
    })
    const store = new SessionStore({ clock: new ManualClock() })
    const [a, b] = store.open({
      protocol: 'talk',
      roles: ['a', 'b'],
      localTypes: [talk.locals.a, talk.locals.b],
      owners: ['a', 'b'],
      handlers: new Map<EdgeName, EdgeHandler>([['a->b', passThrough]]),
      auth: {
        hash: (...parts) => {
          const hash = createHash('sha256')
          for (const part of parts) hash.update(part)
          return hash.digest()
        },
        nonce: randomBytes(16),
        keys: new Map([['a', key]]),
      },
    })
    if (!a || !b) return
    const signed = nanoseconds(4000, (calls) => {
      for (let call = 0; call < calls; call++) {
        store.send(a, 'b', 'say', 'hello')
        store.receive(b, 'a')
      }
    })
    report(
      `signed message, sent and received, ${name}`,
      `${(1e6 / signed).toFixed(1)} thousand/s, ${(signed / bare).toFixed(2)} times the bare sign and verify (${(1e6 / bare).toFixed(1)} thousand/s)`,
    )
  }
}

function benchMemory(): void {
  const collect = globalThis.gc
  if (!collect) {
    report('memory of 100,000 open sessions of two roles', 'not measured: start with --expose-gc')
    return
  }
  const store = new SessionStore({ clock: new ManualClock(), maxSessions: 200_000 })
  const handlers = new Map<EdgeName, EdgeHandler>([
    ['source->sink', passThrough],
    ['sink->source', passThrough],
  ])
  const open = () =>
    store.open({
      protocol: streamWithStop.name,
      roles: streamWithStop.roles,
      localTypes: [streamWithStop.locals.source, streamWithStop.locals.sink],
      owners: [1, 2],
      handlers,
    })
  open()
  collect()
  const before = process.memoryUsage().heapUsed
  const startMs = performance.now()
  for (let session = 0; session < 100_000; session++) open()
  const tookMs = performance.now() - startMs
  collect()
  const bytes = process.memoryUsage().heapUsed - before
  report(
    'memory of 100,000 open sessions of two roles',
    `${(bytes / 1e6).toFixed(0)} MB (${(bytes / 1e5).toFixed(0)} bytes each), opened at ${(100_000 / tookMs).toFixed(0)} thousand/s`,
  )
}

benchMachine()
await benchWebSocket(benchMonitor())
benchSignatures()
benchMemory()
console.log(
  `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}\n\n| what | figure |\n| --- | --- |\n${lines.join('\n')}`,
)
