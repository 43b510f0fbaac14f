import { H264Depacketiser } from '../../src/wire/rtp/h264-payload.ts'
import { decodeRtp, type ReceivedRtp } from '../../src/wire/rtp/rtp-header.ts'
import { Vp8Depacketiser } from '../../src/wire/rtp/vp8-payload.ts'
import { WireError } from '../../src/wire/wire-error.ts'
import { isNewer, nextSequence } from '../../src/wire/sequence-number.ts'

/** What a received stream of one kind amounts to so far. */
export interface StreamCounts {
  packets: number
  bytes: number
  /** Packets that came after they had been asked for. */
  recovered: number
  duplicates: number
  /** Packets that are missing now. */
  missing: number
  /** Complete pictures, in order, from a key picture on; for sound, packets. */
  pictures: number
  keyPictures: number
}

export interface ReceivedPicture {
  readonly codec: 'h264' | 'vp8'
  readonly key: boolean
  readonly timestamp: number
  readonly data: Uint8Array
}

/** Packets that wait for one before them, at most. */
const maxWaiting = 2048
/** A gap that stays open so long is given up; a browser does the same. */
const patienceMs = 1000

/** The receiving end of one RTP video stream: puts packets in order and pictures together, and knows what is missing. */
export class ReceivedVideo {
  readonly counts: StreamCounts = {
    packets: 0,
    bytes: 0,
    recovered: 0,
    duplicates: 0,
    missing: 0,
    pictures: 0,
    keyPictures: 0,
  }
  readonly #codecs: ReadonlyMap<number, 'h264' | 'vp8'>
  readonly #transportExtensionId: number
  readonly #onPicture: (picture: ReceivedPicture) => void
  readonly #waiting = new Map<number, ReceivedRtp>()
  readonly #asked = new Set<number>()
  #next: number | undefined
  #newest: number | undefined
  #ssrc: number | undefined
  /** Since when the next packet is missing. */
  #gapSinceMs: number | undefined
  #assembly: { timestamp: number; parts: H264Depacketiser | Vp8Depacketiser; broken: boolean } | undefined
  #needsKey = true

  constructor(options: {
    codecs: ReadonlyMap<number, 'h264' | 'vp8'>
    transportExtensionId: number
    onPicture: (picture: ReceivedPicture) => void
  }) {
    this.#codecs = options.codecs
    this.#transportExtensionId = options.transportExtensionId
    this.#onPicture = options.onPicture
  }

  /** No picture can be shown before the next key picture. */
  get needsKey(): boolean {
    return this.#needsKey
  }

