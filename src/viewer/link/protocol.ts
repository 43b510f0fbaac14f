/**
 * What a server and its viewer process say to each other in frames (os/child/frame.ts), beside control messages. Units
 * go down once, with the numbers of all viewers that they are for.
 *
 *     type 2, video, downwards only
 *     0        1       2       4        6       8          16        24         24 + 4 n
 *     +--------+-------+-------+--------+-------+----------+---------+----------+-----
 *     | flags  | codec | width | height | n     | captured | encoded | viewers  | unit
 *     | 1: key | uint8 | uint16| uint16 | uint16| float64  | float64 | n uint32 |
 *     +--------+-------+-------+--------+-------+----------+---------+----------+-----
 *
 *     type 3, audio, downwards only
 *     0       2        10         18         18 + 4 n
 *     +-------+----------+----------+----------+-----
 *     | n     | captured | position | viewers  | unit
 *     | uint16| float64  | float64  | n uint32 |
 *     +-------+----------+----------+----------+-----
 *
 *     type 4, pointers, downwards only; the message as viewers get it
 *     0       2          2 + 4 n
 *     +-------+----------+--------
 *     | n     | viewers  | message
 *     | uint16| n uint32 |
 *     +-------+----------+--------
 *
 *     type 5, voice, upwards only                    type 6, input, upwards only; as it came
 *     0        4           8                         0        4         5        6
 *     +--------+-----------+-----                    +--------+---------+--------+--------
 *     | viewer | timestamp | unit                    | viewer | channel | flags  | message
 *     | uint32 | uint32    |                         | uint32 | uint8   | 1: text|
 *     +--------+-----------+-----                    +--------+---------+--------+--------
 *
 *     type 8, message, both ways; of the first pipe of a channel of the native transport
 *     0         4        5
 *     +---------+--------+--------
 *     | channel | flags  | message
 *     | uint32  | 1: text|
 *     +---------+--------+--------
 *
 *     type 9, packet, both ways; of a reach, through the web port
 *     0        4
 *     +--------+--------
 *     | reach  | packet
 *     | uint32 |
 *     +--------+--------
 *
 *     type 10, stream, both ways; of a request that the client has opened a stream for. `taken` says how many bytes were read, so that
 *     neither end has more of them on the way than a window
 *     0         4        8               9
 *     +---------+--------+---------------+------
 *     | channel | stream | 0 open, 1 data| data; of `taken` a count, uint32
 *     | uint32  | uint32 | 2 end, 3 reset|
 *     |         |        | 4 taken       |
 *     +---------+--------+---------------+------
 *
 *     type 7, text, upwards only; on a channel that the client has opened
 *     0        4
 *     +--------+------
 *     | viewer | UTF-8
 *     | uint32 |
 *     +--------+------
 */
import { codecFacts, codecOfNumber } from '../../domain/video-codec.ts'
import type { AccessUnit, AudioUnit } from '../../media/contract/access-unit.ts'
import type { VoiceUnit } from '../../media/contract/voice.ts'
import type { PipeMessage } from '../../kernel/pipe.ts'
import { violation } from '../../os/child/child-error.ts'
import { frameHeaderBytes, frameOf } from '../../os/child/frame.ts'

export const videoType = 2
export const audioType = 3
export const pointersType = 4
export const voiceType = 5
export const inputType = 6
export const textType = 7
export const messageType = 8
export const packetType = 9
export const streamType = 10

const videoHeaderBytes = 24
const audioHeaderBytes = 18
const pointersHeaderBytes = 2
const voiceHeaderBytes = 8
const inputHeaderBytes = 6
const textHeaderBytes = 4
const messageHeaderBytes = 5
const packetHeaderBytes = 4
const streamHeaderBytes = 9

/** No frame is for more. */
export const mostViewers = 0xffff

/** Something that goes to several viewers, and to which. */
export interface Addressed<What> {
  readonly viewers: readonly number[]
  readonly what: What
}

export interface VoiceFrame {
  readonly viewer: number
  readonly unit: VoiceUnit
}

export interface InputFrame {
  readonly viewer: number
  /** Number of the data channel. */
  readonly channel: number
  /** A client that speaks the protocol sends bytes. */
  readonly isText: boolean
  readonly message: Uint8Array
}

export interface TextFrame {
  readonly viewer: number
  readonly text: string
}

export interface MessageFrame {
  readonly channel: number
  readonly message: PipeMessage
}

export interface PacketFrame {
  readonly reach: number
  readonly packet: Uint8Array
}

const streamKinds = ['open', 'data', 'end', 'reset', 'taken'] as const

export interface StreamFrame {
  readonly channel: number
  readonly stream: number
  /** `open` upwards only. */
  readonly kind: (typeof streamKinds)[number]
  /** Of `data`; of `taken` see {@link countOfTaken}. */
  readonly data: Uint8Array
}

