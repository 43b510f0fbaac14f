import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { seededRandom } from '../../kernel/seeded-random.ts'
import { EnetClient } from '../../../test/support/moonlight/enet-client.ts'
import { peerChannel, unknownPeer, type EnetCommand } from '../../wire/enet/enet-command.ts'
import { encodeEnetDatagram } from '../../wire/enet/enet-datagram.ts'
import { EnetHost } from './enet-host.ts'
import type { EnetAddress, EnetEnd, EnetPeer } from './enet-peer.ts'

const home = { address: '192.0.2.1', port: 5000 }
const elsewhere = { address: '198.51.100.7', port: 6000 }
const secret = 0xcafe

test('EnetHost brings every message once and in order, both ways, whatever is lost', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 0, max: 40 }), (seed, lossPercent) => {
      const random = seededRandom(seed)
      using rig = new Rig({ loses: () => random() * 100 < lossPercent })
      rig.client.connect(secret)
      rig.run(3000)
      const sent = Array.from({ length: 100 }, (_, index) => String(index))
      for (const text of sent) {
        rig.client.say(1 + (Number(text) % 2), text)
        assert.ok(rig.peer?.send(0, bytesOf(text)))
        rig.run(20)
      }
      rig.run(20_000)
      assert.deepEqual(rig.client.texts, sent)
      for (const channel of [1, 2]) {
        assert.deepEqual(
          rig.heard.filter(([own]) => own === channel).map(([, text]) => text),
          sent.filter((text) => 1 + (Number(text) % 2) === channel),
        )
      }
      assert.deepEqual(rig.ends, [])
    }),
    { numRuns: 25 },
  )
})

test('EnetHost answers nobody whom it does not expect', () => {
  using rig = new Rig()
  rig.client.connect(secret + 1)
  rig.run(100)
  assert.equal(rig.sentBytes, 0)
  rig.host.receive(Uint8Array.of(1, 2, 3), home)
  rig.host.receive(encodeEnetDatagram({ peerId: 5, session: 0, sentTime: 1, commands: [ping] }), home)
  assert.equal(rig.sentBytes, 0)
  assert.equal(rig.host.peerCount, 0)
})

test('EnetHost sends at most three times what it was sent before the other side has proved its address', () => {
  using rig = new Rig()
  rig.client.connect(secret)
  assert.ok(rig.sentBytes > 0)
  rig.client.isGone = true
  rig.run(10_000)
  assert.deepEqual(rig.ends, ['timed-out'])
  assert.ok(rig.sentBytes <= 3 * rig.receivedBytes, `${rig.sentBytes} for ${rig.receivedBytes}`)
})

test('EnetHost goes on with whom it has while a thousand others begin to connect', () => {
  using rig = new Rig()
  rig.client.connect(secret)
  rig.run(500)
  const before = rig.sentBytes
  const others = Array.from(
    { length: 1000 },
    (_, index) => new Client(rig, { address: '192.0.2.9', port: index + 1 }, index),
  )
  for (const other of others) {
    other.isGone = true
    other.connect(secret)
  }
  assert.equal(rig.host.peerCount, 64)
  assert.ok(rig.sentBytes - before <= 3 * 1000 * 52, 'nobody is sent more than they sent')
  rig.client.say(1, 'still here')
  rig.run(1000)
  assert.deepEqual(rig.heard, [[1, 'still here']])
  rig.run(10_000)
  assert.equal(rig.host.peerCount, 1, 'and those are forgotten')
})

test('EnetHost gives its peers numbers that nobody can guess by those before', () => {
  using rig = new Rig()
  const ids = Array.from({ length: 40 }, (_, index) => {
    const client = new Client(rig, { address: '192.0.2.9', port: index + 1 }, index)
    client.connect(secret)
    rig.run(100)
    return client.hostId
  })
  assert.equal(new Set(ids).size, 40)
  assert.ok(new Set(ids.map((id, index) => id - (ids[index - 1] ?? 0))).size > 30)
})

test('EnetHost notices a peer that acknowledges nothing any more, and forgets it', () => {
  using rig = new Rig()
  rig.client.connect(secret)
  rig.run(500)
  rig.client.isGone = true
  rig.run(7000)
  assert.deepEqual(rig.ends, ['timed-out'])
  assert.equal(rig.host.peerCount, 0)
  assert.equal(rig.peer?.send(0, bytesOf('too late')), false)
})

test('EnetHost acknowledges a goodbye as often as it comes', () => {
  using rig = new Rig()
  rig.client.connect(secret)
  rig.run(500)
  rig.client.push(peerChannel, { type: 'disconnect', data: 0 })
  rig.run(500)
  assert.deepEqual(rig.ends, ['disconnected'])
  assert.equal(rig.client.unacknowledged, 0)
  rig.run(5000)
  assert.equal(rig.host.peerCount, 0)
})

test('EnetHost says goodbye until that is acknowledged', () => {
  using rig = new Rig()
  rig.client.connect(secret)
  rig.run(500)
  rig.peer?.close(7)
  rig.run(200)
  assert.equal(rig.client.goodbye, 7)
  assert.deepEqual(rig.ends, ['closed'])
  assert.equal(rig.host.peerCount, 0)
})

