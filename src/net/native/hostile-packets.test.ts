import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { guestAddress, hostAddress, openSecureRig, seededCrypto } from '../../../test/support/secure-rig.ts'
import { PacketNetwork } from '../../../test/support/packet-network.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { seededRandom } from '../../kernel/seeded-random.ts'
import { tagBytes } from '../../wire/native/noise-crypto.ts'
import { dataHeadBytes, decodePacket } from '../../wire/native/packet.ts'
import { SealedTraffic } from './sealed-traffic.ts'
import { SecureLink, usualRules } from './secure-link.ts'

test('whatever comes from wherever, nothing is thrown, nothing grows, and a channel goes on', async () => {
  using rig = openSecureRig()
  const { there, here } = await rig.connect()
  const recorded = rig.network.sent.map(({ bytes }) => bytes)
  let came = 0
  here.onDatagram = () => void came++
  const random = seededRandom(5)
  for (let round = 0; round < 1500; round++) {
    const template = recorded[Math.floor(random() * recorded.length)] as Uint8Array
    const bytes = template.slice(0, random() < 0.3 ? Math.floor(random() * template.length) : template.length)
    for (let flips = 0; flips < 3; flips++) {
      const at = Math.floor(random() * (random() < 0.5 ? 20 : bytes.length))
      if (at < bytes.length) bytes[at] = Math.floor(random() * 256)
    }
    rig.network.inject({ from: random() < 0.5 ? guestAddress : '203.0.113.1:1', to: hostAddress, bytes })
    rig.network.inject({ from: hostAddress, to: guestAddress, bytes })
    rig.network.sent.length = 0
    if (round % 100 === 0) await rig.pass(20)
  }
  there.send(Uint8Array.of(1))
  await rig.pass(50)
  assert.ok(came >= 1 && there.isOpen && here.isOpen)
  assert.ok(rig.host.endpoint.counts.pending <= 256)
  assert.ok(here.statistics.forged > 0)
})

function sealed(traffic: SealedTraffic, plain: Uint8Array): Uint8Array {
  return traffic.seal(Uint8Array.of(...new Uint8Array(dataHeadBytes), ...plain, ...new Uint8Array(tagBytes)))
}

/** A channel whose other end has the keys and says whatever it likes. */
function openLinkToRogue() {
  const clock = new ManualClock()
  const crypto = seededCrypto(3)
  const [one, other, handshakeHash] = [1, 2, 3].map((fill) => new Uint8Array(32).fill(fill)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  const sent: Uint8Array[] = []
  const link = new SecureLink({
    crypto,
    clock,
    port: { send: (bytes) => sent.push(bytes) > 0 },
    rules: usualRules,
    isInitiator: false,
    keys: { send: one, receive: other, handshakeHash },
    ownIndex: 1,
    peerIndex: 2,
    peerKey: new Uint8Array(32),
    path: PacketNetwork.path(guestAddress),
  })
  const rogue = new SealedTraffic({
    crypto,
    keys: { send: other, receive: one, handshakeHash },
    peerIndex: 1,
    isInitiator: true,
  })
  const say = (plain: Uint8Array, from = guestAddress) => {
    const packet = decodePacket(sealed(rogue, plain))
    assert.ok(packet.type === 'data')
    link.receive(packet, PacketNetwork.path(from))
  }
  return { link, say, sent, clock }
}

test('a peer with valid keys that says what makes no sense loses its channel, and nothing else happens', () => {
  const kinds = fc.oneof(fc.nat(9), fc.nat(255))
  fc.assert(
    fc.property(fc.array(fc.tuple(kinds, fc.uint8Array({ maxLength: 80 })), { maxLength: 30 }), (messages) => {
      const { link, say, sent, clock } = openLinkToRogue()
      for (const [kind, rest] of messages) {
        say(Uint8Array.of(kind, ...rest), kind % 2 === 0 ? guestAddress : '203.0.113.8:8')
        clock.advance(50)
        link.tick()
      }
      // An answer and a question for each at most, pings, and the goodbye.
      assert.ok(sent.length <= 2 * messages.length + 10, `${sent.length} for ${messages.length}`)
      if (link.ending?.by === 'here') assert.equal(link.ending.cause, 'protocol-violation')
    }),
    { numRuns: 60 },
  )
})

test('SealedTraffic goes through more epochs than a packet has room to name, and old keys open nothing', () => {
  const crypto = seededCrypto(4)
  const [one, other, handshakeHash] = [1, 2, 3].map((fill) => new Uint8Array(32).fill(fill)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  const ends = [true, false].map((isInitiator) => {
    const keys = isInitiator ? { send: one, receive: other } : { send: other, receive: one }
    return new SealedTraffic({ crypto, keys: { ...keys, handshakeHash }, peerIndex: 1, isInitiator })
  }) as [SealedTraffic, SealedTraffic]
  const [initiator, responder] = ends
  const opens = (packet: Uint8Array) => {
    const decoded = decodePacket(packet)
    assert.ok(decoded.type === 'data')
    return responder.open(decoded).ok
  }
  const oldest = sealed(initiator, Uint8Array.of(0))
  for (let epoch = 1; epoch <= 300; epoch++) {
    const late = sealed(initiator, Uint8Array.of(1))
    responder.expect(new Uint8Array(32).fill(epoch))
    assert.equal(opens(sealed(initiator, Uint8Array.of(1))), true)
    initiator.renew(new Uint8Array(32).fill(epoch))
    assert.equal(opens(sealed(initiator, Uint8Array.of(1))), true)
    assert.equal(opens(late), true, 'what the former keys sealed can be late')
    assert.deepEqual([initiator.epoch, responder.epoch], [epoch, epoch])
  }
  assert.equal(opens(oldest), false)
})

test('a peer that asks for new keys again and again, or with none, changes nothing for the channel', () => {
  const { link, say, sent } = openLinkToRogue()
  const rekey = (epoch: number, fill: number) => Uint8Array.of(6, epoch, ...new Uint8Array(38).fill(fill))
  for (let round = 0; round < 50; round++) say(rekey(1, round))
  for (const epoch of [0, 2, 255]) say(rekey(epoch, 9))
  assert.ok(sent.length <= 50)
  assert.equal(link.statistics.epoch, 0)
  const got: Uint8Array[] = []
  link.onDatagram = (bytes) => void got.push(bytes)
  say(Uint8Array.of(1, 42))
  assert.deepEqual([...(got[0] ?? [])], [42])
  assert.ok(link.isOpen)
})
