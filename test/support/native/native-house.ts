import { createReturnDesk } from '../../../src/conversation/return/return-desk.ts'
import type { Member } from '../../../src/domain/member.ts'
import { openNativeGateway, type NativeGateway } from '../../../src/gateway/native/open-native-gateway.ts'
import { openMemoryHost, type MemoryHost } from '../../../src/host/memory/memory-host.ts'
import { ScriptedProducer } from '../../../src/host/memory/scripted-producer.ts'
import { DurationWindow } from '../../../src/kernel/duration-window.ts'
import { ManualClock } from '../../../src/kernel/manual-clock.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { seededRandom } from '../../../src/kernel/seeded-random.ts'
import { keyFingerprint } from '../../../src/net/identity/key-fingerprint.ts'
import type { BirthdayOutcome } from '../../../src/net/paths/birthday-probing.ts'
import { SecureEndpoint } from '../../../src/net/native/secure-endpoint.ts'
import type { KeyPair } from '../../../src/wire/native/noise-crypto.ts'
import { createCounters } from '../../../src/viewer/contract/gateway-counters.ts'
import { NativeChannel } from '../../../src/viewer/native/native-channel.ts'
import { NativePackets } from '../../../src/viewer/native/packets.ts'
import { openNativeWire } from '../../../src/viewer/native/wire.ts'
import { RemoteChannel } from '../../../src/viewer/remote-channel.ts'
import type { RemoteViewerEvents, ViewerRequest } from '../../../src/viewer/remote-viewer.ts'
import { nearEnd, PointerMessages } from '../../../src/viewer/sending-end.ts'
import { Pump } from '../../../src/viewer/sending/pump.ts'
import { Viewer } from '../../../src/viewer/sending/viewer.ts'
import { bestParity } from '../../../src/wire/fec/simd-parity.ts'
import { keysChannel, pointerChannel } from '../../../src/wire/input/channels.ts'
import { PacketNetwork } from '../packet-network.ts'
import { seededCrypto } from '../secure-rig.ts'

/**
 * A whole host with its native gateway in virtual time and in this process: the product's endpoint, channels, gateway and viewers, on a
 * network of packets. Whoever comes with a key is a member of its own, a player.
 */
export class NativeHouse implements AsyncDisposable {
  static readonly address = '192.0.2.1:5000'
  readonly memory: MemoryHost
  readonly network: PacketNetwork
  readonly own: KeyPair
  readonly endpoint: SecureEndpoint
  readonly gateway: NativeGateway
  readonly channels = new Map<number, NativeChannel>()
  readonly #remote = new Map<number, RemoteChannel>()
  readonly #packets = new NativePackets(bestParity())
  readonly #pointers = new PointerMessages()
  readonly #counters = createCounters()
  readonly #pump: Pump
  #takeChannel: (channel: RemoteChannel) => void = () => {}
  #nextId = 1