test('a peer moves to another address only with a message that is known as its own', () => {
  using rig = new Rig()
  rig.client.connect(secret)
  rig.run(500)
  rig.client.from = elsewhere
  rig.client.push(peerChannel, { type: 'disconnect', data: 0 })
  rig.run(500)
  assert.deepEqual(rig.ends, [])
  assert.deepEqual(rig.peer?.address, home)
  rig.client.say(1, 'real')
  rig.run(500)
  assert.deepEqual(rig.peer?.address, elsewhere)
})

test('EnetHost holds a bounded number of peers and messages', () => {
  using rig = new Rig({ mostPeers: 2 })
  for (let id = 0; id < 100; id++) {
    new Client(rig, { ...home, port: 1000 + id }, id).connect(secret)
  }
  assert.equal(rig.host.peerCount, 2)
  rig.run(10)
  let taken = 0
  while (rig.peer?.send(0, bytesOf('x'))) taken++
  assert.ok(taken > 100 && taken <= 256, String(taken))
  assert.throws(() => rig.peer?.send(0, new Uint8Array(2000)), RangeError)
})

test('EnetHost puts fragments together, and refuses those that contradict themselves', () => {
  using rig = new Rig()
  rig.client.connect(secret)
  rig.run(500)
  const whole = 'abcdefghij'
  for (const [index, part] of ['abcd', 'efgh', 'ij'].entries()) {
    const fragment = { startSequence: 1, fragments: 3, index, totalBytes: 10, offset: index * 4, data: bytesOf(part) }
    rig.client.push(3, { type: 'fragment', ...fragment })
  }
  rig.client.say(3, 'after')
  rig.run(500)
  assert.deepEqual(rig.heard, [
    [3, whole],
    [3, 'after'],
  ])
  for (const wrong of [
    { offset: 9 },
    { index: 7 },
    { fragments: 1e6 },
    { totalBytes: 1e8 },
    { startSequence: 30_000 },
  ]) {
    const fragment = { startSequence: 5, fragments: 2, index: 0, totalBytes: 8, offset: 0, data: bytesOf('abcd') }
    rig.client.push(3, { type: 'fragment', ...fragment, ...wrong })
  }
  rig.run(500)
  assert.equal(rig.heard.length, 2)
})

test('EnetHost takes any bytes from a peer without harm', () => {
  using rig = new Rig()
  rig.client.connect(secret)
  rig.run(500)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      rig.host.receive(Uint8Array.of(0x80, rig.client.hostId, 0, 0, ...bytes), home)
    }),
    { numRuns: 2000 },
  )
  rig.run(500)
})

const ping: EnetCommand = { type: 'ping', channel: peerChannel, sequence: 9, wantsAck: true }

/** A host and a client with a path of 10 ms between them. */
class Rig implements Disposable {
  readonly clock = new ManualClock()
  readonly heard: [channel: number, text: string][] = []
  readonly ends: EnetEnd[] = []
  readonly clients = new Map<number, Client>()
  readonly client: Client
  readonly host: EnetHost
  readonly loses: () => boolean
  peer: EnetPeer | undefined
  sentBytes = 0
  receivedBytes = 0

  constructor({ loses = () => false, mostPeers = 64 }: { loses?: () => boolean; mostPeers?: number } = {}) {
    this.loses = loses
    this.host = new EnetHost({
      clock: this.clock,
      random: seededRandom(1),
      mostPeers,
      send: (bytes, to) => {
        this.sentBytes += bytes.length
        if (!this.loses()) this.clock.after(10, () => this.clients.get(to.port)?.receive(bytes))
      },
      admit: (data, _from, peer) => {
        if (data !== secret) return undefined
        this.clock.after(0, () => (this.peer ??= peer()))
        return {
          onMessage: (channel, message) => this.heard.push([channel, textOf(message)]),
          recognises: (message) => textOf(message) === 'real',
          onEnd: (end) => this.ends.push(end),
        }
      },
    })
    this.client = new Client(this, home, 77)
  }

  run(ms: number): void {
    for (let step = 0; step < ms; step += 10) {
      this.clock.advance(10)
      for (const client of this.clients.values()) client.tick()
    }
  }

  [Symbol.dispose](): void {
    this.host[Symbol.dispose]()
  }
}

class Client extends EnetClient {
  from: EnetAddress
  isGone = false
  #ticks = 0

  constructor(rig: Rig, from: EnetAddress, connectId: number) {
    super({
      connectId,
      nowMs: () => rig.clock.nowMs(),
      send: (bytes) => {
        rig.receivedBytes += bytes.length
        if (!rig.loses()) rig.host.receive(bytes, this.from)
      },
    })
    this.from = from
    rig.clients.set(from.port, this)
  }

  get texts(): string[] {
    return this.heard.map(textOf)
  }

  say(channel: number, text: string): void {
    this.push(channel, { type: 'reliable', data: bytesOf(text) })
  }

  /** As a player's client does, which says something ten times a second. */
  override tick(): void {
    if (this.isGone) return
    super.tick()
    if (this.hostId !== unknownPeer && this.#ticks++ % 10 === 0) this.beat()
  }

  override receive(bytes: Uint8Array): void {
    if (!this.isGone) super.receive(bytes)
  }
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
