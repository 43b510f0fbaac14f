import { DurationWindow } from '../../src/kernel/duration-window.ts'
import { ManualClock } from '../../src/kernel/manual-clock.ts'
import { seededRandom } from '../../src/kernel/seeded-random.ts'
import { BitrateController } from '../../src/net/congestion/bitrate-controller.ts'
import { PictureReceiver, type ReceivedPicture } from '../../src/net/receiving/picture-receiver.ts'
import { SoundReceiver, type ReceivedSound } from '../../src/net/receiving/sound-receiver.ts'
import type { ByteStream } from '../../src/net/streams/byte-stream.ts'
import type { DatagramChannel } from '../../src/net/streams/datagram-channel.ts'
import { Transport } from '../../src/net/streams/transport.ts'
import { createCounters } from '../../src/viewer/contract/gateway-counters.ts'
import type { ViewerObservation } from '../../src/viewer/contract/viewer-events.ts'
import { NativePackets, type NativePacket } from '../../src/viewer/native/packets.ts'
import { openNativeWire, type NativeWire } from '../../src/viewer/native/wire.ts'
import { Pump } from '../../src/viewer/sending/pump.ts'
import { Viewer } from '../../src/viewer/sending/viewer.ts'
import { bestParity } from '../../src/wire/fec/simd-parity.ts'
import { decodePiece } from '../../src/wire/native-frames/media-piece.ts'
import { openSimulatedChannels, pass, type SimulatedChannel, type SimulatedPath } from './simulated-channel.ts'

const frameMs = 16
const soundMs = 10

interface OpenedChannels {
  readonly clock: ManualClock
  readonly host: DatagramChannel
  readonly client: DatagramChannel
}

/**
 * A whole native connection in virtual time: an encoder that follows the bitrate, the product's viewer, its transport at both ends over a
 * simulated path, and the product's receiving end.
 */
export class NativeRig implements AsyncDisposable {
  readonly clock: ManualClock
  readonly viewer: Viewer<NativePacket>
  readonly controller = new BitrateController()
  readonly host: Transport
  readonly client: Transport
  readonly pictures: PictureReceiver
  readonly sound = new SoundReceiver()
  readonly shown: { readonly picture: ReceivedPicture; readonly atMs: number }[] = []
  readonly played: ReceivedSound[] = []
  readonly observed: ViewerObservation[] = []
  readonly streams: ByteStream[] = []
  readonly inputs: Uint8Array[] = []
  readonly counters = createCounters()
  resyncs = 0
  bitrateBps = 2_000_000
  /** What key pictures have; four times that of others unless set. */
  keyBytes: number | undefined
  /** Datagrams of pictures that are one wide block. */
  widePieces = 0
  readonly #simulated: readonly [SimulatedChannel, SimulatedChannel] | undefined
  readonly #random = seededRandom(4)
  readonly takenMs: number[] = []
  #wantsKey = true
  #mustBeKey = true

