import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PacketNetwork } from '../../../test/support/packet-network.ts'
import { guestAddress, hostAddress, openSecureRig } from '../../../test/support/secure-rig.ts'
import { encodeInitiation, encodeRefusal, encodeResponse } from '../../wire/native/packet.ts'
import { proveInitiation } from '../../wire/native/initiation-proof.ts'
import { NativeError } from './native-error.ts'
import { SecureEndpoint } from './secure-endpoint.ts'

const toHost = PacketNetwork.path(hostAddress)
const isError = (code: NativeError['code']) => (error: unknown) => error instanceof NativeError && error.code === code

test('two ends that know each other or not open a channel, and each knows who the other is', async () => {
  for (const known of [true, false]) {
    using rig = openSecureRig()
    const dialled = rig.guest.endpoint.dial({
      path: toHost,
      role: 'viewer',
      peerKey: known ? rig.host.own.publicKey : undefined,
    })
    await rig.pass(100)
    const there = await dialled
    const [here] = rig.links
    assert.ok(here)
    assert.deepEqual(there.peerKey, rig.host.own.publicKey)
    assert.deepEqual(here.peerKey, rig.guest.own.publicKey)
    assert.deepEqual(there.channelHash, here.channelHash)
    const got: string[] = []
    here.onDatagram = (bytes) => void got.push(`here ${bytes.join()}`)
    there.onDatagram = (bytes) => void got.push(`there ${bytes.join()}`)
    there.send(Uint8Array.of(1, 2))
    here.send(new Uint8Array(0))
    await rig.pass(50)
    assert.deepEqual(got, ['here 1,2', 'there '])
  }
})

test('the first channel to an end that is known takes two round trips, and each further one within a minute one', async () => {
  using rig = openSecureRig()
  const initiations = () => rig.network.sent.filter(({ bytes }) => bytes[0] === 0xd1).length
  const cookies = () => rig.network.sent.filter(({ bytes }) => bytes[0] === 0xd2).length
  await rig.connect()
  assert.deepEqual([initiations(), cookies()], [2, 1])
  await rig.connect()
  assert.deepEqual([initiations(), cookies()], [3, 1], 'the address is proved already')
  await rig.pass(130_000)
  await rig.connect()
  assert.deepEqual([initiations(), cookies()], [5, 2], 'a cookie does not last')
})

test('a channel to an end that is known can be used as soon as its response is there, and what is said then arrives', async () => {
  using rig = openSecureRig({ host: { onLink: (link) => (link.onDatagram = (bytes) => void got.push(...bytes)) } })
  const got: number[] = []
  const dialled = rig.guest.endpoint.dial({ path: toHost, role: 'viewer', peerKey: rig.host.own.publicKey })
  void dialled.then((link) => link.send(Uint8Array.of(7)))
  const answered = () => rig.network.sent.filter(({ from, bytes }) => from === hostAddress && bytes[0] === 0xd5).length
  while (got.length === 0) await rig.pass(1)
  assert.deepEqual([got, answered()], [[7], 1], 'by then the host has answered one ping, which is still on its way')
})

test('a handshake comes about whatever gets lost, repeated, damaged or overtaken', async () => {
  for (let seed = 1; seed <= 12; seed++) {
    using rig = openSecureRig({ seed })
    Object.assign(rig.network.weather, { jitterMs: 80, lossRatio: 0.3, duplicateRatio: 0.3, damageRatio: 0.1 })
    const { there } = await rig.connect({ peerKey: seed % 2 === 0 ? undefined : rig.host.own.publicKey })
    assert.ok(there.isOpen)
    assert.equal(rig.links.length, 1, 'one channel, however often it was asked for')
  }
})

