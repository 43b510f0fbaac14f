import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../test/support/fast-check.ts'
import { natBehaviours, SimulatedNetwork, type SimulatedMachine } from '../../test/support/simulated-network.ts'
import { SimulatedRelay } from '../../test/support/simulated-relay.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import { planConversation } from '../kernel/monitor/conversation.ts'
import { replayConversation } from '../kernel/monitor/recording.ts'
import { newSigningKey, type SigningKey } from '../net/relay/lease-signing.ts'
import { RelayLink, type RelayLinkState } from '../net/relay/relay-link.ts'
import { relayLease } from '../wire/relay/protocol.ts'
import { encodeForward, encodePeerMessage } from '../wire/relay/relay-message.ts'
import type { KeepLeaseRecording } from './relay-core.ts'
import type { RelayLimits } from './relay-limits.ts'

const place = { address: '203.0.113.50', port: 3478 }

class Rig implements Disposable {
  readonly clock = new ManualClock()
  readonly network = new SimulatedNetwork(this.clock, 3)
  relay: SimulatedRelay
  readonly relayMachine: SimulatedMachine
  readonly keys = { host: newSigningKey(), viewer: newSigningKey() }
  readonly machines = {
    host: this.network.machine('host', '198.51.100.2'),
    viewer: this.network.machine('viewer', '198.51.100.10', natBehaviours.symmetric, '10.0.2.2'),
  }
  readonly links: RelayLink[] = []

  constructor(limits: Partial<RelayLimits> = {}, keepRecording?: KeepLeaseRecording) {
    this.relayMachine = this.network.machine('relay', place.address)
    const socket = this.relayMachine.open(place.port)
    this.relay = new SimulatedRelay(socket, this.clock, { limits, keepRecording })
  }

  /** Its process dies without a word, and another one has its port and trusts the same issuer. */
  startAgain(): void {
    const { issuer } = this.relay
    this.relay = new SimulatedRelay(this.relayMachine.open(place.port), this.clock, { issuer })
  }

  /** One end, on a port of its own. */
  link(
    who: 'host' | 'viewer',
    options: { port?: number; lease?: () => Uint8Array | undefined; key?: SigningKey } = {},
  ) {
    const heard: string[] = []
    const states: RelayLinkState[] = []
    const socket = this.machines[who].open(options.port ?? 5000)
    const link = new RelayLink({
      socket,
      clock: this.clock,
      relay: place,
      key: options.key ?? this.keys[who],
      nextLease: options.lease ?? (() => this.relay.lease(this.keys)),
      onPacket: (bytes) => heard.push(new TextDecoder().decode(bytes)),
      onState: (state) => states.push(state),
    })
    this.links.push(link)
    return { link, heard, states, socket }
  }

  [Symbol.dispose](): void {
    for (const link of this.links) link[Symbol.dispose]()
    this.relay[Symbol.dispose]()
  }
}

const say = (text: string) => new TextEncoder().encode(text)
const reasonOf = (state: RelayLinkState) => ('reason' in state ? state.reason : state.kind)

test('RelayCore forwards between the two ends of a lease, both ways', () => {
  using rig = new Rig()
  const [host, viewer] = [rig.link('host'), rig.link('viewer')]
  rig.clock.advance(500)
  assert.deepEqual(host.link.state.kind, 'admitted')
  assert.ok(viewer.link.state.kind === 'admitted' && viewer.link.state.isOtherThere)
  host.link.send(say('there'))
  viewer.link.send(say('and back'))
  rig.clock.advance(100)
  assert.deepEqual([host.heard, viewer.heard], [['and back'], ['there']])
  assert.equal(rig.relay.core.counters.forwardedPackets, 2)
})

