import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, isIPv4, type AddressInfo } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import * as v from 'valibot'
import { WebSocket } from 'ws'
import { ask } from '../../test/support/ask.ts'
import { eventually } from '../../test/support/eventually.ts'
import { testCertificate } from '../../test/support/test-certificate.ts'
import { systemClock } from '../kernel/clock.ts'
import { openLog } from '../observe/open-log.ts'
import { createdInvitation, hostInfo, lobby, network, session, recordPage } from '../wire/api/resources.ts'
import { decodeServerMessage } from '../wire/signal/codec.ts'
import { signalCloseCode } from '../wire/signal/messages.ts'
import { readConfig } from './config/config.ts'
import { privateAddresses } from './network/private-addresses.ts'
import { ServerError } from './contract/server-error.ts'
import { openServer, type Server } from './server.ts'
import { teardownMs } from './teardown.ts'

interface Place {
  /** Holds everything that a start leaves or uses. */
  readonly directory: string
  readonly logged: string[]
  readonly start: (flags?: Record<string, string | boolean>, newOwnerToken?: boolean) => Promise<Server>
}

/** Somewhere to start real servers, with the test pattern as their app. */
function place(t: TestContext): Place {
  const directory = mkdtempSync(join(tmpdir(), 'pl-srv-'))
  const environment = { ...process.env, XDG_RUNTIME_DIR: directory }
  const logged: string[] = []
  const log = openLog({ level: 'debug', destination: { write: (line) => logged.push(line) } })
  const started: Server[] = []
  t.after(async () => {
    for (const server of started) await server.close()
    rmSync(directory, { recursive: true })
  })
  return {
    directory,
    logged,
    start: async (flags = {}, newOwnerToken = false) => {
      const given = { port: '0', data: join(directory, 'data'), app: 'test-pattern', ...flags }
      const config = readConfig(given, environment, directory)
      const server = await openServer({ config, environment, newOwnerToken, clock: systemClock, log })
      started.push(server)
      return server
    },
  }
}

const bearer = (server: Server) => ({ Authorization: `Bearer ${server.ownerToken}` })

/** What this process has started and still runs. */
function childProcesses(): string[] {
  const listing = execFileSync('ps', ['--no-headers', '-o', 'pid,args', '--ppid', String(process.pid)])
  return String(listing)
    .split('\n')
    .filter((line) => line !== '' && !line.includes('ps --no-headers'))
}

test('openServer serves page, API, signalling and a first lobby, and leaves nothing when it is closed', async (t) => {
  const { directory, logged, start } = place(t)
  const server = await start()
  const { port } = server.address
  assert.deepEqual(server.links, [`http://localhost:${port}/`])
  const facts = await server.ready
  assert.ok(childProcesses().length > 0)
  assert.deepEqual(
    facts.lobbies.map(({ title, encoding }) => [title, encoding?.codec]),
    [['Test pattern', 'H.264']],
  )

  assert.equal((await ask(port, { path: '/healthz' })).text, '{"status":"ok","down":[]}')
  const lobbies = await ask(port, { path: '/api/v1/lobbies', headers: bearer(server) })
  assert.equal(v.parse(v.array(lobby), lobbies.json())[0]?.appId, 'test-pattern')
  const info = v.parse(hostInfo, (await ask(port, { path: '/api/v1/host', headers: bearer(server) })).json())
  assert.ok(info.encoders.some(({ available }) => available))
  const metrics = (await ask(port, { path: '/metrics', headers: bearer(server) })).text
  for (const line of ['lobbies 1', 'party_tunnel_members 0'])
    assert.match(metrics, new RegExp(`^porchlight_${line}$`, 'm'))

  const protocols = ['porchlight.v1', `bearer.${server.ownerToken}`]
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/signal`, protocols)
  const [data] = (await once(socket, 'message')) as [Buffer]
  assert.equal(decodeServerMessage(data).type, 'ready')

  const socketClosed = once(socket, 'close')
  const startedMs = performance.now()
  await server.close()
  assert.ok(performance.now() - startedMs < teardownMs)
  await socketClosed
  assert.deepEqual(server.stuck, [])
  assert.deepEqual(await server.closed, { kind: 'clean', reason: 'closed' })
  assert.deepEqual(readdirSync(directory), ['data'])
  assert.deepEqual(childProcesses(), [])
  await assert.rejects(ask(port, { path: '/healthz' }), { code: 'ECONNREFUSED' })
  assert.ok(!logged.some((line) => line.includes(server.ownerToken ?? 'none')))
})

test('a guest who is revoked is out at once: socket, session and all', async (t) => {
  const server = await place(t).start()
  const { port } = server.address
  const api = async (method: string, path: string, body?: unknown) =>
    ask(port, {
      method,
      path: `/api/v1${path}`,
      headers: { ...bearer(server), 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
  await server.ready
  const [first] = v.parse(v.array(lobby), (await api('GET', '/lobbies')).json())
  const made = await api('POST', '/invitations', { lobbyId: first?.id, role: 'viewer' })
  const { id, fragment } = v.parse(createdInvitation, made.json())
  const token = new URLSearchParams(fragment).get('invite')

  const guest = new WebSocket(`ws://127.0.0.1:${port}/api/v1/signal`, ['porchlight.v1', `bearer.${token}`])
  await once(guest, 'message')
  assert.equal(v.parse(v.array(session), (await api('GET', '/sessions')).json()).length, 1)
  const closed = once(guest, 'close')
  assert.equal((await api('DELETE', `/invitations/${id}`)).status, 204)
  assert.equal((await closed)[0], signalCloseCode.revoked)
  assert.deepEqual((await api('GET', '/sessions')).json(), [])
  const [record] = v.parse(recordPage, (await api('GET', '/records')).json()).records
  assert.equal(record?.cause, 'revoked')
})

