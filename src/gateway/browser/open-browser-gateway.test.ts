import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { collectedMemory } from '../../../test/support/collected-memory.ts'
import { openGatewayRig, owner } from '../../../test/support/gateway-rig.ts'
import { createReturnDesk } from '../../conversation/return/return-desk.ts'
import { openMemoryHost } from '../../host/memory/memory-host.ts'
import { systemClock } from '../../kernel/clock.ts'
import { CodedError } from '../../kernel/coded-error.ts'
import { silentLog } from '../../kernel/log.ts'
import { monotonicUs } from '../../media/contract/monotonic.ts'
import { openBrowserGateway, type BrowserGatewayOptions } from './open-browser-gateway.ts'

async function optionsFor(port: number): Promise<BrowserGatewayOptions & AsyncDisposable> {
  const memory = await openMemoryHost()
  return {
    host: memory.host,
    iceServers: [],
    udp: { port, bindAddress: '127.0.0.1' },
    viewerProcesses: 1,
    log: silentLog,
    clock: systemClock,
    nowUs: monotonicUs,
    desk: createReturnDesk({ clock: systemClock, randomBytes }),
    randomBytes,
    [Symbol.asyncDispose]: () => memory[Symbol.asyncDispose](),
  }
}

const refusedWith = (code: string) => (error: unknown) => error instanceof CodedError && error.code === code

test('openBrowserGateway rejects with port-in-use when the UDP port is taken', async () => {
  const taken = createSocket('udp4')
  taken.bind(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address()
  await using options = await optionsFor(port)
  await assert.rejects(openBrowserGateway(options), refusedWith('port-in-use'))
  await new Promise<void>((resolve) => void taken.close(resolve))
  const gateway = await openBrowserGateway(options)
  await assert.rejects(
    openBrowserGateway(options),
    refusedWith('port-in-use'),
    'it keeps the port while nobody watches',
  )
  await gateway.close()
  await (await openBrowserGateway(options)).close()
})

test('openBrowserGateway rejects with ice-server-invalid when it cannot read one', async () => {
  await using options = await optionsFor(0)
  const iceServers = [{ urls: 'http://example.org' }]
  await assert.rejects(openBrowserGateway({ ...options, iceServers }), refusedWith('ice-server-invalid'))
})

test('BrowserGateway sends many viewers of one lobby the same pictures, each in a stream of its own', async (t) => {
  const rig = await openGatewayRig(t, { script: { sharedBps: 2_000_000 } })
  const lobby = await rig.host.createLobby({ appId: 'test-pattern' })
  const pictures = [0, 1, 2].map(() => new Set<number>())
  const receivers = await Promise.all(
    pictures.map((seen) => rig.watching(owner, { lobbyId: lobby.id, onPicture: ({ data }) => seen.add(data.length) })),
  )
  await Promise.all(receivers.map((one) => one.until(({ counts }) => counts.pictures > 60, 'a second of pictures')))
  assert.equal(rig.gateway.viewers, 3)
  assert.equal(rig.gateway.connections, 3)
  assert.equal(rig.gateway.targetBitratesBps.length, 3)
  assert.equal(rig.producers.length, 1)
  for (const { counts } of receivers) assert.deepEqual([counts.missing, counts.duplicates], [0, 0])
})

test('BrowserGateway turns away whoever there is no room for, and says so', async (t) => {
  const rig = await openGatewayRig(t, { limits: { sessions: 1 } })
  await rig.watching()
  const second = rig.receiver()
  await second.until(({ closeCode }) => closeCode !== undefined, 'the end')
  assert.equal(second.closeCode, 1013)
  assert.equal((await second.message('error')).code, 'too-many-sessions')
  assert.equal(rig.gateway.connections, 1)
})

test('BrowserGateway tells its clients when it closes, and ends their sessions', async (t) => {
  const rig = await openGatewayRig(t)
  const receiver = await rig.watching()
  await rig.gateway.close()
  await receiver.until(({ closeCode }) => closeCode !== undefined, 'the end')
  assert.equal(receiver.closeCode, 4403)
  assert.equal((await receiver.message('error')).code, 'gateway-closed')
  assert.equal(rig.host.sessions.size, 0)
  assert.equal(rig.gateway.connections, 0)
  const late = rig.receiver()
  await late.until(({ closeCode }) => closeCode !== undefined, 'being turned away')
  assert.equal(late.closeCode, 1013)
})

test('BrowserGateway leaks nothing over 100 viewers that come and go', async (t) => {
  const rig = await openGatewayRig(t)
  const comeAndGo = async () => {
    const receiver = await rig.watching()
    await receiver.close()
  }
  const openFiles = () => readdirSync('/proc/self/fd').length
  const threads = () => readdirSync('/proc/self/task').length
  /** One would mostly wait for its handshake. */
  const four = () => Promise.all([1, 2, 3, 4].map(comeAndGo))
  for (let warmUp = 0; warmUp < 3; warmUp++) await four()
  const before = { files: openFiles(), threads: threads(), bytes: collectedMemory() }
  for (let cycle = 0; cycle < 25; cycle++) await four()
  while (rig.gateway.connections > 0) await new Promise<void>((resolve) => setImmediate(resolve))
  assert.equal(rig.host.sessions.size, 0)
  assert.equal(rig.gateway.counters.faults, 0)
  assert.ok(openFiles() - before.files < 10, `${before.files} files became ${openFiles()}`)
  assert.ok(threads() - before.threads < 5, `${before.threads} threads became ${threads()}`)
  const growth = collectedMemory() - before.bytes
  assert.ok(growth < 30 * 1024 * 1024, `memory grew by ${growth} bytes`)
})

test('BrowserGateway lets the process end by itself when it is closed', async () => {
  const program = fileURLToPath(new URL('../../../test/support/open-and-close-gateway.ts', import.meta.url))
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (printed += data))
  const [code, signal] = await once(child, 'exit')
  assert.deepEqual([code, signal, printed.trim()], [0, null, 'closed'])
})