test('RelayCore never forwards across sessions, nor for an address that is no end of one', () => {
  using rig = new Rig()
  const others = { host: newSigningKey(), viewer: newSigningKey() }
  const lease = () => rig.relay.lease(others, { session: 99 })
  const ends = [rig.link('host'), rig.link('viewer')] as const
  const strange = rig.link('host', { port: 6000, lease, key: others.host })
  rig.clock.advance(500)
  assert.equal(strange.link.state.kind, 'admitted')
  strange.socket.send(encodeForward(0x0102_0304_0506, say('into the other session')), place)
  strange.link.send(say('to nobody'))
  rig.clock.advance(500)
  assert.deepEqual([ends[0].heard, ends[1].heard], [[], []])
  assert.deepEqual([rig.relay.core.counters.droppedStrangers, rig.relay.core.counters.droppedAlone], [1, 1])
})

test('RelayCore rejects what is not signed by its issuer, is for another relay, has expired, lives too long or is not the holder', () => {
  using rig = new Rig()
  const forger = newSigningKey()
  const cases = [
    ['unknown-issuer', { lease: () => rig.relay.lease(rig.keys, { by: forger }) }],
    ['other-relay', { lease: () => rig.relay.lease(rig.keys, { relay: 'another.test' }) }],
    ['expired', { lease: () => rig.relay.lease(rig.keys, { forMs: -1 }) }],
    ['too-long-lived', { lease: () => rig.relay.lease(rig.keys, { forMs: 3_600_000 }) }],
    ['not-the-holder', { key: forger }],
    ['malformed', { lease: () => rig.relay.lease(rig.keys, { kind: 'revocation' }) }],
  ] as const
  for (const [at, [reason, options]] of cases.entries()) {
    const { link } = rig.link('host', { port: 7000 + at, ...options })
    rig.clock.advance(1000)
    assert.equal(reasonOf(link.state), reason)
  }
  assert.equal(rig.relay.core.sessionCount, 0)
})

test('RelayCore sends next to nothing to an address that has proved nothing, whoever forges it', () => {
  using rig = new Rig()
  const attacker = rig.machines.host.open(9000)
  const present = encodePeerMessage({ type: 'present', lease: rig.relay.lease(rig.keys) })
  // The cookie is not seen by who forges the address, so nothing but presentations can be sent.
  for (let round = 0; round < 500; round++) attacker.send(present, place)
  rig.clock.advance(1000)
  const sentBytes = rig.relay.sent.reduce((sum, { bytes }) => sum + bytes, 0)
  assert.ok(sentBytes * 5 < 500 * present.length, `${sentBytes} bytes`)
  assert.ok(rig.relay.sent.length <= 60)
  assert.equal(rig.relay.core.sessionCount, 0)
})

test('RelayCore counts all addresses of an IPv6 /64 as one source, and answers others', () => {
  using rig = new Rig()
  const present = encodePeerMessage({ type: 'present', lease: rig.relay.lease(rig.keys) })
  const ask = (address: string) => {
    const before = rig.relay.sent.length
    rig.relay.core.receive(present, { address, port: 9000 })
    return rig.relay.sent.length > before
  }
  const answered = Array.from({ length: 500 }, (_, host) => ask(`2001:db8:1:2::${host.toString(16)}`)).filter(Boolean)
  assert.equal(answered.length, 60)
  assert.ok(ask('2001:db8:1:3::1'))
  assert.ok(ask('192.0.2.1') && ask('::ffff:192.0.2.2'))
})

test('RelayCore tells an end that it does not know its session from there, by less than came, and the end comes in again at once', () => {
  using rig = new Rig()
  const [host, viewer] = [rig.link('host'), rig.link('viewer')]
  rig.clock.advance(500)
  rig.startAgain()
  for (const { link } of [host, viewer]) link.send(say('there?'))
  rig.clock.advance(1000)
  host.link.send(say('there'))
  viewer.link.send(say('and back'))
  rig.clock.advance(100)
  assert.deepEqual([host.heard, viewer.heard], [['and back'], ['there']])

  // Behind a NAT that has forgotten it, an end has another address, and does not know of it.
  rig.machines.viewer.forget()
  viewer.link.send(say('lost'))
  rig.clock.advance(500)
  viewer.link.send(say('from elsewhere'))
  rig.clock.advance(100)
  assert.deepEqual(host.heard, ['and back', 'from elsewhere'])

  const before = rig.relay.sent.length
  const from = { address: '192.0.2.9', port: 1 }
  for (let packet = 0; packet < 500; packet++) rig.relay.core.receive(encodeForward(packet, say('x'.repeat(9))), from)
  assert.ok(rig.relay.sent.length - before <= 60)
  assert.ok(rig.relay.sent.slice(before).every(({ bytes }) => bytes < 16))
  rig.relay.core.receive(encodeForward(7, say('')), from)
  assert.ok(rig.relay.sent.length - before <= 60, 'what is as short as its answer has none')
})

