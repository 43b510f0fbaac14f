import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { systemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log.ts'
import { nodeCrypto } from '../../net/native/node-crypto.ts'
import { encodeFramed } from '../../wire/party/share.ts'
import { encodeKey } from '../../wire/wireguard/wireguard-key.ts'
import type { PartyMember, PeerListener } from '../connection/peer-connections.ts'
import type { ShowLobby } from './lobby-looks.ts'
import { PeerLinks } from './peer-links.ts'
import { SharedPorts } from './shared-ports.ts'

/** Machines of a party whose datagrams reach each other, now and then out of order. */
function openParty(t: TestContext, ids: readonly string[]) {
  const keys = ids.map(() => nodeCrypto.newKeyPair())
  const members = ids.map((id, at): PartyMember => {
    return { id, name: id, publicKey: encodeKey(keys[at]?.publicKey ?? new Uint8Array(32)), virtualIp: '' }
  })
  const listeners = new Map<string, PeerListener>()
  const optionsOf = (id: string, known = members) => ({
    own: keys[ids.indexOf(id)] ?? nodeCrypto.newKeyPair(),
    carrier: {
      send: (to: string, bytes: Uint8Array) => {
        const copy = Uint8Array.from(bytes)
        setImmediate(() => listeners.get(to)?.(id, copy))
        return true
      },
      listen: (listener: PeerListener) => {
        listeners.set(id, listener)
        return () => void listeners.delete(id)
      },
    },
    members: () => known.filter((member) => member.id !== id),
    clock: systemClock,
    random: Math.random,
    log: silentLog,
  })
  const open = (id: string, show?: ShowLobby) => {
    const ports = new SharedPorts({ ...optionsOf(id), show })
    t.after(() => ports[Symbol.asyncDispose]())
    return ports
  }
  return { open, optionsOf, members }
}

/** Answers with what it heard, once the other end has said all. */
async function openEcho(t: TestContext): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    socket.pipe(socket)
  }).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const share = (port: number, hostPort = port) => ({ port, host: '127.0.0.1', hostPort })

