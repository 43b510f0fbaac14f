import type { AccessUnit, AudioUnit } from '../../media/access-unit.ts'
import type { VideoCodec } from '../../domain/video-codec.ts'
import type { MediaSink } from '../../media/producer.ts'
import type { BitrateController } from '../../net/congestion/bitrate-controller.ts'
import { Pacer, type Departure } from '../../net/pacing/pacer.ts'
import { ResendBuffer } from '../../net/resend/resend-buffer.ts'
import { paddingPacket, type RtpPacket } from '../../wire/rtp/rtp-packet.ts'
import { headerBytesOf, RtpWriter, type RtpHeader } from '../../wire/rtp/rtp-header.ts'
import { writeVp8PictureId } from '../../wire/rtp/vp8-payload.ts'
import { extendSequence, nextSequence } from '../../wire/sequence-number.ts'
import type { GatewayCounters } from '../gateway-counters.ts'
import type { PacketCache } from './packet-cache.ts'
import type { Pump, Pumped } from './pump.ts'
import type { RtcPeer } from '../rtc/rtc-peer.ts'
import type { ViewerStreams } from '../link/viewer-streams.ts'
import { AudioTimeline } from './audio-timeline.ts'
import { PictureLedger, type SentPicture } from './picture-ledger.ts'
import { RateMeter } from '../../kernel/rate-meter.ts'
import { RestMeter } from './rest-meter.ts'
import { VideoTimeline } from './video-timeline.ts'

export interface MediaSenderOptions {
  readonly streams: ViewerStreams
  readonly peer: Pick<RtcPeer, 'send'>
  readonly controller: BitrateController
  readonly cache: PacketCache
  readonly pump: Pump
  readonly counters: GatewayCounters
  /** Takes the time from the capture of each picture to its last packet, in milliseconds. */
  readonly captureToPacketMs: { add(durationMs: number): void }
  readonly nowUs: () => number
  /** A random number of 32 bits. */
  readonly random32: () => number
  /** The queue is too long or too old: only a key picture helps. */
  readonly onBehind: () => void
  /** All packets of a key picture have left. */
  readonly onKeyPictureSent: (nowUs: number) => void
}

/** How many packets and bytes of payload a stream has sent (RFC 3550, section 6.4.1). */
export interface StreamTotals {
  packets: number
  payloadBytes: number
}

/** All viewers send the same one, with headers of their own. */
const padding = paddingPacket()
/** The transport copies what it is given before it returns. */
const writer = new RtpWriter()

/** Turns a watch's pictures and sound into one viewer's paced RTP streams. */
export class MediaSender implements MediaSink, Pumped {
  readonly videoTimeline: VideoTimeline
  readonly audioTimeline: AudioTimeline
  readonly videoTotals: StreamTotals = { packets: 0, payloadBytes: 0 }
  readonly audioTotals: StreamTotals = { packets: 0, payloadBytes: 0 }
  readonly #options: MediaSenderOptions
  readonly #pacer = new Pacer<RtpPacket>()
  readonly #resends = new ResendBuffer<RtpPacket>()
  readonly #ledger: PictureLedger
  #payloadTypes: Readonly<Partial<Record<VideoCodec, number>>> = {}
  readonly #videoHeader: RtpHeader
  readonly #audioHeader: RtpHeader
  readonly #sent = new RateMeter()
  readonly #audioSent = new RateMeter()
  readonly #resent = new RateMeter()
  readonly #rest = new RestMeter()
  /** Number of the packet that was sent last, of pictures and sound together: it is one path. */
  #newestSent = 0
  /** That of pictures alone; its low 16 bits are the RTP sequence number. */
  #newestVideo: number
  /** Timestamp of the picture whose packets leave now. */
  #leaving: number | undefined
  /** Timestamp at which sound begins. */
  #soundBegins: number | undefined
  #muted = false
  #needsKey = false