test('RelayCore records what is said about a lease with each end, for replay, and nothing of what is forwarded', () => {
  const recordings = new Map<string, string>()
  using rig = new Rig({}, (end, recording) => recordings.set(end, recording))
  const [host, viewer] = [rig.link('host'), rig.link('viewer')]
  for (let second = 0; second < 50; second++) {
    rig.clock.advance(1000)
    host.link.send(say('a secret'))
    viewer.link.send(say('a secret'))
  }
  viewer.link[Symbol.dispose]()
  rig.clock.advance(100)
  host.link[Symbol.dispose]()
  rig.clock.advance(100)
  const replayed = [...recordings].map(([end, recording]) => {
    const { messages, violation, role } = replayConversation(recording, () => planConversation(relayLease, 'relay'))
    assert.equal(violation, undefined)
    return [end, role, messages.map(({ label }) => label).join(' ')]
  })
  const admitted = 'present challenge prove ack'
  assert.deepEqual(replayed, [
    ['10203040506-viewer', 'relay', `${admitted} renew renewed leave`],
    ['10203040506-host', 'relay', `${admitted} presence renew renewed presence leave`],
  ])
})

test('RelayCore ends a session whose second end does not come in 30 s, and one that is idle for 60 s', () => {
  using rig = new Rig()
  const alone = rig.link('host')
  rig.clock.advance(31_500)
  assert.ok(alone.states.some((state) => reasonOf(state) === 'peer-wait'))
  const viewer = rig.link('viewer')
  rig.clock.advance(8000)
  assert.ok(viewer.link.state.kind === 'admitted' && viewer.link.state.isOtherThere)
  for (let second = 0; second < 61; second++) {
    viewer.link.send(say('still here'))
    rig.clock.advance(1000)
  }
  assert.ok(alone.states.some((state) => reasonOf(state) === 'idle'))
  assert.ok(!viewer.states.some((state) => reasonOf(state) === 'idle'))
})

test('RelayCore renews leases before they expire, and ends a session that is not renewed', () => {
  using rig = new Rig()
  const [host, viewer] = [rig.link('host'), rig.link('viewer')]
  for (let second = 0; second < 200; second++) {
    rig.clock.advance(1000)
    host.link.send(say('x'))
    viewer.link.send(say('y'))
  }
  assert.equal(host.link.state.kind, 'admitted')
  assert.ok(!host.states.some(({ kind }) => kind === 'waiting'))
  assert.ok(host.heard.length >= 199 && viewer.heard.length >= 198)
  assert.ok(rig.relay.core.counters.renewed >= 4)

  using other = new Rig()
  const once = () => {
    let lease: Uint8Array | undefined = other.relay.lease(other.keys)
    return () => {
      const given = lease
      lease = undefined
      return given
    }
  }
  const [short, partner] = [other.link('host', { lease: once() }), other.link('viewer', { lease: once() })]
  other.clock.advance(50_000)
  assert.equal(short.link.state.kind, 'admitted')
  other.clock.advance(12_000)
  assert.deepEqual([reasonOf(short.link.state), reasonOf(partner.link.state)], ['expired', 'expired'])
  assert.equal(other.relay.core.sessionCount, 0)
})