  /** Over a simulated path, or over channels that somebody else has opened in the same virtual time. */
  constructor(over: SimulatedPath | OpenedChannels) {
    const clock = 'clock' in over ? over.clock : new ManualClock()
    this.clock = clock
    const { controller } = this
    const nowUs = () => clock.nowMs() * 1000
    this.#simulated = 'clock' in over ? undefined : openSimulatedChannels(clock, over)
    const [down, up] = 'clock' in over ? [over.host, over.client] : (this.#simulated ?? [])
    if (!down || !up) throw new RangeError('There is no channel')
    let wire: NativeWire | undefined
    this.host = new Transport({
      channel: down,
      clock,
      isCaller: false,
      controller,
      events: {
        stream: (stream) => void this.streams.push(stream),
        datagram: (kind, data) => wire?.answers.datagram(kind, data),
        missing: (numbers) => wire?.answers.missing(numbers),
        keyWanted: () => wire?.answers.keyWanted(),
        reported: () => wire?.answers.reported(),
        moved: () => wire?.answers.moved(),
      },
    })
    this.pictures = new PictureReceiver({
      onPicture: (picture) => void this.shown.push({ picture, atMs: clock.nowMs() }),
      ask: (numbers) => this.client.askAgain(numbers),
      askForKey: () => this.client.askForKey(),
    })
    this.client = new Transport({
      channel: up,
      clock,
      isCaller: true,
      controller: new BitrateController(),
      events: {
        stream() {},
        datagram: (kind, data) => {
          if (kind === 'video' || kind === 'parity') {
            if (decodePiece(data, kind).of?.wide === true) this.widePieces++
            this.pictures.take(kind, data, nowUs())
          } else if (kind === 'audio') this.sound.take(data, nowUs())
        },
        missing() {},
        keyWanted() {},
        reported() {},
      },
    })
    this.viewer = new Viewer({
      parts: {
        clock,
        nowUs,
        pump: new Pump({ clock, nowUs }),
        counters: this.counters,
        captureToPacketMs: new DurationWindow(64),
      },
      limitBps: 0,
      controller,
      openWire: (events) =>
        (wire = openNativeWire({
          transport: this.host,
          packets: new NativePackets(bestParity()),
          codecs: ['h264'],
          audio: true,
          events,
          nowUs,
          path: () => ({ path: 'direct', local: 'here', remote: 'there' }),
          input: (message) => void this.inputs.push(Uint8Array.from(message)),
          voice: () => {},
        })),
      events: {
        opened: (bitrateBps) => (this.bitrateBps = bitrateBps),
        bitrate: (bitrateBps) => (this.bitrateBps = bitrateBps),
        keyframe: () => (this.#wantsKey = true),
        resync: () => {
          this.resyncs++
          this.#wantsKey = this.#mustBeKey = true
        },
        observed: (observation) => void this.observed.push(observation),
        statistics: () => {},
      },
    })
  }

  /** Pictures that were taken before that time. */
  takenBefore(atMs: number): number {
    return this.takenMs.filter((each) => each < atMs).length
  }

  /** The way to the client, where it is simulated. */
  get down(): SimulatedChannel {
    if (!this.#simulated) throw new RangeError('The channels of this rig are not simulated by it')
    return this.#simulated[0]
  }

  /** And the way back. */
  get up(): SimulatedChannel {
    if (!this.#simulated) throw new RangeError('The channels of this rig are not simulated by it')
    return this.#simulated[1]
  }

  /** Pictures at 62.5 a second and sound for so long. */
  async run(durationMs: number): Promise<void> {
    const endMs = this.clock.nowMs() + durationMs
    while (this.clock.nowMs() < endMs) {
      const nowMs = Math.round(this.clock.nowMs())
      if (nowMs % frameMs === 0) this.#picture(nowMs)
      if (nowMs % soundMs === 0) {
        const data = Uint8Array.from({ length: 160 }, () => this.#random() * 256)
        this.viewer.audio({ captureUs: nowMs * 1000, positionSamples: nowMs * 48, data })
      }
      await pass(this.clock, 1)
      if (nowMs % 5 === 0) this.pictures.poll(this.clock.nowMs() * 1000, this.client.roundTripMs ?? 100)
      this.played.push(...this.sound.poll(this.clock.nowMs() * 1000))
    }
  }

  #picture(nowMs: number): void {
    const key = this.#wantsKey
    if (this.#mustBeKey && !key) return
    this.#wantsKey = this.#mustBeKey = false
    const shareBytes = (this.bitrateBps / 8000) * frameMs
    const bytes = Math.max(
      50,
      Math.floor(key ? (this.keyBytes ?? 4 * shareBytes) : shareBytes * (0.6 + 0.8 * this.#random())),
    )
    const captureUs = nowMs * 1000
    this.takenMs.push(nowMs)
    const data = new Uint8Array(bytes).fill(nowMs)
    this.viewer.video({ codec: 'h264', key, captureUs, encodedUs: captureUs, width: 1280, height: 720, data })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = Promise.all([this.viewer.close('done'), this.client.close()])
    await pass(this.clock, 500, 10)
    await closed
  }
}