test('a handshake that comes to nothing says why', async () => {
  using rig = openSecureRig()
  await assert.rejects(rig.connect({ peerKey: rig.guest.own.publicKey }), isError('unreachable'))
  assert.ok((rig.host.endpoint.faults.get('first-proof') ?? 0) >= 5, 'it is tried again and again')
  assert.equal(rig.network.bytes(hostAddress, guestAddress), 0, 'who does not know the key hears nothing')

  using strict = openSecureRig({ host: { answers: { takesStrangers: false } } })
  await assert.rejects(strict.connect({ peerKey: undefined }), isError('key-required'))

  using full = openSecureRig({ host: { answers: { mostLinks: 0 } } })
  await assert.rejects(full.connect(), isError('busy'))
  assert.ok((full.host.endpoint.faults.get('busy') ?? 0) > 0)
})

test('a handshake that somebody on the way answers with another key fails for that, and a forged refusal alone does not end it', async () => {
  using rig = openSecureRig()
  rig.network.cuts.add(`${guestAddress}>${hostAddress}`)
  const dialled = rig.guest.endpoint.dial({ path: toHost, role: 'viewer', peerKey: rig.host.own.publicKey })
  dialled.catch(() => {})
  const sender = new DataView(rig.network.sent[0]?.bytes.buffer as ArrayBuffer).getUint32(4, true)
  rig.network.inject({ from: hostAddress, to: guestAddress, bytes: encodeResponse(7, sender, new Uint8Array(48)) })
  await rig.pass(12_000)
  await assert.rejects(dialled, isError('not-authentic'))

  const second = rig.guest.endpoint.dial({ path: toHost, role: 'viewer', peerKey: rig.host.own.publicKey })
  const last = rig.network.sent.at(-1)?.bytes as Uint8Array
  const number = new DataView(last.buffer, last.byteOffset).getUint32(4, true)
  rig.network.inject({ from: hostAddress, to: guestAddress, bytes: encodeRefusal(number, 'closed') })
  rig.network.cuts.clear()
  await rig.pass(3000)
  assert.ok((await second).isOpen)
})

test('an end of another version is told so', async () => {
  using rig = openSecureRig()
  const packet = encodeInitiation({ pattern: 'IK', role: 'viewer', sender: 77, noise: new Uint8Array(96) })
  packet[1] = 2
  rig.network.inject({ from: guestAddress, to: hostAddress, bytes: packet })
  await rig.pass(20)
  assert.deepEqual(rig.network.sent.at(-1)?.bytes, encodeRefusal(77, 'version'))
})

test('before an address is proved nothing is kept for it, and less is sent to it than came', async () => {
  using rig = openSecureRig()
  const addresses = Array.from({ length: 100 }, (_, index) => `203.0.113.${index % 50}:${index}`)
  for (const [index, from] of addresses.entries()) {
    const bytes = encodeInitiation({ pattern: 'IK', role: 'viewer', sender: index, noise: new Uint8Array(96) })
    proveInitiation(bytes, { crypto: rig.crypto, responderKey: rig.host.own.publicKey, cookie: undefined })
    rig.network.inject({ from, to: hostAddress, bytes })
  }
  await rig.pass(100)
  assert.deepEqual(rig.host.endpoint.counts, { links: 0, pending: 0 })
  for (const from of addresses) {
    const out = rig.network.bytes(hostAddress, from)
    assert.ok(out > 0 && out < rig.network.bytes(from, hostAddress) / 4, `${out} bytes`)
  }
})

test('a cookie is good for the address that it was sent to, and no other', async () => {
  using rig = openSecureRig()
  await rig.connect()
  const proved = rig.network.sent.findLast(({ from, bytes }) => from === guestAddress && bytes[0] === 0xd1)
  assert.ok(proved)
  rig.network.inject({ ...proved, from: '203.0.113.9:1' })
  await rig.pass(50)
  const answers = rig.network.sent.filter(({ to }) => to === '203.0.113.9:1')
  assert.deepEqual(
    answers.map(({ bytes }) => bytes[0]),
    [0xd2],
    'it is given a cookie of its own',
  )
  assert.equal(rig.host.endpoint.counts.pending, 0)
})