test('RelayCore ends a session that is revoked, takes its lease no more, and heeds no revocation by others', () => {
  using rig = new Rig()
  const [host, viewer] = [rig.link('host'), rig.link('viewer')]
  rig.clock.advance(500)
  const asker = rig.machines.host.open(8000)
  const forged = rig.relay.lease(rig.keys, { kind: 'revocation', by: newSigningKey() })
  asker.send(encodePeerMessage({ type: 'revoke', lease: forged }), place)
  rig.clock.advance(500)
  assert.equal(viewer.link.state.kind, 'admitted')
  asker.send(encodePeerMessage({ type: 'revoke', lease: rig.relay.lease(rig.keys, { kind: 'revocation' }) }), place)
  rig.clock.advance(500)
  assert.deepEqual([reasonOf(host.link.state), reasonOf(viewer.link.state)], ['revoked', 'revoked'])
  const again = rig.link('host', { port: 5001 })
  rig.clock.advance(500)
  assert.equal(reasonOf(again.link.state), 'revoked')
})

test('RelayCore follows an end whose address has changed, and takes one that left for gone', () => {
  using rig = new Rig()
  const [host, viewer] = [rig.link('host'), rig.link('viewer')]
  rig.clock.advance(500)
  rig.machines.viewer.forget()
  viewer.link.send(say('lost'))
  viewer.link.networkChanged()
  rig.clock.advance(500)
  viewer.link.send(say('from elsewhere'))
  host.link.send(say('to elsewhere'))
  rig.clock.advance(100)
  assert.deepEqual([host.heard, viewer.heard], [['from elsewhere'], ['to elsewhere']])
  viewer.link[Symbol.dispose]()
  rig.clock.advance(100)
  assert.ok(host.link.state.kind === 'admitted' && !host.link.state.isOtherThere)
})

test('RelayCore holds each end to packets and bytes a second, and holds so many sessions', () => {
  using rig = new Rig({ forwarding: { packetsPerS: 100, bytesPerS: 10_000 }, sessions: 1 })
  const [host, viewer] = [rig.link('host'), rig.link('viewer')]
  rig.clock.advance(500)
  for (let packet = 0; packet < 200; packet++) host.link.send(say('x'))
  rig.clock.advance(100)
  assert.equal(viewer.heard.length, 25)
  for (let packet = 0; packet < 10; packet++) viewer.link.send(new Uint8Array(1000))
  rig.clock.advance(100)
  assert.equal(host.heard.length, 2)
  const keys = { host: newSigningKey(), viewer: newSigningKey() }
  const more = rig.link('host', { port: 5002, lease: () => rig.relay.lease(keys, { session: 7 }), key: keys.host })
  rig.clock.advance(500)
  assert.equal(reasonOf(more.link.state), 'full')
})

test('RelayCore takes any datagram without harm, and keeps its sessions', () => {
  using rig = new Rig({ asking: { packetsPerS: 1e6, burst: 1e6 } })
  const [host, viewer] = [rig.link('host'), rig.link('viewer')]
  rig.clock.advance(500)
  const valid = encodePeerMessage({ type: 'present', lease: rig.relay.lease(rig.keys) })
  const spoilt = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 5 }).map((changes) => {
    const bytes = valid.slice()
    for (const [at, byte] of changes) bytes[at] = byte
    return bytes
  })
  const typed = fc
    .tuple(fc.integer({ min: 0x60, max: 0x6f }), fc.uint8Array({ maxLength: 260 }))
    .map(([type, rest]) => Uint8Array.from([type, ...rest]))
  fc.assert(
    fc.property(fc.oneof(spoilt, typed), fc.boolean(), (bytes, isEnd) => {
      const from = isEnd ? { address: '198.51.100.2', port: 5000 } : { address: '192.0.2.9', port: 1 }
      // A goodbye of an end is one.
      if (bytes[0] !== 0x64) rig.relay.core.receive(bytes, from)
    }),
    { numRuns: 300 },
  )
  host.link.send(say('still there'))
  rig.clock.advance(100)
  assert.deepEqual(viewer.heard, ['still there'])
})