  private constructor(memory: MemoryHost) {
    const { clock } = memory
    this.memory = memory
    this.network = new PacketNetwork(clock)
    this.#pump = new Pump({ clock, nowUs: this.nowUs })
    const crypto = seededCrypto(11)
    const station = this.network.station(NativeHouse.address)
    this.own = crypto.newKeyPair()
    this.endpoint = new SecureEndpoint({
      crypto,
      clock,
      port: station,
      own: this.own,
      random: seededRandom(2),
      onLink: (link) => {
        const channel = new NativeChannel({
          id: this.#nextId++,
          link,
          clock,
          events: {
            message: ({ id }, message) => this.#remote.get(id)?.hear(message),
            stream: (frame) => this.#remote.get(frame.channel)?.hearStream(frame),
            over: ({ id }) => {
              this.channels.delete(id)
              this.#remote.get(id)?.over({ code: undefined })
              this.#remote.delete(id)
            },
          },
        })
        this.channels.set(channel.id, channel)
        this.#arrive(channel)
      },
    })
    station.listen((bytes, path) => void this.endpoint.receive(bytes, path))
    const captureToPacketMs = new DurationWindow(64)
    const measure = { counters: this.#counters, captureToPacketMs }
    this.gateway = openNativeGateway({
      host: memory.host,
      viewerProcess: {
        measures: { webrtc: measure, moonlight: measure, native: measure },
        standing: () => 'trusted',
        takeChannels: (take: (channel: RemoteChannel) => void) => (this.#takeChannel = take),
        open: (request: ViewerRequest, events: RemoteViewerEvents) => this.#open(request, events, captureToPacketMs),
      } as unknown as Parameters<typeof openNativeGateway>[0]['viewerProcess'],
      door: {
        knock: async (publicKey) => memberOf(publicKey),
        introduce: async ({ publicKey }) => ({ ok: true, member: memberOf(publicKey) }),
      },
      answer: (stream) => {
        stream.on('error', () => {})
        stream.resume()
        stream.end('There is nothing here')
      },
      desk: createReturnDesk({ clock, randomBytes: (count) => Buffer.from(crypto.random(count)) }),
      clock,
      nowUs: this.nowUs,
      log: silentLog,
      randomBytes: (count) => crypto.random(count),
    })
  }

  static async open(): Promise<NativeHouse> {
    const clock = new ManualClock()
    const nowUs = () => clock.nowMs() * 1000
    const openWaitingRoom = (id: string) => new ScriptedProducer(id, { clock, nowUs, shrinks: true })
    return new NativeHouse(await openMemoryHost({ clock, parts: { openWaitingRoom } }))
  }

  readonly nowUs = (): number => this.memory.clock.nowMs() * 1000

  /** Lets time pass, and what waits for it happen. */
  async pass(ms: number, stepMs = 10): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      this.memory.clock.advance(Math.min(stepMs, left))
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closing = this.gateway.close()
    await this.pass(200)
    await closing
    this.endpoint[Symbol.dispose]()
    await this.pass(5000)
    await this.memory[Symbol.asyncDispose]()
  }

  #arrive({ id, link }: NativeChannel): void {
    const remote = new RemoteChannel(
      { id, publicKey: link.peerKey, origin: link.path.origin, path: link.path.name },
      {
        message: ({ channel, message }) => this.channels.get(channel)?.say(message),
        stream: (frame) => this.channels.get(frame.channel)?.requests.hear(frame),
        send: (order) => {
          if (order.type === 'end-channel') this.channels.get(order.channel)?.end(order.cause, order.reason)
        },
      },
    )
    this.#remote.set(id, remote)
    this.#takeChannel(remote)
  }

  /** As the viewer process opens one. */
  #open({ wire, limitBps }: ViewerRequest, events: RemoteViewerEvents, captureToPacketMs: DurationWindow) {
    const channel = wire.kind === 'native' ? this.channels.get(wire.channel) : undefined
    if (wire.kind !== 'native' || !channel) throw new TypeError('There is no such channel')
    const { transport, link } = channel
    const { clock } = this.memory
    let leave = () => {}
    const viewer = new Viewer({
      parts: { clock, nowUs: this.nowUs, pump: this.#pump, counters: this.#counters, captureToPacketMs },
      limitBps,
      events,
      controller: transport.controller,
      openWire: (wireEvents) => {
        const opened = openNativeWire({
          transport,
          packets: this.#packets,
          codecs: wire.codecs,
          audio: wire.audio,
          events: wireEvents,
          nowUs: this.nowUs,
          path: () => ({ path: link.path.kind, local: NativeHouse.address, remote: link.path.name }),
          input: (message) => events.input(pointerChannel.id, message),
          voice: (data) => events.voice({ timestamp: 0, data }),
        })
        const keys = (message: Uint8Array) => events.input(keysChannel.id, message)
        const probed = (outcome: BirthdayOutcome) => events.observed({ kind: 'probing', ...outcome })
        leave = channel.carry({ ...opened.answers, keys, probed })
        return opened
      },
    })
    void viewer.closed.then(leave)
    return nearEnd(viewer, this.#pointers)
  }
}

function memberOf(publicKey: Uint8Array): Member {
  return { id: keyFingerprint(publicKey).slice(0, 16), name: 'Guest', role: 'player', lobbies: 'all' }
}
