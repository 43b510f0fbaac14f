import {
  AV_CHANNEL_LAYOUT_5POINT1_BACK,
  AV_CHANNEL_LAYOUT_7POINT1,
  AV_CHANNEL_LAYOUT_STEREO,
  AV_SAMPLE_FMT_S16,
  FF_DECODER_LIBOPUS,
} from 'node-av/constants'
import { Codec, CodecContext, Frame, Packet } from 'node-av/lib'
import { sampleRate } from '../process/sound/samples/pcm.ts'

/** How packets of Opus are made up of streams: see `layoutFacts`. */
export interface OpusStreams {
  readonly streams: number
  readonly coupled: number
  readonly mapping: readonly number[]
}

/** By how many channels there are: what FFmpeg calls them, and where each of them stands in an Opus header (RFC 7845, 5.1.1.2). */
const headers = {
  2: { layout: AV_CHANNEL_LAYOUT_STEREO, order: [0, 1] },
  6: { layout: AV_CHANNEL_LAYOUT_5POINT1_BACK, order: [0, 2, 1, 5, 3, 4] },
  8: { layout: AV_CHANNEL_LAYOUT_7POINT1, order: [0, 2, 1, 7, 5, 6, 3, 4] },
} as const

/** Decodes what a client is told that it will get: packets of so many streams, whose channels are mapped like this. */
export class SurroundDecoder implements Disposable {
  readonly #context = new CodecContext()
  readonly #frame = new Frame()
  readonly #packet = new Packet()
  readonly #count: number

  constructor({ streams, coupled, mapping }: OpusStreams) {
    const codec = Codec.findDecoderByName(FF_DECODER_LIBOPUS)
    const header = headers[mapping.length as keyof typeof headers]
    if (!codec || !header) throw new Error(`Cannot decode ${mapping.length} channels`)
    this.#count = mapping.length
    this.#context.allocContext3(codec)
    this.#context.sampleRate = sampleRate
    this.#context.sampleFormat = AV_SAMPLE_FMT_S16
    this.#context.channelLayout = header.layout
    const head = Buffer.alloc(21 + mapping.length)
    head.write('OpusHead')
    head.set([1, mapping.length], 8)
    head.writeUInt32LE(sampleRate, 12)
    head.set([1, streams, coupled], 18)
    for (const [channel, place] of header.order.entries()) head[21 + place] = mapping[channel] ?? 0
    this.#context.extraData = head
    if (this.#context.open2Sync(codec) < 0) throw new Error('Cannot open the Opus decoder')
    this.#frame.alloc()
    this.#packet.alloc()
  }

  /** Samples of each channel; throws for what is no packet of that kind. */
  decode(data: Uint8Array): Float32Array[] {
    this.#packet.data = Buffer.from(data)
    const taken = this.#context.sendPacketSync(this.#packet)
    this.#packet.unref()
    if (taken < 0 || this.#context.receiveFrameSync(this.#frame) < 0) throw new Error('This is no packet of such sound')
    const pcm = Buffer.from(this.#frame.data?.[0] ?? [])
    const { nbSamples } = this.#frame
    this.#frame.unref()
    return Array.from({ length: this.#count }, (_, channel) =>
      Float32Array.from(
        { length: nbSamples },
        (_each, at) => pcm.readInt16LE(2 * (at * this.#count + channel)) / 32_768,
      ),
    )
  }

  /** Of packets one after the other: each channel in one piece. */
  decodeAll(packets: readonly Uint8Array[]): number[][] {
    const channels = Array.from({ length: this.#count }, (): number[] => [])
    for (const packet of packets)
      for (const [index, part] of this.decode(packet).entries()) channels[index]?.push(...part)
    return channels
  }

  [Symbol.dispose](): void {
    this.#packet.free()
    this.#frame.free()
    this.#context.freeContext()
  }
}
