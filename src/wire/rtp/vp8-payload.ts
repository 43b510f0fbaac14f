import { WireError } from '../wire-error.ts'
import { FramePieces } from './frame-pieces.ts'
import { allocatePackets, defaultMaxPayloadBytes, type RtpPacket } from './rtp-packet.ts'

/**
 * VP8 in RTP (RFC 7741, section 4.2). Each payload of ours begins with this descriptor: S is set in the first packet of
 * a frame, and a frame is one partition, so PID is 0.
 *
 *      0 1 2 3 4 5 6 7
 *     +-+-+-+-+-+-+-+-+
 *     |1|0|N|S|0| PID |   X = 1
 *     |1|0|0|0|   0   |   I = 1
 *     |1| picture id  |   M = 1: 15 bits
 *     |  picture id   |
 *     +-+-+-+-+-+-+-+-+
 */
const descriptorBytes = 4
const extendedBit = 0x80
const startBit = 0x10
const pictureIdBit = 0x80
const longPictureIdBit = 0x80

/**
 * Payloads of one VP8 frame with a 15-bit picture id (RFC 7741, section 4.2). All packets share one piece of memory;
 * the last one has the marker. Empty for an empty frame.
 */
export function packetiseVp8(
  frame: Uint8Array,
  pictureId: number,
  maxPayloadBytes = defaultMaxPayloadBytes,
): RtpPacket[] {
  if (!(maxPayloadBytes > descriptorBytes)) {
    throw new RangeError(`Cannot packetise into ${maxPayloadBytes} bytes: wanted more than ${descriptorBytes}`)
  }
  const count = Math.ceil(frame.length / (maxPayloadBytes - descriptorBytes))
  const edge = (index: number) => Math.floor((frame.length * index) / count)
  const sizes = Array.from({ length: count }, (_, index) => descriptorBytes + edge(index + 1) - edge(index))
  const packets = allocatePackets(sizes)
  for (const [index, { payload }] of packets.entries()) {
    payload[0] = extendedBit | (index === 0 ? startBit : 0)
    payload[1] = pictureIdBit
    writeVp8PictureId(payload, 0, pictureId)
    payload.set(frame.subarray(edge(index), edge(index + 1)), descriptorBytes)
  }
  return packets
}

/** Changes the picture id of the payload that begins at `offset`: each viewer's stream numbers its pictures on through all changes. */
export function writeVp8PictureId(bytes: Uint8Array, offset: number, pictureId: number): void {
  bytes[offset + 2] = longPictureIdBit | ((pictureId >>> 8) & 0x7f)
  bytes[offset + 3] = pictureId
}

/** Puts the payloads of one frame together again. */
export class Vp8Depacketiser {
  readonly #pieces = new FramePieces()
  #pictureId: number | undefined

  /** Takes the payloads in order of their sequence numbers. Throws WireError. */
  push(payload: Uint8Array): void {
    const { starts, pictureId, bytes } = readDescriptor(payload)
    if (starts !== this.#pieces.empty || (!starts && pictureId !== this.#pictureId)) {
      throw new WireError('malformed', 'Cannot put VP8 frame together: its first packet is missing or another begins')
    }
    this.#pieces.append(payload.subarray(bytes))
    this.#pictureId = pictureId
  }

  /** The frame, and starts a new one. */
  take(): { readonly frame: Uint8Array; readonly pictureId: number | undefined } {
    const pictureId = this.#pictureId
    this.#pictureId = undefined
    return { frame: this.#pieces.take(), pictureId }
  }
}

/** Reads any descriptor that RFC 7741 allows, also the parts that {@link packetiseVp8} does not write. */
function readDescriptor(payload: Uint8Array): { starts: boolean; pictureId: number | undefined; bytes: number } {
  let offset = 0
  const next = () => {
    const byte = payload[offset++]
    if (byte === undefined) throw new WireError('too-short', `Cannot read VP8 descriptor: ${payload.length} bytes`)
    return byte
  }
  const first = next()
  const extension = first & extendedBit ? next() : 0
  let pictureId: number | undefined
  if (extension & pictureIdBit) {
    const high = next()
    pictureId = high & longPictureIdBit ? ((high & 0x7f) << 8) | next() : high
  }
  // TL0PICIDX, and one byte for TID and KEYIDX together.
  if (extension & 0x40) next()
  if (extension & 0x30) next()
  return { starts: (first & startBit) !== 0 && (first & 0x07) === 0, pictureId, bytes: offset }
}