  constructor(options: MediaSenderOptions) {
    const { streams, random32 } = options
    const { ssrcs } = streams
    this.#options = options
    this.videoTimeline = new VideoTimeline(random32())
    this.audioTimeline = new AudioTimeline(random32())
    this.#ledger = new PictureLedger(random32())
    const start = { timestamp: 0, marker: false, transportSequence: 0, payloadType: 0, transportExtensionId: 0 }
    this.#newestVideo = random32() & 0x7fff
    this.#videoHeader = {
      ...start,
      ssrc: ssrcs.video,
      sequence: 0,
    }
    this.#audioHeader = {
      ...start,
      ssrc: ssrcs.audio,
      sequence: random32() & 0x7fff,
    }
    this.configure(streams)
  }

  /** The two ends have agreed on other streams; numbers and times go on. */
  configure({ audio, video }: ViewerStreams): void {
    this.#payloadTypes = video?.payloadTypes ?? {}
    this.#videoHeader.transportExtensionId = video?.transportExtensionId ?? 0
    this.#audioHeader.payloadType = audio?.isHeard ? audio.payloadType : 0
    this.#audioHeader.transportExtensionId = audio?.transportExtensionId ?? 0
    if (!video) this.dropVideo()
  }

  video(unit: AccessUnit): void {
    if (this.#muted || this.#payloadTypes[unit.codec] === undefined) return
    if (this.#needsKey && !unit.key) return
    this.#needsKey = false
    const packets = this.#options.cache.video(unit)
    if (packets.length === 0) return
    const nowUs = this.#options.nowUs()
    this.#rest.picture(nowUs)
    const timestamp = this.videoTimeline.next(unit.captureUs)
    if (this.#pacer.picture({ packets, parity: [], unit: timestamp, key: unit.key }, nowUs)) {
      this.#ledger.add(timestamp, unit)
      this.#send(nowUs)
    } else {
      this.#options.onBehind()
    }
  }

  audio(unit: AudioUnit): void {
    if (this.#audioHeader.payloadType === 0) return
    const nowUs = this.#options.nowUs()
    const { timestamp, begins } = this.audioTimeline.next(unit)
    if (begins) this.#soundBegins = timestamp
    this.#pacer.push('audio', this.#options.cache.audio(unit), timestamp, nowUs)
    this.#send(nowUs)
  }

  /** Number of the packet that was sent last. */
  get newestSent(): number {
    return this.#newestSent
  }

  /** Sends again what a NACK asks for, as far as it makes sense. True when only a key picture helps. */
  resend(missing: readonly number[], nowUs: number): boolean {
    const { controller } = this.#options
    const conditions = { nowUs, roundTripMs: controller.roundTripMs, targetBps: controller.targetBps }
    const numbers = missing.map((sequence) => extendSequence(sequence, this.#newestVideo))
    const hopeless = this.#resends.answer(numbers, conditions, (packet, timestamp, number) => {
      this.#pacer.resend(packet, timestamp, number)
    })
    this.#send(nowUs)
    return hopeless
  }

  pump(nowUs: number): boolean {
    this.#leave(nowUs)
    return !this.#pacer.idle
  }

  /** Tries whether the path carries more, where that is of use. */
  probe(nowUs: number): void {
    // Padding stands behind a whole picture, and has its time.
    if (this.#muted || this.#leaving === undefined || !this.#pacer.idle) return
    const probe = this.#options.controller.beginProbe(nowUs)
    if (!probe) return
    this.#pacer.probe(probe, padding, nowUs)
    this.#options.pump.wake(this)
  }

  /** Forgets the pictures that wait, and those that are on their way here: what comes next begins with a key picture. */
  dropVideo(): void {
    this.#needsKey = true
    this.#pacer.dropVideo()
  }

  /** While muted, pictures are not sent: the other end hears nothing of them. Sound goes on, to find out when it does. */
  set muted(muted: boolean) {
    this.#muted = muted
    if (muted) this.dropVideo()
  }

  get muted(): boolean {
    return this.#muted
  }

  /** Everything that is sent now, in bits a second. */
  sentBps(nowUs: number): number {
    return this.#sent.bitsPerSecond(nowUs)
  }

  /** What is not new pictures: sound and resends. */
  otherBps(nowUs: number): number {
    return this.#audioSent.bitsPerSecond(nowUs) + this.#resent.bitsPerSecond(nowUs)
  }

  /** Time in which no picture was due, in all, in milliseconds. */
  restMs(nowUs: number): number {
    return this.#rest.restMs(nowUs)
  }

  close(): void {
    this.#muted = true
    this.#options.pump.remove(this)
  }

  #send(nowUs: number): void {
    this.#leave(nowUs)
    if (!this.#pacer.idle) this.#options.pump.wake(this)
  }

  #leave(nowUs: number): void {
    this.#pacer.setRate(this.#options.controller.pacingBps)
    for (let departure = this.#pacer.due(nowUs); departure; departure = this.#pacer.due(nowUs)) {
      if (departure.lane === 'audio') this.#sendAudio(departure, nowUs)
      else this.#sendVideo(departure, nowUs)
    }
    if (this.#pacer.takeProbeEnd(nowUs)) this.#options.controller.endProbe(nowUs)
  }

  #sendAudio({ packet, unit: timestamp }: Departure<RtpPacket>, nowUs: number): void {
    const header = this.#audioHeader
    if (header.payloadType === 0) return
    header.sequence = nextSequence(header.sequence)
    header.timestamp = timestamp
    // It is different for every viewer (RFC 3551, section 4.1).
    header.marker = timestamp === this.#soundBegins
    const hasNumber = header.transportExtensionId !== 0
    if (hasNumber) header.transportSequence = ++this.#newestSent
    const bytes = writer.write(packet, header)
    if (!this.#options.peer.send(bytes)) return
    this.audioTotals.packets++
    this.audioTotals.payloadBytes += packet.payloadBytes
    this.#audioSent.add(bytes.length, nowUs)
    this.#count(bytes.length, nowUs)
    // Where only pictures have transport-wide numbers, the controller hears of nothing else; where nothing has, of all.
    if (hasNumber || this.#videoHeader.transportExtensionId === 0) {
      this.#options.controller.onSent(this.#newestSent, bytes.length, nowUs)
    }
  }

  #sendVideo({ packet, unit: timestamp, number: resent }: Departure<RtpPacket>, nowUs: number): void {
    const picture = this.#ledger.get(timestamp)
    if (!picture) return
    const payloadType = this.#payloadTypes[picture.codec]
    if (payloadType === undefined) return
    const header = this.#videoHeader
    const isNew = resent < 0
    // Resends keep the numbers of the packets they repeat.
    const number = isNew ? this.#newestVideo + 1 : resent
    if (isNew && picture.key && this.#leaving !== timestamp) this.#resends.onKeyframe(number)
    if (isNew) this.#leaving = timestamp

    header.payloadType = payloadType
    header.transportSequence = ++this.#newestSent
    header.timestamp = timestamp
    header.sequence = number & 0xffff
    const bytes = writer.write(packet, header)
    if (picture.codec === 'vp8' && !packet.isPadding) {
      writeVp8PictureId(bytes, headerBytesOf(header), picture.pictureId)
    }
    if (isNew) this.#newestVideo = number
    if (!this.#options.peer.send(bytes)) return

    this.#options.controller.onSent(this.#newestSent, bytes.length, nowUs)
    this.#count(bytes.length, nowUs)
    if (isNew) {
      this.#resends.onSent(number, packet, timestamp, nowUs)
      this.videoTotals.packets++
      this.videoTotals.payloadBytes += packet.payloadBytes
      if (packet.marker) this.#pictureSent(picture, nowUs)
    } else {
      this.#options.counters.packetsResent++
      this.#resent.add(bytes.length, nowUs)
    }
  }

  #pictureSent({ key, captureUs }: SentPicture, nowUs: number): void {
    this.#options.captureToPacketMs.add((nowUs - captureUs) / 1000)
    if (key) this.#options.onKeyPictureSent(nowUs)
  }

  #count(bytes: number, nowUs: number): void {
    this.#options.counters.packetsSent++
    this.#options.counters.bytesSent += bytes
    this.#sent.add(bytes, nowUs)
  }
}
