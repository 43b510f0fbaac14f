/**
 * What a server and its media process say to each other in frames (os/child/frame.ts), beside control messages.
 *
 *     type 2, video, upwards only
 *     0        4           8        9       10      12       14      16         24         32         36
 *     +--------+-----------+--------+-------+-------+--------+-------+----------+----------+----------+-----
 *     | source | rendition | flags  | codec | width | height | 0     | captured | encoded  | encoding | unit
 *     | uint32 | uint32    | 1: key | uint8 | uint16| uint16 | uint16| float64  | float64  | uint32 µs|
 *     +--------+-----------+--------+-------+-------+--------+-------+----------+----------+----------+-----
 *
 *     flags 2: it went to inlets as well; before the unit stands then what is known of that, and flags 4 says that the unit is here too
 *     0        4       8       12      14        14 + 4 n
 *     +--------+-------+-------+-------+----------+-----
 *     | number | media | bytes | n     | inlets   | unit
 *     | uint32 | uint32| uint32| uint16| n uint32 |
 *     +--------+-------+-------+-------+----------+-----
 *
 *     type 3, audio, upwards only; for everybody who listens in a layout, or for one speaker alone
 *     0        4          8        9          17         25
 *     +--------+----------+--------+----------+----------+------
 *     | source | only for | layout | captured | position | unit      only for: a speaker's number, 0 for everybody
 *     | uint32 | uint32   | uint8  | float64  | float64  |           layout: its place among `soundLayouts`
 *     +--------+----------+--------+----------+----------+------
 *
 *     type 4, still, upwards only; the answer to an order for one
 *     0        4       6        8          16
 *     +--------+-------+--------+----------+------
 *     | source | width | height | captured | JPEG
 *     | uint32 | uint16| uint16 | float64  |
 *     +--------+-------+--------+----------+------
 *
 *     type 5, voice, downwards only
 *     0        4         8           12
 *     +--------+---------+-----------+------
 *     | source | speaker | timestamp | unit
 *     | uint32 | uint32  | uint32    |
 *     +--------+---------+-----------+------
 */
import { soundLayouts } from '../../domain/sound-layout.ts'
import { codecFacts, codecOfNumber } from '../../domain/video-codec.ts'
import { frameHeaderBytes, frameOf } from '../../os/child/frame.ts'
import type { AccessUnit, AudioUnit, SoundAudience, UnitFlow } from '../contract/access-unit.ts'
import { MediaError } from '../contract/media-error.ts'
import type { Still } from '../contract/still.ts'
import type { VoiceUnit } from '../contract/voice.ts'

export const videoType = 2
export const audioType = 3
export const stillType = 4
export const voiceType = 5

/** How many viewer processes a rendition may be sent to. */
export const mostLinks = 64

const videoHeaderBytes = 36
const flowHeaderBytes = 14
const audioHeaderBytes = 25
const stillHeaderBytes = 16
const voiceHeaderBytes = 12

/** An access unit and where it belongs. */
export interface VideoFrame {
  readonly source: number
  readonly rendition: number
  /** How long the encoder worked on it, in microseconds. */
  readonly encodingUs: number
  readonly unit: AccessUnit
}

export interface AudioFrame extends SoundAudience {
  readonly source: number
  readonly unit: AudioUnit
}

/** A packet of somebody's microphone, and where it belongs. */
export interface VoiceFrame {
  readonly source: number
  readonly speaker: number
  readonly unit: VoiceUnit
}

export interface StillFrame {
  readonly source: number
  readonly still: Still
}

export function encodeVideo({ source, rendition, encodingUs, unit }: VideoFrame): Buffer {
  const { flow } = unit
  const flowBytes = flow ? flowHeaderBytes + 4 * flow.links.length : 0
  const frame = frameOf(videoType, videoHeaderBytes + flowBytes + unit.data.length)
  const at = frameHeaderBytes
  frame.writeUInt32LE(source, at)
  frame.writeUInt32LE(rendition, at + 4)
  frame[at + 8] = (unit.key ? 1 : 0) | (flow ? 2 : 0) | (flow?.isHere ? 4 : 0)
  frame[at + 9] = codecFacts[unit.codec].number
  frame.writeUInt16LE(unit.width, at + 10)
  frame.writeUInt16LE(unit.height, at + 12)
  frame.writeUInt16LE(0, at + 14)
  frame.writeDoubleLE(unit.captureUs, at + 16)
  frame.writeDoubleLE(unit.encodedUs, at + 24)
  frame.writeUInt32LE(encodingUs, at + 32)
  if (flow) writeFlow(frame, at + videoHeaderBytes, flow)
  frame.set(unit.data, at + videoHeaderBytes + flowBytes)
  return frame
}

function writeFlow(frame: Buffer, offset: number, { number, media, bytes, links }: UnitFlow): void {
  frame.writeUInt32LE(number, offset)
  frame.writeUInt32LE(media, offset + 4)
  frame.writeUInt32LE(bytes, offset + 8)
  frame.writeUInt16LE(links.length, offset + 12)
  let at = offset + flowHeaderBytes
  for (const link of links) at = frame.writeUInt32LE(link, at)
}