export function encodeVideo({ viewers, what: unit }: Addressed<AccessUnit>): Buffer {
  const frame = frameOf(videoType, videoHeaderBytes + 4 * viewers.length + unit.data.length)
  const at = frameHeaderBytes
  frame[at] = unit.key ? 1 : 0
  frame[at + 1] = codecFacts[unit.codec].number
  frame.writeUInt16LE(unit.width, at + 2)
  frame.writeUInt16LE(unit.height, at + 4)
  frame.writeUInt16LE(viewers.length, at + 6)
  frame.writeDoubleLE(unit.captureUs, at + 8)
  frame.writeDoubleLE(unit.encodedUs, at + 16)
  frame.set(unit.data, writeViewers(frame, at + videoHeaderBytes, viewers))
  return frame
}

/** The unit's data is a view of `body`. Throws ChildError `protocol-violation`. */
export function decodeVideo(body: Buffer): Addressed<AccessUnit> {
  if (body.length < videoHeaderBytes) throw violation(`a video frame has ${body.length} bytes`)
  const codec = codecOfNumber(body.readUInt8(1))
  if (!codec) throw violation(`a video frame has codec ${body[1]}`)
  const { viewers, rest } = readViewers(body, body.readUInt16LE(6), videoHeaderBytes)
  return {
    viewers,
    what: {
      codec,
      key: (body.readUInt8(0) & 1) === 1,
      captureUs: body.readDoubleLE(8),
      encodedUs: body.readDoubleLE(16),
      width: body.readUInt16LE(2),
      height: body.readUInt16LE(4),
      data: rest,
    },
  }
}

export function encodeAudio({ viewers, what: unit }: Addressed<AudioUnit>): Buffer {
  const frame = frameOf(audioType, audioHeaderBytes + 4 * viewers.length + unit.data.length)
  const at = frameHeaderBytes
  frame.writeUInt16LE(viewers.length, at)
  frame.writeDoubleLE(unit.captureUs, at + 2)
  frame.writeDoubleLE(unit.positionSamples, at + 10)
  frame.set(unit.data, writeViewers(frame, at + audioHeaderBytes, viewers))
  return frame
}

/** The unit's data is a view of `body`. Throws ChildError `protocol-violation`. */
export function decodeAudio(body: Buffer): Addressed<AudioUnit> {
  if (body.length < audioHeaderBytes) throw violation(`an audio frame has ${body.length} bytes`)
  const { viewers, rest } = readViewers(body, body.readUInt16LE(0), audioHeaderBytes)
  return {
    viewers,
    what: { captureUs: body.readDoubleLE(2), positionSamples: body.readDoubleLE(10), data: rest },
  }
}

export function encodePointers({ viewers, what }: Addressed<Uint8Array>): Buffer {
  const frame = frameOf(pointersType, pointersHeaderBytes + 4 * viewers.length + what.length)
  frame.writeUInt16LE(viewers.length, frameHeaderBytes)
  frame.set(what, writeViewers(frame, frameHeaderBytes + pointersHeaderBytes, viewers))
  return frame
}

/** The message is a view of `body`. Throws ChildError `protocol-violation`. */
export function decodePointers(body: Buffer): Addressed<Uint8Array> {
  if (body.length < pointersHeaderBytes) throw violation(`a pointers frame has ${body.length} bytes`)
  const { viewers, rest } = readViewers(body, body.readUInt16LE(0), pointersHeaderBytes)
  return { viewers, what: rest }
}

export function encodeVoice({ viewer, unit }: VoiceFrame): Buffer {
  const frame = frameOf(voiceType, voiceHeaderBytes + unit.data.length)
  frame.writeUInt32LE(viewer, frameHeaderBytes)
  frame.writeUInt32LE(unit.timestamp, frameHeaderBytes + 4)
  frame.set(unit.data, frameHeaderBytes + voiceHeaderBytes)
  return frame
}

/** The unit's data is a view of `body`. Throws ChildError `protocol-violation`. */
export function decodeVoice(body: Buffer): VoiceFrame {
  if (body.length < voiceHeaderBytes) throw violation(`a voice has ${body.length} bytes`)
  return {
    viewer: body.readUInt32LE(0),
    unit: { timestamp: body.readUInt32LE(4), data: body.subarray(voiceHeaderBytes) },
  }
}

export function encodeInput({ viewer, channel, isText, message }: InputFrame): Buffer {
  const frame = frameOf(inputType, inputHeaderBytes + message.length)
  frame.writeUInt32LE(viewer, frameHeaderBytes)
  frame[frameHeaderBytes + 4] = channel
  frame[frameHeaderBytes + 5] = isText ? 1 : 0
  frame.set(message, frameHeaderBytes + inputHeaderBytes)
  return frame
}

