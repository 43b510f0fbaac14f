/**
 * What a media process says to a viewer process on a way of their own, a Unix socket, in frames (os/child/frame.ts): first, as a
 * control message, who it is and the proof of it; then pictures, once each, which the viewer process gives to those whom the server has
 * named.
 *
 *     type 2, video
 *     0        4           8        12       13      14      16       18         26        34
 *     +--------+-----------+--------+--------+-------+-------+--------+----------+---------+-----
 *     | source | rendition | number | flags  | codec | width | height | captured | encoded | unit
 *     | uint32 | uint32    | uint32 | 1: key | uint8 | uint16| uint16 | float64  | float64 |
 *     +--------+-----------+--------+--------+-------+-------+--------+----------+---------+-----
 *
 *     type 3, over: nothing more comes of this rendition
 *     0        4
 *     +--------+-----------+
 *     | source | rendition |
 *     | uint32 | uint32    |
 *     +--------+-----------+
 */
import * as v from 'valibot'
import { codecFacts, codecOfNumber } from '../../domain/video-codec.ts'
import { conversation, planConversation } from '../../kernel/monitor/conversation.ts'
import { after, allBut, atMost } from '../../kernel/monitor/order.ts'
import { protocol } from '../../kernel/protocol/protocol.ts'
import { unchecked } from '../../kernel/protocol/schema.ts'
import { speaker } from '../../kernel/protocol/speaker.ts'
import { violation } from '../../os/child/child-error.ts'
import { frameHeaderBytes, frameOf } from '../../os/child/frame.ts'
import type { AccessUnit } from '../contract/access-unit.ts'

export const flowingVideoType = 2
export const flowOverType = 3

const videoHeaderBytes = 34
const overBytes = 8

/** A rendition of one media process. */
export interface FlowName {
  readonly source: number
  readonly rendition: number
}

/** A picture and where it belongs. */
export interface FlowingVideo extends FlowName {
  /** Its place among those of its rendition. */
  readonly number: number
  readonly unit: AccessUnit
}

const greetingSchema = v.object({
  media: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffffffff)),
  proof: v.pipe(v.string(), v.hexadecimal(), v.length(64)),
})

/** Who comes, and the proof of it. */
export type UnitGreeting = v.InferOutput<typeof greetingSchema>

const roles = ['media', 'viewers'] as const
const media = speaker('media', 'viewers', {
  greeting: greetingSchema,
  video: unchecked<FlowingVideo>(),
  over: unchecked<FlowName>(),
})

/** What is said on one way from a media process to a viewer process; nothing is answered. */
export const unitLink = conversation(
  'unit link',
  roles,
  [
    protocol('who it is', roles, [media.says('greeting')]),
    protocol('pictures', roles, [media.stream('video', 'over')]),
  ],
  [after({ media: ['greeting'] }, { media: allBut('greeting') }), atMost(1, { media: ['greeting'] })],
)

export const mediaPlan = planConversation(unitLink, 'media')
export const viewersPlan = planConversation(unitLink, 'viewers')

/** Throws ChildError `protocol-violation`. */
export function parseGreeting(value: unknown): UnitGreeting {
  const result = v.safeParse(greetingSchema, value)
  if (result.success) return result.output
  throw violation(`a way of units began without a greeting: ${result.issues[0].message}`)
}

export function encodeFlowingVideo({ source, rendition, number, unit }: FlowingVideo): Buffer {
  const frame = frameOf(flowingVideoType, videoHeaderBytes + unit.data.length)
  const at = frameHeaderBytes
  frame.writeUInt32LE(source, at)
  frame.writeUInt32LE(rendition, at + 4)
  frame.writeUInt32LE(number, at + 8)
  frame[at + 12] = unit.key ? 1 : 0
  frame[at + 13] = codecFacts[unit.codec].number
  frame.writeUInt16LE(unit.width, at + 14)
  frame.writeUInt16LE(unit.height, at + 16)
  frame.writeDoubleLE(unit.captureUs, at + 18)
  frame.writeDoubleLE(unit.encodedUs, at + 26)
  frame.set(unit.data, at + videoHeaderBytes)
  return frame
}

/** The unit's data is a view of `body`. Throws ChildError `protocol-violation`. */
export function decodeFlowingVideo(body: Buffer): FlowingVideo {
  if (body.length < videoHeaderBytes) throw violation(`a flowing picture has ${body.length} bytes`)
  const codec = codecOfNumber(body.readUInt8(13))
  if (!codec) throw violation(`a flowing picture has codec ${body[13]}`)
  return {
    source: body.readUInt32LE(0),
    rendition: body.readUInt32LE(4),
    number: body.readUInt32LE(8),
    unit: {
      codec,
      key: (body.readUInt8(12) & 1) === 1,
      captureUs: body.readDoubleLE(18),
      encodedUs: body.readDoubleLE(26),
      width: body.readUInt16LE(14),
      height: body.readUInt16LE(16),
      data: body.subarray(videoHeaderBytes),
    },
  }
}

export function encodeFlowOver({ source, rendition }: FlowName): Buffer {
  const frame = frameOf(flowOverType, overBytes)
  frame.writeUInt32LE(source, frameHeaderBytes)
  frame.writeUInt32LE(rendition, frameHeaderBytes + 4)
  return frame
}

/** Throws ChildError `protocol-violation`. */
export function decodeFlowOver(body: Buffer): FlowName {
  if (body.length !== overBytes) throw violation(`the end of a flow has ${body.length} bytes`)
  return { source: body.readUInt32LE(0), rendition: body.readUInt32LE(4) }
}
