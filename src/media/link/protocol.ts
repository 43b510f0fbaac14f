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
import type { AccessUnit, AudioUnit, SoundAudience } from '../contract/access-unit.ts'
import { MediaError } from '../contract/media-error.ts'
import type { Still } from '../contract/still.ts'
import type { VoiceUnit } from '../contract/voice.ts'

export const videoType = 2
export const audioType = 3
export const stillType = 4
export const voiceType = 5

const videoHeaderBytes = 36
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
  const frame = frameOf(videoType, videoHeaderBytes + unit.data.length)
  const at = frameHeaderBytes
  frame.writeUInt32LE(source, at)
  frame.writeUInt32LE(rendition, at + 4)
  frame[at + 8] = unit.key ? 1 : 0
  frame[at + 9] = codecFacts[unit.codec].number
  frame.writeUInt16LE(unit.width, at + 10)
  frame.writeUInt16LE(unit.height, at + 12)
  frame.writeUInt16LE(0, at + 14)
  frame.writeDoubleLE(unit.captureUs, at + 16)
  frame.writeDoubleLE(unit.encodedUs, at + 24)
  frame.writeUInt32LE(encodingUs, at + 32)
  frame.set(unit.data, at + videoHeaderBytes)
  return frame
}

/** The unit's data is a view of `body`. Throws MediaError `protocol-violation`. */
export function decodeVideo(body: Buffer): VideoFrame {
  if (body.length < videoHeaderBytes) throw violation(`a video frame has ${body.length} bytes`)
  const codec = codecOfNumber(body.readUInt8(9))
  if (!codec) throw violation(`a video frame has codec ${body[9]}`)
  return {
    source: body.readUInt32LE(0),
    rendition: body.readUInt32LE(4),
    encodingUs: body.readUInt32LE(32),
    unit: {
      codec,
      key: (body.readUInt8(8) & 1) === 1,
      captureUs: body.readDoubleLE(16),
      encodedUs: body.readDoubleLE(24),
      width: body.readUInt16LE(10),
      height: body.readUInt16LE(12),
      data: body.subarray(videoHeaderBytes),
    },
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