/** The unit's data is a view of `body`. Throws MediaError `protocol-violation`. */
export function decodeVideo(body: Buffer): VideoFrame {
  if (body.length < videoHeaderBytes) throw violation(`a video frame has ${body.length} bytes`)
  const codec = codecOfNumber(body.readUInt8(9))
  if (!codec) throw violation(`a video frame has codec ${body[9]}`)
  const source = body.readUInt32LE(0)
  const rendition = body.readUInt32LE(4)
  const flags = body.readUInt8(8)
  const flow = (flags & 2) === 2 ? readFlow(body, { source, rendition, isHere: (flags & 4) === 4 }) : undefined
  return {
    source,
    rendition,
    encodingUs: body.readUInt32LE(32),
    unit: {
      codec,
      key: (flags & 1) === 1,
      captureUs: body.readDoubleLE(16),
      encodedUs: body.readDoubleLE(24),
      width: body.readUInt16LE(10),
      height: body.readUInt16LE(12),
      data: body.subarray(videoHeaderBytes + (flow ? flowHeaderBytes + 4 * flow.links.length : 0)),
      ...(flow && { flow }),
    },
  }
}

function readFlow(body: Buffer, of: Pick<UnitFlow, 'source' | 'rendition' | 'isHere'>): UnitFlow {
  const at = videoHeaderBytes
  const count = body.length < at + flowHeaderBytes ? -1 : body.readUInt16LE(at + 12)
  const end = at + flowHeaderBytes + 4 * count
  if (count < 0 || count > mostLinks || body.length < end) {
    throw violation(`a video frame that went to ${count} inlets has ${body.length} bytes`)
  }
  const links: number[] = []
  for (let from = at + flowHeaderBytes; from < end; from += 4) links.push(body.readUInt32LE(from))
  return {
    ...of,
    number: body.readUInt32LE(at),
    media: body.readUInt32LE(at + 4),
    bytes: body.readUInt32LE(at + 8),
    links,
  }
}

export function encodeAudio({ source, onlyFor, layout, unit }: AudioFrame): Buffer {
  const frame = frameOf(audioType, audioHeaderBytes + unit.data.length)
  frame.writeUInt32LE(source, frameHeaderBytes)
  frame.writeUInt32LE(onlyFor ?? 0, frameHeaderBytes + 4)
  frame[frameHeaderBytes + 8] = soundLayouts.indexOf(layout)
  frame.writeDoubleLE(unit.captureUs, frameHeaderBytes + 9)
  frame.writeDoubleLE(unit.positionSamples, frameHeaderBytes + 17)
  frame.set(unit.data, frameHeaderBytes + audioHeaderBytes)
  return frame
}

/** The unit's data is a view of `body`. Throws MediaError `protocol-violation`. */
export function decodeAudio(body: Buffer): AudioFrame {
  if (body.length < audioHeaderBytes) throw violation(`an audio frame has ${body.length} bytes`)
  const layout = soundLayouts[body.readUInt8(8)]
  if (!layout) throw violation(`an audio frame has layout ${body[8]}`)
  return {
    source: body.readUInt32LE(0),
    onlyFor: body.readUInt32LE(4) || undefined,
    layout,
    unit: {
      captureUs: body.readDoubleLE(9),
      positionSamples: body.readDoubleLE(17),
      data: body.subarray(audioHeaderBytes),
    },
  }
}

export function encodeStill({ source, still }: StillFrame): Buffer {
  const frame = frameOf(stillType, stillHeaderBytes + still.jpeg.length)
  frame.writeUInt32LE(source, frameHeaderBytes)
  frame.writeUInt16LE(still.width, frameHeaderBytes + 4)
  frame.writeUInt16LE(still.height, frameHeaderBytes + 6)
  frame.writeDoubleLE(still.captureUs, frameHeaderBytes + 8)
  frame.set(still.jpeg, frameHeaderBytes + stillHeaderBytes)
  return frame
}

/** The JPEG is a copy: it is kept for longer than `body`. Throws MediaError `protocol-violation`. */
export function decodeStill(body: Buffer): StillFrame {
  if (body.length < stillHeaderBytes) throw violation(`a still has ${body.length} bytes`)
  return {
    source: body.readUInt32LE(0),
    still: {
      width: body.readUInt16LE(4),
      height: body.readUInt16LE(6),
      captureUs: body.readDoubleLE(8),
      jpeg: new Uint8Array(body.subarray(stillHeaderBytes)),
    },
  }
}

export function encodeVoice({ source, speaker, unit }: VoiceFrame): Buffer {
  const frame = frameOf(voiceType, voiceHeaderBytes + unit.data.length)
  frame.writeUInt32LE(source, frameHeaderBytes)
  frame.writeUInt32LE(speaker, frameHeaderBytes + 4)
  frame.writeUInt32LE(unit.timestamp, frameHeaderBytes + 8)
  frame.set(unit.data, frameHeaderBytes + voiceHeaderBytes)
  return frame
}

/** The data is a copy: it is kept for longer than `body`. Throws MediaError `protocol-violation`. */
export function decodeVoice(body: Buffer): VoiceFrame {
  if (body.length < voiceHeaderBytes) throw violation(`a voice has ${body.length} bytes`)
  return {
    source: body.readUInt32LE(0),
    speaker: body.readUInt32LE(4),
    unit: { timestamp: body.readUInt32LE(8), data: new Uint8Array(body.subarray(voiceHeaderBytes)) },
  }
}

/** The error of an end that hears what nobody would say. */
export function violation(found: string): MediaError {
  return new MediaError('protocol-violation', `Cannot go on between server and media process: ${found}`)
}
