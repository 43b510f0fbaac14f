import type { VideoCodec } from '../../domain/video-codec.ts'
import type { AccessUnit, AudioUnit } from '../../media/contract/access-unit.ts'
import { headerBytesOf, RtpWriter, type RtpHeader } from '../../wire/rtp/rtp-header.ts'
import type { RtpPacket } from '../../wire/rtp/rtp-packet.ts'
import { videoPayloads } from '../../wire/rtp/video-payload.ts'
import { nextSequence } from '../../wire/sequence-number.ts'
import type { ViewerStreams } from '../link/viewer-streams.ts'
import type { Leaving } from '../contract/viewer-wire.ts'
import { AudioTimeline } from './audio-timeline.ts'
import { VideoTimeline } from './video-timeline.ts'

/** How many packets and bytes of payload a stream has sent (RFC 3550, section 6.4.1). */
export interface StreamTotals {
  packets: number
  payloadBytes: number
}

/** The transport copies what it is given before it returns. */
const writer = new RtpWriter()

/** One viewer's two RTP streams: their numbers, times and headers, in front of payloads that all share. */
export class RtpStreams {
  readonly videoTimeline: VideoTimeline
  readonly audioTimeline: AudioTimeline
  readonly videoTotals: StreamTotals = { packets: 0, payloadBytes: 0 }
  readonly audioTotals: StreamTotals = { packets: 0, payloadBytes: 0 }
  readonly #video: RtpHeader
  readonly #audio: RtpHeader
  /** RTP numbers begin anywhere (RFC 3550, section 5.1), the viewer's own at one. */
  readonly #firstSequence: number
  readonly #firstPictureId: number
  #payloadTypes: Readonly<Partial<Record<VideoCodec, number>>> = {}
  /** Timestamp at which sound begins. */
  #soundBegins: number | undefined
  #newest = { report: 0, picture: 0 }

  /** `random32`: random numbers of 32 bits. */
  constructor(streams: ViewerStreams, random32: () => number) {
    const { ssrcs } = streams
    this.videoTimeline = new VideoTimeline(random32())
    this.audioTimeline = new AudioTimeline(random32())
    this.#firstPictureId = random32() & 0x7fff
    this.#firstSequence = random32() & 0x7fff
    const start = {
      sequence: 0,
      timestamp: 0,
      marker: false,
      payloadType: 0,
      transportExtensionId: 0,
      transportSequence: 0,
    }
    this.#video = { ...start, ssrc: ssrcs.video }
    this.#audio = { ...start, ssrc: ssrcs.audio, sequence: random32() & 0x7fff }
    this.configure(streams)
  }

  /** The two ends have agreed on other streams; numbers and times go on. */
  configure({ audio, video }: ViewerStreams): void {
    this.#payloadTypes = video?.payloadTypes ?? {}
    this.#video.transportExtensionId = video?.transportExtensionId ?? 0
    this.#audio.payloadType = audio?.isHeard ? audio.payloadType : 0
    this.#audio.transportExtensionId = audio?.transportExtensionId ?? 0
  }

  takes(codec: VideoCodec): boolean {
    return this.#payloadTypes[codec] !== undefined
  }

  get takesSound(): boolean {
    return this.#audio.payloadType !== 0
  }

  /** Where only pictures have transport-wide numbers nothing else is reported on; where nothing has, all is counted. */
  get reportsSound(): boolean {
    return this.#audio.transportExtensionId !== 0 || this.#video.transportExtensionId === 0
  }

  /** Numbers of what was sent last: by which arrivals are reported, and, on the wire, of pictures. */
  get newest(): { readonly report: number; readonly picture: number } {
    return this.#newest
  }

  markPicture({ captureUs }: AccessUnit): number {
    return this.videoTimeline.next(captureUs)
  }

  markSound(unit: AudioUnit): number {
    const { timestamp, begins } = this.audioTimeline.next(unit)
    if (begins) this.#soundBegins = timestamp
    return timestamp
  }

  /** The packet as it goes out, good until the next one; undefined for what was not agreed on. */
  write(leaving: Leaving<RtpPacket>): Uint8Array | undefined {
    if (leaving.reportNumber > 0) this.#newest.report = leaving.reportNumber
    return leaving.picture ? this.#writePicture(leaving) : this.#writeSound(leaving)
  }

  /** It has gone out. */
  sent({ lane, packet, picture }: Leaving<RtpPacket>): void {
    if (lane === 'resend') return
    const totals = picture ? this.videoTotals : this.audioTotals
    totals.packets++
    totals.payloadBytes += packet.payloadBytes
  }

  #writeSound({ packet, reportNumber, mark }: Leaving<RtpPacket>): Uint8Array | undefined {
    const header = this.#audio
    if (header.payloadType === 0) return undefined
    header.sequence = nextSequence(header.sequence)
    header.timestamp = mark
    // It is different for every viewer (RFC 3551, section 4.1).
    header.marker = mark === this.#soundBegins
    header.transportSequence = reportNumber
    return writer.write(packet, header)
  }

  #writePicture({ packet, picture, number, reportNumber }: Leaving<RtpPacket>): Uint8Array | undefined {
    if (!picture) return undefined
    const payloadType = this.#payloadTypes[picture.codec]
    if (payloadType === undefined) return undefined
    const header = this.#video
    const wireNumber = this.#firstSequence + number
    this.#newest.picture = Math.max(this.#newest.picture, wireNumber)
    header.payloadType = payloadType
    header.sequence = wireNumber & 0xffff
    header.timestamp = picture.mark
    header.transportSequence = reportNumber
    const bytes = writer.write(packet, header)
    if (!packet.isPadding) {
      const ownNumber = this.#firstPictureId + picture.index
      videoPayloads[picture.codec].numberPicture?.(bytes, headerBytesOf(header), ownNumber)
    }
    return bytes
  }

  /** The viewer's own numbers of pictures for those on the wire. */
  ownNumbers(wireNumbers: readonly number[]): number[] {
    return wireNumbers.map((number) => number - this.#firstSequence)
  }
}
