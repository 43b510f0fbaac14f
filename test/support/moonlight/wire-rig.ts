import { createCipheriv } from 'node:crypto'
import { ManualClock } from '../../../src/kernel/manual-clock.ts'
import type { AccessUnit } from '../../../src/media/contract/access-unit.ts'
import { EnetHost } from '../../../src/net/enet/enet-host.ts'
import type { EnetAddress } from '../../../src/net/enet/enet-peer.ts'
import { createCounters } from '../../../src/viewer/contract/gateway-counters.ts'
import type { ViewerObservation, ViewerStatistics } from '../../../src/viewer/contract/viewer-events.ts'
import { MoonlightPackets, type MoonlightPacket } from '../../../src/viewer/moonlight/packets.ts'
import type { ExpectedStream } from '../../../src/viewer/moonlight/stream-port.ts'
import { openMoonlightWire } from '../../../src/viewer/moonlight/wire.ts'
import { Pump } from '../../../src/viewer/sending/pump.ts'
import { Viewer } from '../../../src/viewer/sending/viewer.ts'
import { bestParity } from '../../../src/wire/fec/simd-parity.ts'
import { controlNonce, encodeSealedControl } from '../../../src/wire/moonlight/control-message.ts'
import { agreed } from './agreed.ts'
import { BlockLedger } from './block-ledger.ts'
import { EnetClient } from './enet-client.ts'

const home: EnetAddress = { address: '192.0.2.7', port: 50_000 }
const key = Buffer.alloc(16, 7)
const picturesPerSecond = 60

/** A viewer to a Moonlight client and that client, on a path in virtual time that loses what it is told to. */
export class WireRig implements Disposable {
  readonly clock = new ManualClock()
  readonly ledger = new BlockLedger()
  readonly counters = createCounters()
  readonly observed: ViewerObservation[] = []
  readonly faults: string[] = []
  readonly viewer: Viewer<MoonlightPacket>
  statistics: ViewerStatistics | undefined
  /** Of what was said, after the end. */
  recording: string | undefined
  /** Whether a datagram to the client is lost. */
  loses: () => boolean = () => false
  readonly sent = { pictureBytes: 0, datagrams: 0 }
  readonly #enet: EnetHost
  readonly #client: EnetClient
  #bitrateBps = 0
  #wantsKey = true
  #sequence = 0

  /** `limitBps`: what the client was set to. */
  constructor({ limitBps }: { readonly limitBps: number }) {
    const { clock } = this
    const nowUs = () => clock.nowMs() * 1000
    let expected: ExpectedStream | undefined
    this.#enet = new EnetHost({
      clock,
      send: (bytes) => this.#client.receive(bytes),
      random: () => 0.5,
      admit: (_data, _from, peer) => expected?.connected(peer),
    })
    this.viewer = new Viewer<MoonlightPacket>({
      parts: {
        clock,
        nowUs,
        pump: new Pump({ clock, nowUs }),
        counters: this.counters,
        captureToPacketMs: { add() {} },
      },
      limitBps,
      events: {
        opened: (bitrateBps) => (this.#bitrateBps = bitrateBps),
        bitrate: (bitrateBps) => (this.#bitrateBps = bitrateBps),
        keyframe: () => (this.#wantsKey = true),
        resync: () => (this.#wantsKey = true),
        observed: (observation) => this.observed.push(observation),
        statistics: (statistics) => (this.statistics = statistics),
      },
      openWire: (events) =>
        openMoonlightWire({
          port: {
            address: { address: '192.0.2.1', port: 47_998 },
            send: (parts) => this.#receive(parts),
            expect: (stream) => {
              expected = stream
              return () => (expected = undefined)
            },
            closed: new Promise(() => {}),
            close: async () => {},
            [Symbol.asyncDispose]: async () => {},
          },
          terms: {
            connectData: 1,
            pingPayloads: { audio: 'a'.repeat(16), video: 'v'.repeat(16) },
            key: { secret: key.toString('hex'), keyId: 1 },
            packetBytes: 1392,
            leastParity: 2,
            encrypts: { video: false, audio: false },
            soundLayout: 'stereo' as const,
            audioPacketMs: 5,
            said: agreed(clock.epochMs()),
            isRecorded: true,
          },
          packets: new MoonlightPackets(bestParity()),
          bitrateBps: limitBps,
          counters: this.counters,
          events,
          recognised: () => {},
          input: () => {},
          fault: (code) => this.faults.push(code),
          keepRecording: (recording) => (this.recording = recording),
          epochMs: () => clock.epochMs(),
        }),
    })
    this.#client = new EnetClient({
      send: (bytes) => this.#enet.receive(bytes, home),
      nowMs: () => clock.nowMs(),
      connectId: 3,
    })
    this.#client.connect(1)
    this.say(0, 0x0302, Buffer.alloc(2))
    expected?.pinged('video', home)
  }

  /** How much parity goes with pictures, as operators are told. */
  get parityPercent(): number {
    const changes = this.observed.filter((observation) => observation.kind === 'parity')
    return changes.at(-1)?.toPercent ?? 10
  }

  /** Lets the app draw for so long, at what the viewer wants. */
  play(durationMs: number): void {
    for (let pictures = 0; pictures < (durationMs * picturesPerSecond) / 1000; pictures++) {
      if (pictures % 6 === 0) {
        this.#client.tick()
        this.say(0, 0x0200, Buffer.from('0400000000000000', 'hex'))
      }
      this.viewer.video(this.#picture())
      this.clock.advance(1000 / picturesPerSecond)
    }
  }

  /** Says something on the control stream, under its seal. */
  say(channel: number, type: number, payload: Uint8Array): void {
    const plain = Buffer.alloc(4 + payload.length)
    plain.writeUInt16LE(type)
    plain.writeUInt16LE(payload.length, 2)
    plain.set(payload, 4)
    const sequence = this.#sequence++
    const cipher = createCipheriv('aes-128-gcm', key, controlNonce(sequence, 'client', 'control'))
    const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()])
    const data = encodeSealedControl({ sequence, tag: cipher.getAuthTag(), ciphertext })
    this.#client.push(channel, { type: 'reliable', data })
  }

  [Symbol.dispose](): void {
    void this.viewer.close()
    this.#enet[Symbol.dispose]()
  }

  #picture(): AccessUnit {
    const nowUs = this.clock.nowMs() * 1000
    const isKey = this.#wantsKey
    this.#wantsKey = false
    const data = new Uint8Array(Math.round(this.#bitrateBps / 8 / picturesPerSecond)).fill(0x55)
    data.set([0, 0, 0, 1, isKey ? 0x65 : 0x41])
    return { codec: 'h264', key: isKey, captureUs: nowUs, encodedUs: nowUs, width: 1280, height: 720, data }
  }

  #receive(parts: readonly Uint8Array[]): void {
    const datagram = Buffer.concat(parts)
    this.sent.datagrams++
    this.sent.pictureBytes += datagram.length
    if (this.loses()) return
    for (const { isRepaired, payload } of this.ledger.take(datagram)) {
      this.say(1, 0x5502, payload)
      if (!isRepaired) this.say(1, 0x0302, Buffer.alloc(2))
    }
  }
}