test('openServer tells the owner token once, unless a new one is asked for', async (t) => {
  const { directory, start } = place(t)
  const first = await start({ 'no-lobby': true })
  const { ownerToken } = first
  assert.match(ownerToken ?? '', /^[\w-]{43}$/)
  assert.deepEqual((await first.ready).lobbies, [])
  await first.close()
  for (const file of readdirSync(join(directory, 'data'), { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue
    assert.ok(!readFileSync(join(file.parentPath, file.name)).includes(ownerToken ?? 'none'), file.name)
  }

  const second = await start({ 'no-lobby': true })
  assert.equal(second.ownerToken, undefined)
  const me = { path: '/api/v1/me', headers: bearer(first) }
  assert.equal((await ask(second.address.port, me)).status, 200)
  await second.close()

  const third = await start({ 'no-lobby': true }, true)
  assert.notEqual(third.ownerToken, ownerToken)
  assert.equal((await ask(third.address.port, me)).status, 401)
  assert.equal((await ask(third.address.port, { ...me, headers: bearer(third) })).status, 200)
})

test('openServer leaves nothing when the port is taken, and keeps the owner token', async (t) => {
  const { directory, start } = place(t)
  const first = await start({ 'no-lobby': true })
  await first.close()
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.after(() => other.close())
  const port = String((other.address() as AddressInfo).port)
  const taken = (error: unknown) =>
    error instanceof ServerError && error.code === 'port-in-use' && error.message.includes(`port ${port}`)
  await assert.rejects(start({ port }, true), taken)
  assert.deepEqual(readdirSync(directory), ['data'])
  const again = await start({ 'no-lobby': true })
  assert.equal((await ask(again.address.port, { path: '/api/v1/me', headers: bearer(first) })).status, 200)
})

test('openServer speaks HTTPS on the same port, with a certificate that stays', async (t) => {
  const { directory, logged, start } = place(t)
  const first = await start({ 'no-lobby': true, host: '0.0.0.0' })
  const { port } = first.address
  const [link] = first.links
  assert.ok(link?.startsWith('https://') && link.endsWith(`:${port}/`), link)
  assert.equal(first.links.at(-1), `http://localhost:${port}/`)
  const kept = readFileSync(join(directory, 'data', 'certificate.pem'), 'utf8')
  const certificate = kept.slice(kept.indexOf('-----BEGIN CERTIFICATE'))
  assert.equal((await ask(port, { path: '/healthz', certificate })).status, 200)
  assert.equal((await ask(port, { path: '/healthz' })).status, 200)
  const info = v.parse(
    hostInfo,
    (await ask(port, { path: '/api/v1/host', headers: bearer(first), certificate })).json(),
  )
  assert.deepEqual([info.certificate?.fingerprint, info.certificate?.madeHere], [first.fingerprint, true])
  assert.ok(info.certificate?.names.includes('localhost'))
  await first.close()

  const second = await start({ 'no-lobby': true, host: '0.0.0.0' })
  assert.equal(second.fingerprint, first.fingerprint)
  assert.equal((await ask(second.address.port, { path: '/healthz', certificate })).status, 200)
  const key = kept.slice(0, 100)
  assert.ok(!logged.some((line) => line.includes(key)))
})

const own = privateAddresses(networkInterfaces()).find(({ address }) => isIPv4(address))?.address
const skip = own === undefined && 'this machine has no private address'

test('the owner lets the network in while the server runs, by HTTPS alone, and shuts it out', { skip }, async (t) => {
  const { directory, start } = place(t)
  const first = await start()
  await first.ready
  const { port } = first.address
  const at = (address: string, path: string, certificate?: string) =>
    ask(port, { address, path, headers: bearer(first), ...(certificate !== undefined && { certificate }) })
  const put = async (body: unknown) => {
    const headers = { ...bearer(first), 'Content-Type': 'application/json' }
    const answer = await ask(port, { method: 'PUT', path: '/api/v1/network', headers, body: JSON.stringify(body) })
    return v.parse(network, answer.json())
  }
  const outer = own ?? ''
  await assert.rejects(at(outer, '/healthz'), { code: 'ECONNREFUSED' })

  const opened = await put({ open: true, remember: true })
  const link = `https://${outer}:${port}/`
  assert.ok(opened.open && opened.addresses.some((each) => each.link === link))
  const kept = readFileSync(join(directory, 'data', 'certificate.pem'), 'utf8')
  const certificate = kept.slice(kept.indexOf('-----BEGIN CERTIFICATE'))
  assert.equal((await at(outer, '/api/v1/me', certificate)).status, 200)
  const plain = await at(outer, '/api/v1/me?x=1')
  assert.deepEqual([plain.status, plain.text, plain.headers.location], [308, '', `${link}api/v1/me?x=1`])
  const info = v.parse(hostInfo, (await at('127.0.0.1', '/api/v1/host')).json())
  assert.equal(info.links[0], link)

  await first.close()
  const second = await start()
  assert.equal(second.links[0], link.replace(String(port), String(second.address.port)))
  assert.equal(second.fingerprint, info.certificate?.fingerprint)
  const again = { address: outer, path: '/api/v1/network', certificate, headers: bearer(first) }
  const shut = { ...again, method: 'PUT', headers: { ...bearer(first), 'Content-Type': 'application/json' } }
  const answer = await ask(second.address.port, { ...shut, body: '{"open":false}' })
  assert.equal(v.parse(network, answer.json()).open, false)
  const isShut = () =>
    ask(second.address.port, again).then(
      () => false,
      () => true,
    )
  await eventually(isShut, (shutOut) => shutOut, { what: 'that the network is shut out' })
  assert.equal((await ask(second.address.port, { ...again, address: '127.0.0.1' })).status, 200)
  await second.close()
  const third = await start({ 'no-lobby': true })
  assert.deepEqual(third.links, [`http://localhost:${third.address.port}/`])
})

test('openServer speaks only HTTP when TLS is turned off, and makes no certificate', async (t) => {
  const { directory, start } = place(t)
  const server = await start({ 'no-lobby': true, 'no-tls': true, host: '0.0.0.0' })
  const { port } = server.address
  for (const link of server.links) assert.ok(link.startsWith('http://'), link)
  assert.equal(server.fingerprint, undefined)
  assert.ok(!existsSync(join(directory, 'data', 'certificate.pem')))
  const { certificate } = testCertificate()
  await assert.rejects(ask(port, { path: '/healthz', certificate }), { code: 'EPROTO' })
  const info = v.parse(hostInfo, (await ask(port, { path: '/api/v1/host', headers: bearer(server) })).json())
  assert.equal(info.certificate, null)
})

test("openServer serves the user's certificate, and refuses to start without it", async (t) => {
  const { directory, start } = place(t)
  const { certificate, key } = testCertificate()
  const files = { 'tls-cert': join(directory, 'cert.pem'), 'tls-key': join(directory, 'key.pem') }
  const unusable = (error: unknown) => error instanceof ServerError && error.code === 'certificate-unusable'
  await assert.rejects(start(files), unusable)
  assert.deepEqual(readdirSync(directory), ['data'])
  writeFileSync(files['tls-cert'], certificate)
  writeFileSync(files['tls-key'], key)
  const server = await start({ ...files, 'no-lobby': true, host: '0.0.0.0' })
  assert.equal((await ask(server.address.port, { path: '/healthz', certificate })).status, 200)
  assert.equal(server.fingerprint, undefined, 'somebody else vouches for it')
  assert.ok(!existsSync(join(directory, 'data', 'certificate.pem')))
})

test('openServer refuses an app that does not exist, and leaves nothing', async (t) => {
  const { directory, start } = place(t)
  await assert.rejects(start({ app: 'tetris' }), /Cannot use --app: got "tetris", wanted one of .*test-pattern/)
  assert.deepEqual(readdirSync(directory), ['data'])
  assert.deepEqual(childProcesses(), [])
})

test('openServer refuses a data directory that cannot be one', async (t) => {
  const { start } = place(t)
  await assert.rejects(start({ data: '/dev/null/data' }), /Cannot keep data in \/dev\/null\/data: .* --data/)
  assert.ok(!existsSync('/dev/null/data'))
})

test('openServer removes its run directory while a second server goes on', async (t) => {
  const { directory, start } = place(t)
  const first = await start({ 'no-lobby': true })
  const second = await start({ 'no-lobby': true, data: join(directory, 'other') })
  await first.close()
  assert.equal((await ask(second.address.port, { path: '/healthz' })).status, 200)
  assert.equal(readdirSync(directory).filter((name) => name.startsWith('porchlight-')).length, 1)
})