async function dial(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** What comes back of what is said, when all of it was. */
async function heard(port: number, said: Uint8Array): Promise<Buffer> {
  const socket = await dial(port)
  socket.end(said)
  return buffer(socket)
}

test('what is written to an opened port reaches the shared one and back, whole, by several connections at once', async (t) => {
  const { open } = openParty(t, ['ada', 'bo'])
  const [ada, bo] = [open('ada'), open('bo')]
  ada.shares.add({ protocol: 'tcp', ...share(25_565, await openEcho(t)) })
  const { localPort } = await bo.open({ memberId: 'ada', protocol: 'tcp', port: 25_565, localPort: 0 })
  const said = Array.from({ length: 12 }, (_, at) => randomBytes(at === 0 ? 300_000 : 5000))
  const answers = await Promise.all(said.map((bytes) => heard(localPort, bytes)))
  const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
  assert.deepEqual(answers.map(hash), said.map(hash))
  assert.deepEqual(bo.opened, [{ memberId: 'ada', protocol: 'tcp', port: 25_565, localPort, isListening: true }])
  assert.ok(await bo.close('tcp', localPort))
  assert.deepEqual(bo.opened, [])
})

test('datagrams go both ways, and each program that sends them has its own answers', async (t) => {
  const { open } = openParty(t, ['ada', 'bo'])
  const [ada, bo] = [open('ada'), open('bo')]
  const echo = createSocket('udp4').on('message', (bytes, from) =>
    echo.send(`heard ${bytes.toString()}`, from.port, from.address),
  )
  echo.bind(0, '127.0.0.1')
  t.after(() => echo.close())
  await once(echo, 'listening')
  ada.shares.add({ protocol: 'udp', ...share(27_960, echo.address().port) })
  const { localPort } = await bo.open({ memberId: 'ada', protocol: 'udp', port: 27_960, localPort: 0 })
  const programs = ['one', 'two'].map((name) => ({ name, socket: createSocket('udp4') }))
  const answers = programs.map(async ({ name, socket }) => {
    t.after(() => socket.close())
    const answer = once(socket, 'message')
    socket.send(name + 'x'.repeat(3000), localPort, '127.0.0.1')
    return String((await answer)[0])
  })
  assert.deepEqual(
    (await Promise.all(answers)).map((text) => text.slice(0, 9)),
    ['heard one', 'heard two'],
  )
})

test('a port that is not shared, not with this member, or that nothing listens at ends the connection', async (t) => {
  const { open } = openParty(t, ['ada', 'bo', 'cy'])
  const [ada, bo] = [open('ada'), open('bo')]
  const echo = await openEcho(t)
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const { port: dead } = free.address() as AddressInfo
  free.close()
  ada.shares.add({ protocol: 'tcp', ...share(1000, echo), members: ['cy'] })
  ada.shares.add({ protocol: 'tcp', ...share(1001, dead) })
  ada.shares.add({ protocol: 'udp', ...share(1003, echo) })
  ada.shares.add({ protocol: 'tcp', ...share(1004, echo) })
  for (const port of [1000, 1001, 1002, 1003]) {
    const { localPort } = await bo.open({ memberId: 'ada', protocol: 'tcp', port, localPort: 0 })
    assert.equal((await heard(localPort, Buffer.from('hello'))).length, 0, `port ${port}`)
  }
  const { localPort } = await bo.open({ memberId: 'ada', protocol: 'tcp', port: 1004, localPort: 0 })
  assert.equal(String(await heard(localPort, Buffer.from('hello'))), 'hello')
  assert.ok(ada.shares.remove('tcp', 1004))
  assert.equal((await heard(localPort, Buffer.from('hello'))).length, 0, 'it is shared no more')
})

test('who is nobody of the party has no port to open, and opens none', async (t) => {
  const { open, optionsOf, members } = openParty(t, ['ada', 'bo', 'mallory'])
  const ada = open('ada')
  ada.shares.add({ protocol: 'tcp', ...share(1000, await openEcho(t)) })
  await assert.rejects(ada.open({ memberId: 'zoe', protocol: 'tcp', port: 1, localPort: 0 }), { code: 'invalid' })
  // Datagrams come as from a member, and the key is another one.
  const [target] = members
  assert.ok(target)
  const strange = { ...optionsOf('bo'), own: nodeCrypto.newKeyPair(), onStream: () => {} }
  using links = new PeerLinks(strange)
  const refused = links.open(target).then(async (stream) => {
    await stream.closed
    return 'closed'
  })
  assert.ok(['closed', 'unreachable'].includes(await refused.catch((error: { code: string }) => error.code)))
  assert.equal(ada.shares.openCount, 0)
})

test('a member that says what makes no sense on a stream is given up, and others go on', async (t) => {
  const { open, optionsOf, members } = openParty(t, ['ada', 'bo'])
  const ada = open('ada')
  ada.shares.add({ protocol: 'tcp', ...share(1000, await openEcho(t)) })
  using links = new PeerLinks({ ...optionsOf('bo'), onStream: () => {} })
  const [target] = members
  assert.ok(target)
  for (const said of ['', '{', '{"type":"open","protocol":"tcp","port":0}', '['.repeat(900), 'x'.repeat(2000)]) {
    const stream = await links.open(target)
    await stream.write(encodeFramed(Buffer.from(said)))
    const end = await stream.closed
    assert.equal(end.kind, 'error', said.slice(0, 20))
  }
  const cut = await links.open(target)
  await cut.write(Uint8Array.of(0, 9, 1))
  await cut.finish()
  await cut.closed
  const stream = await links.open(target)
  await stream.write(encodeFramed(Buffer.from('{"type":"open","protocol":"tcp","port":1000}')))
  const { value } = await stream.incoming[Symbol.asyncIterator]().next()
  assert.match(String(Buffer.from(value ?? [])), /accepted/)
  stream.reset(0)
})

test('a port that rests refuses programs at once, lets connections go on, and leads there again when it is resumed', async (t) => {
  const { open } = openParty(t, ['ada', 'bo'])
  const [ada, bo] = [open('ada'), open('bo')]
  ada.shares.add({ protocol: 'tcp', ...share(25_565, await openEcho(t)) })
  const { localPort } = await bo.open({ memberId: 'ada', protocol: 'tcp', port: 25_565, localPort: 0 })
  const socket = await dial(localPort)
  socket.write('before')
  assert.equal(String((await once(socket, 'data'))[0]), 'before')
  bo.rest('tcp', localPort)
  bo.rest('tcp', localPort)
  await assert.rejects(dial(localPort), { code: 'ECONNREFUSED' })
  const rest = buffer(socket)
  socket.end(' and after')
  assert.equal(String(await rest), ' and after')
  await bo.resume('tcp', localPort)
  await bo.resume('tcp', localPort)
  assert.equal(String(await heard(localPort, Buffer.from('again'))), 'again')
  bo.rest('tcp', localPort)
  assert.ok(await bo.close('tcp', localPort))
  assert.deepEqual(bo.opened, [])
})

test('a local port that is taken is told', async (t) => {
  const { open } = openParty(t, ['ada', 'bo'])
  const bo = open('bo')
  const taken = await openEcho(t)
  const wanted = { memberId: 'ada', protocol: 'tcp', port: 1000, localPort: taken } as const
  await assert.rejects(bo.open(wanted), { code: 'port-in-use' })
  assert.deepEqual(bo.opened, [])
})

test('a member sees how a lobby of another one looks, as far as that one shows it, and nothing of who shows none', async (t) => {
  const { open } = openParty(t, ['ada', 'bob', 'eve'])
  const jpeg = randomBytes(40_000)
  const asked: unknown[] = []
  open('ada', async (peerId, { lobbyId, tag }) => {
    asked.push([peerId, lobbyId, tag])
    if (peerId !== 'bob') return { type: 'refused' }
    if (lobbyId === 'dark') return { type: 'nothing' }
    if (lobbyId === 'huge') return { type: 'picture', tag: 'huge', jpeg: new Uint8Array(70_000) }
    return tag === 'now' ? { type: 'unchanged' } : { type: 'picture', tag: 'now', jpeg }
  })
  const bob = open('bob')
  const eve = open('eve')
  const seen = await bob.look('ada', { lobbyId: 'lit', tag: undefined })
  assert.ok(seen.type === 'picture' && seen.tag === 'now' && jpeg.equals(seen.jpeg))
  assert.deepEqual(await bob.look('ada', { lobbyId: 'lit', tag: 'now' }), { type: 'unchanged' })
  assert.deepEqual(await bob.look('ada', { lobbyId: 'dark', tag: undefined }), { type: 'nothing' })
  assert.deepEqual(
    await bob.look('ada', { lobbyId: 'huge', tag: undefined }),
    { type: 'nothing' },
    'more than a wall takes',
  )
  assert.deepEqual(await eve.look('ada', { lobbyId: 'lit', tag: undefined }), { type: 'refused' })
  assert.deepEqual(await eve.look('bob', { lobbyId: 'lit', tag: undefined }), { type: 'refused' })
  await assert.rejects(eve.look('mallory', { lobbyId: 'lit', tag: undefined }), { code: 'unreachable' })
  assert.deepEqual(asked.slice(0, 2), [
    ['bob', 'lit', undefined],
    ['bob', 'lit', 'now'],
  ])
})
