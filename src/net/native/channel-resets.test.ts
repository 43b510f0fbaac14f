import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PacketNetwork } from '../../../test/support/packet-network.ts'
import { guestAddress, hostAddress, openSecureRig } from '../../../test/support/secure-rig.ts'
import { encodeReset, writeDataHead } from '../../wire/native/packet.ts'
import { SecureEndpoint } from './secure-endpoint.ts'

const fromHost = { from: hostAddress, to: guestAddress }

/** A data packet for somebody, which nobody has sealed. */
function dataFor(receiver: number, length = 70): Uint8Array {
  const bytes = new Uint8Array(length).fill(7)
  writeDataHead(bytes, { epoch: 0, receiver, counter: 5 })
  return bytes
}

/** The host's process dies without a word, and another one comes with the same key, at the same place. */
function startAgain(rig: ReturnType<typeof openSecureRig>, more: { place?: string } = {}) {
  const { host, network, crypto, clock } = rig
  network.cuts.add(`${hostAddress}>${guestAddress}`)
  host.endpoint[Symbol.dispose]()
  network.cuts.clear()
  const { own, station } = host
  const again = new SecureEndpoint({
    crypto,
    clock,
    port: station,
    own,
    random: () => 0.5,
    onLink: (link) => rig.links.push(link),
    ...more,
  })
  station.listen((bytes, path) => void again.receive(bytes, path))
  return again
}

test('a client learns at once that the host was started again, opens another channel, and the host has kept nothing for it', async () => {
  for (const known of [true, false]) {
    using rig = openSecureRig()
    const { there } = await rig.connect({ peerKey: known ? rig.host.own.publicKey : undefined })
    using again = startAgain(rig)
    await rig.pass(600)
    assert.deepEqual(await there.closed, { cause: 'forgotten', by: 'peer', reason: 'The peer was started again' })
    assert.deepEqual(again.counts, { links: 0, pending: 0 })
    assert.ok((await rig.connect()).there.isOpen)
  }
})

test('no channel is ended by a reset that the host has not made for it', async () => {
  using rig = openSecureRig()
  const { there, here } = await rig.connect()
  const number = here.ownIndex
  const guesses = Array.from({ length: 50 }, (_, guess) => encodeReset(number, new Uint8Array(16).fill(guess)))
  for (const bytes of guesses) rig.network.inject({ ...fromHost, bytes })

  // Whoever sees the number of a channel that stands asks in vain for its token, of the host and of another process with its key.
  const before = rig.network.sent.length
  rig.network.inject({ from: '203.0.113.5:5', to: hostAddress, bytes: dataFor(number) })
  await rig.pass(100)
  assert.ok(rig.network.sent.slice(before).every(({ to }) => to !== '203.0.113.5:5'))
  using elsewhere = openSecureRig({ host: { place: 'another port' } })
  const other = elsewhere.network.station('203.0.113.5:5')
  const told: Uint8Array[] = []
  other.listen((bytes) => void told.push(bytes))
  elsewhere.host.endpoint.receive(dataFor(number), PacketNetwork.path('203.0.113.5:5'))
  await elsewhere.pass(100)
  const [stolen] = told
  assert.equal(stolen?.[0], 0xd7)
  rig.network.inject({ ...fromHost, bytes: stolen })
  // That of another channel of the same host.
  rig.host.endpoint.receive(dataFor(number + 1), PacketNetwork.path('203.0.113.5:5'))
  const last = rig.network.sent.at(-1)?.bytes as Uint8Array
  assert.equal(last[0], 0xd7)
  rig.network.inject({ ...fromHost, bytes: encodeReset(number, last.slice(5)) })
  await rig.pass(2000)
  assert.ok(there.isOpen && here.isOpen)
})

test('packets for nobody are answered by less than came, so often a second for an origin and in all, and what is no data not at all', async () => {
  using rig = openSecureRig()
  const out = () => rig.network.sent.filter(({ from }) => from === hostAddress)
  for (let packet = 0; packet < 1000; packet++) {
    rig.host.endpoint.receive(dataFor(packet, 30), PacketNetwork.path('203.0.113.5:5'))
  }
  assert.equal(out().length, 10)
  assert.ok(out().every(({ bytes }) => bytes.length < 30))
  for (let packet = 0; packet < 1000; packet++) {
    rig.host.endpoint.receive(dataFor(packet), PacketNetwork.path(`203.0.${packet}.1:5`))
  }
  assert.equal(out().length, 200)
  await rig.pass(1000)
  const before = out().length
  for (const answer of out()) rig.host.endpoint.receive(answer.bytes, PacketNetwork.path('203.0.113.5:5'))
  rig.guest.endpoint.receive(dataFor(3), PacketNetwork.path('203.0.113.5:5'))
  assert.equal(out().length, before, 'a reset calls for no reset')
  assert.ok(
    rig.network.sent.every(({ from }) => from !== guestAddress),
    'who lets nobody in has no channels to forget',
  )
})