test('a flood of handshakes is bounded, in all and for each origin, and disturbs no channel', async () => {
  using rig = openSecureRig({ host: { answers: { mostPending: 20, mostPendingOfOrigin: 4, perSecond: 30 } } })
  const { there, here } = await rig.connect()
  let came = 0
  here.onDatagram = () => void came++
  const visitors = Array.from({ length: 40 }, (_, index) => {
    const station = rig.network.station(`203.0.113.${index % 10}:${7000 + index}`)
    let isAnswered = false
    // Proves its address, and never goes on.
    station.listen((bytes) => {
      isAnswered ||= bytes[0] === 0xd3
      if (bytes[0] === 0xd2) flooders[index]?.receive(bytes, toHost)
    })
    return { station, isAnswered: () => isAnswered }
  })
  const flooders = visitors.map(({ station }) => {
    const own = rig.crypto.newKeyPair()
    return new SecureEndpoint({ crypto: rig.crypto, clock: rig.clock, port: station, own, random: () => 0.5 })
  })
  for (const flooder of flooders) {
    flooder.dial({ path: toHost, role: 'viewer', peerKey: rig.host.own.publicKey, withinMs: 3000 }).catch(() => {})
  }
  for (let step = 0; step < 20; step++) {
    there.send(Uint8Array.of(step))
    await rig.pass(50)
    assert.ok(rig.host.endpoint.counts.pending <= 20)
  }
  assert.equal(came, 20)
  assert.ok(visitors.filter(({ isAnswered }) => isAnswered()).length <= 20)
  assert.ok((rig.host.endpoint.faults.get('busy') ?? 0) > 0)
  await rig.pass(10_000)
  assert.equal(rig.host.endpoint.counts.pending, 0, 'what does not go on is forgotten')
  assert.ok((rig.host.endpoint.faults.get('given-up') ?? 0) > 0)
  for (const flooder of flooders) flooder[Symbol.dispose]()
})

test('one origin has so many channels and no more, and others have room', async () => {
  using rig = openSecureRig({ host: { answers: { mostLinksOfOrigin: 2 } } })
  await rig.connect()
  const { there } = await rig.connect()
  await assert.rejects(rig.connect(), isError('busy'))
  rig.network.move(rig.guest.station, '203.0.113.4:6000')
  assert.ok((await rig.connect()).there.isOpen)
  there.close('closed')
  await rig.pass(100)
  assert.equal(rig.host.endpoint.counts.links, 2)
})

test('what was recorded of a handshake and a channel brings nobody in when it is played again', async () => {
  using rig = openSecureRig()
  const { there, here } = await rig.connect()
  const got: number[] = []
  here.onDatagram = ([first = 0]) => void got.push(first)
  for (let index = 0; index < 10; index++) there.send(Uint8Array.of(index))
  await rig.pass(100)
  const recorded = rig.network.sent.filter(({ to }) => to === hostAddress)
  for (const from of [guestAddress, '203.0.113.5:5']) {
    for (const packet of recorded) rig.network.inject({ ...packet, from })
    await rig.pass(200)
  }
  assert.deepEqual(got, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  assert.equal(rig.links.length, 1)
  assert.equal(here.path.name, `udp ${guestAddress}`)
  assert.ok(here.statistics.repeated >= recorded.length - 10)
  await rig.pass(6000)
  assert.deepEqual(rig.host.endpoint.counts, { links: 1, pending: 0 })
})

test('an endpoint that is closed says goodbye, refuses to dial and leaves no timer behind', async () => {
  const rig = openSecureRig()
  const { there } = await rig.connect()
  rig.host.endpoint[Symbol.dispose]()
  await rig.pass(50)
  assert.deepEqual(await there.closed, { cause: 'going-away', by: 'peer', reason: '' })
  rig.guest.endpoint[Symbol.dispose]()
  await assert.rejects(rig.guest.endpoint.dial({ path: toHost, role: 'viewer', peerKey: undefined }), isError('closed'))
  await rig.pass(100)
  assert.equal(rig.clock.pending, 0)
})