  receive(bytes: Uint8Array): ReceivedRtp {
    const packet = decodeRtp(bytes, this.#transportExtensionId)
    const { counts } = this
    if (packet.ssrc !== this.#ssrc) this.#begin(packet.ssrc)
    counts.packets++
    counts.bytes += bytes.length
    const { sequence } = packet
    this.#next ??= sequence
    this.#newest ??= sequence
    if (isNewer(sequence, this.#newest)) this.#newest = sequence
    if (isNewer(this.#next, sequence) || this.#waiting.has(sequence)) {
      counts.duplicates++
      return packet
    }
    if (this.#asked.delete(sequence)) counts.recovered++
    this.#waiting.set(sequence, packet)
    if (packet.marker && sequence !== this.#next) this.#jumpToKey(packet)
    this.#advance()
    return packet
  }

  /** Sequence numbers to ask for. */
  missing(): number[] {
    const found: number[] = []
    if (this.#next === undefined || this.#newest === undefined) return found
    for (let sequence = this.#next; isNewer(this.#newest, sequence); sequence = nextSequence(sequence)) {
      if (!this.#waiting.has(sequence)) found.push(sequence)
    }
    for (const sequence of found) this.#asked.add(sequence)
    this.counts.missing = found.length
    return found.slice(0, 500)
  }

  /** Another stream takes the place of the one before. */
  #begin(ssrc: number): void {
    this.#ssrc = ssrc
    this.#waiting.clear()
    this.#asked.clear()
    this.#next = undefined
    this.#newest = undefined
    this.#gapSinceMs = undefined
    this.#assembly = undefined
    this.#needsKey = true
  }

  #advance(): void {
    const nowMs = performance.now()
    const isHopeless = this.#waiting.size > maxWaiting || nowMs - (this.#gapSinceMs ?? nowMs) > patienceMs
    if (isHopeless && !this.#waiting.has(this.#next as number)) this.#skipGap()
    for (let packet = this.#take(); packet; packet = this.#take()) {
      this.#gapSinceMs = undefined
      this.#assemble(packet)
    }
    if (this.#waiting.size > 0) this.#gapSinceMs ??= nowMs
  }

  /** What is missing before a complete key picture is of no use any more, as in a browser. */
  #jumpToKey({ sequence, timestamp }: ReceivedRtp): void {
    let first = sequence
    while (this.#waiting.get((first - 1) & 0xffff)?.timestamp === timestamp) first = (first - 1) & 0xffff
    const packet = this.#waiting.get(first)
    if (!packet || !beginsKey(this.#codecs.get(packet.payloadType), packet.payload)) return
    for (let before = this.#next as number; before !== first; before = nextSequence(before)) {
      this.#waiting.delete(before)
      this.#asked.delete(before)
    }
    this.#next = first
    this.#assembly = undefined
  }

  #take(): ReceivedRtp | undefined {
    const sequence = this.#next as number
    const packet = this.#waiting.get(sequence)
    if (!packet) return undefined
    this.#waiting.delete(sequence)
    this.#next = nextSequence(sequence)
    return packet
  }

  #skipGap(): void {
    let sequence = this.#next as number
    while (!this.#waiting.has(sequence)) {
      this.#asked.delete(sequence)
      sequence = nextSequence(sequence)
    }
    this.#next = sequence
    this.#needsKey = true
    this.#assembly = undefined
  }

  #assemble(packet: ReceivedRtp): void {
    // Padding between pictures.
    if (packet.payload.length === 0) return
    const codec = this.#codecs.get(packet.payloadType)
    if (!codec) throw new Error(`Payload type ${packet.payloadType} was not negotiated`)
    if (this.#assembly?.timestamp !== packet.timestamp) {
      const parts = codec === 'h264' ? new H264Depacketiser() : new Vp8Depacketiser()
      this.#assembly = { timestamp: packet.timestamp, parts, broken: false }
    }
    const assembly = this.#assembly
    const data = assembly.broken ? undefined : this.#join(assembly.parts, packet)
    if (!packet.marker) return
    this.#assembly = undefined
    if (data) this.#show({ codec, key: isKey(codec, data), timestamp: packet.timestamp, data })
    else this.#needsKey = true
  }

  /** The picture, when this was its last packet. */
  #join(parts: H264Depacketiser | Vp8Depacketiser, { payload, marker }: ReceivedRtp): Uint8Array | undefined {
    try {
      parts.push(payload)
      if (!marker) return undefined
      const taken = parts.take()
      return taken instanceof Uint8Array ? taken : taken.frame
    } catch (error) {
      // A picture whose beginning was given up.
      if (!(error instanceof WireError) || !this.#assembly) throw error
      this.#assembly.broken = true
      return undefined
    }
  }

  #show(picture: ReceivedPicture): void {
    if (picture.key) this.#needsKey = false
    if (this.#needsKey) return
    this.counts.pictures++
    if (picture.key) this.counts.keyPictures++
    this.#onPicture(picture)
  }
}

/** A packet with parameter sets, or the first of a VP8 key frame. */
function beginsKey(codec: 'h264' | 'vp8' | undefined, payload: Uint8Array): boolean {
  if (codec === 'h264') return [7, 24].includes((payload[0] ?? 0) & 0x1f)
  return ((payload[0] ?? 0) & 0x10) !== 0 && ((payload[4] ?? 1) & 1) === 0
}

function isKey(codec: 'h264' | 'vp8', data: Uint8Array): boolean {
  if (codec === 'vp8') return ((data[0] as number) & 1) === 0
  for (let at = 0; at + 4 < data.length; at++) {
    const startsHere = data[at] === 0 && data[at + 1] === 0 && data[at + 2] === 0 && data[at + 3] === 1
    if (startsHere && ((data[at + 4] as number) & 0x1f) === 5) return true
  }
  return false
}