/** The message is a view of `body`. Throws ChildError `protocol-violation`. */
export function decodeInput(body: Buffer): InputFrame {
  if (body.length < inputHeaderBytes) throw violation(`an input has ${body.length} bytes`)
  return {
    viewer: body.readUInt32LE(0),
    channel: body.readUInt8(4),
    isText: (body.readUInt8(5) & 1) === 1,
    message: body.subarray(inputHeaderBytes),
  }
}

export function encodeText({ viewer, text }: TextFrame): Buffer {
  const frame = frameOf(textType, textHeaderBytes + Buffer.byteLength(text))
  frame.writeUInt32LE(viewer, frameHeaderBytes)
  frame.write(text, frameHeaderBytes + textHeaderBytes)
  return frame
}

/** Throws ChildError `protocol-violation`. */
export function decodeText(body: Buffer): TextFrame {
  if (body.length < textHeaderBytes) throw violation(`a text has ${body.length} bytes`)
  return { viewer: body.readUInt32LE(0), text: body.toString('utf8', textHeaderBytes) }
}

export function encodeMessage({ channel, message }: MessageFrame): Buffer {
  const isText = typeof message === 'string'
  const frame = frameOf(messageType, messageHeaderBytes + (isText ? Buffer.byteLength(message) : message.length))
  frame.writeUInt32LE(channel, frameHeaderBytes)
  frame[frameHeaderBytes + 4] = isText ? 1 : 0
  if (isText) frame.write(message, frameHeaderBytes + messageHeaderBytes)
  else frame.set(message, frameHeaderBytes + messageHeaderBytes)
  return frame
}

/** Bytes are a view of `body`. Throws ChildError `protocol-violation`. */
export function decodeMessage(body: Buffer): MessageFrame {
  if (body.length < messageHeaderBytes) throw violation(`a message has ${body.length} bytes`)
  const isText = (body.readUInt8(4) & 1) === 1
  const rest = body.subarray(messageHeaderBytes)
  return { channel: body.readUInt32LE(0), message: isText ? rest.toString('utf8') : rest }
}

export function encodePacket({ reach, packet }: PacketFrame): Buffer {
  const frame = frameOf(packetType, packetHeaderBytes + packet.length)
  frame.writeUInt32LE(reach, frameHeaderBytes)
  frame.set(packet, frameHeaderBytes + packetHeaderBytes)
  return frame
}

/** The packet is a view of `body`. Throws ChildError `protocol-violation`. */
export function decodePacket(body: Buffer): PacketFrame {
  if (body.length < packetHeaderBytes) throw violation(`a packet has ${body.length} bytes`)
  return { reach: body.readUInt32LE(0), packet: body.subarray(packetHeaderBytes) }
}

export function encodeStream({ channel, stream, kind, data }: StreamFrame): Buffer {
  const frame = frameOf(streamType, streamHeaderBytes + data.length)
  frame.writeUInt32LE(channel, frameHeaderBytes)
  frame.writeUInt32LE(stream, frameHeaderBytes + 4)
  frame[frameHeaderBytes + 8] = streamKinds.indexOf(kind)
  frame.set(data, frameHeaderBytes + streamHeaderBytes)
  return frame
}

/** Data is a view of `body`. Throws ChildError `protocol-violation`. */
export function decodeStream(body: Buffer): StreamFrame {
  if (body.length < streamHeaderBytes) throw violation(`a stream frame has ${body.length} bytes`)
  const kind = streamKinds[body.readUInt8(8)]
  const data = body.subarray(streamHeaderBytes)
  if (!kind || (kind === 'taken' && data.length !== 4)) throw violation(`a stream frame is of kind ${body[8]}`)
  return { channel: body.readUInt32LE(0), stream: body.readUInt32LE(4), kind, data }
}

/** The contents of `taken`. */
export function takenOf(bytes: number): Uint8Array {
  const data = Buffer.alloc(4)
  data.writeUInt32LE(bytes)
  return data
}

export function countOfTaken({ data }: Pick<StreamFrame, 'data'>): number {
  return new DataView(data.buffer, data.byteOffset, data.length).getUint32(0, true)
}

/** Where what follows begins. */
function writeViewers(frame: Buffer, offset: number, viewers: readonly number[]): number {
  let at = offset
  for (const viewer of viewers) at = frame.writeUInt32LE(viewer, at)
  return at
}

function readViewers(body: Buffer, count: number, offset: number): { viewers: number[]; rest: Buffer } {
  const end = offset + 4 * count
  if (body.length < end) throw violation(`a frame for ${count} viewers has ${body.length} bytes`)
  const viewers: number[] = []
  for (let at = offset; at < end; at += 4) viewers.push(body.readUInt32LE(at))
  return { viewers, rest: body.subarray(end) }
}
