import * as v from 'valibot'
import { conversation } from '../../kernel/monitor/conversation.ts'
import { branch, choice, message } from '../../kernel/protocol/notation.ts'
import { protocol } from '../../kernel/protocol/protocol.ts'
import { excessOf } from '../json-shape.ts'
import { WireError } from '../wire-error.ts'

/**
 * What two members say at the beginning of a stream that is to lead to a port of one of them. Each says one message; then all bytes are
 * those of the connection, or for UDP datagrams, as long as both are there:
 *
 *     | length (16) | JSON of the message ... |
 *     | length (16) | datagram ... |              again and again, for UDP
 */
const roles = ['member', 'sharer'] as const

export const portSharing = conversation('port sharing', roles, [
  protocol('opening', roles, [
    message('member', 'sharer', 'open'),
    choice('sharer', 'member', { accepted: branch(), refused: branch() }),
  ]),
])

export const shareProtocols = ['tcp', 'udp'] as const
export type ShareProtocol = (typeof shareProtocols)[number]

export const shareRefusals = [
  /** No port of that number is shared, with this member at least: that it is with others is not told. */
  'not-shared',
  /** Nothing listens there now. */
  'not-there',
  /** As many connections as there may be. */
  'busy',
] as const
export type ShareRefusal = (typeof shareRefusals)[number]

const shareOpen = v.strictObject({
  type: v.literal('open'),
  protocol: v.picklist(shareProtocols),
  port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
})
const shareAnswer = v.variant('type', [
  v.strictObject({ type: v.literal('accepted') }),
  v.strictObject({ type: v.literal('refused'), why: v.picklist(shareRefusals) }),
])
export type ShareOpen = v.InferOutput<typeof shareOpen>
export type ShareAnswer = v.InferOutput<typeof shareAnswer>

const mostMessageBytes = 1024
export const lengthBytes = 2
export const mostSharedDatagramBytes = 65_507

/** Throws WireError `malformed` or `too-long`. */
export const decodeShareOpen = (bytes: Uint8Array): ShareOpen => decode(shareOpen, bytes)

/** Throws WireError `malformed` or `too-long`. */
export const decodeShareAnswer = (bytes: Uint8Array): ShareAnswer => decode(shareAnswer, bytes)

export function encodeShareMessage(said: ShareOpen | ShareAnswer): Uint8Array {
  return encodeFramed(new TextEncoder().encode(JSON.stringify(said)))
}

/** Throws WireError `too-long` for more than a datagram has. */
export function encodeFramed(data: Uint8Array): Uint8Array {
  if (data.length > mostSharedDatagramBytes) throw new WireError('too-long', `A datagram has no ${data.length} bytes`)
  const bytes = new Uint8Array(lengthBytes + data.length)
  new DataView(bytes.buffer).setUint16(0, data.length)
  bytes.set(data, lengthBytes)
  return bytes
}

function decode<Shape extends v.GenericSchema>(shape: Shape, bytes: Uint8Array): v.InferOutput<Shape> {
  if (bytes.length > mostMessageBytes) throw new WireError('too-long', 'Cannot read what a member says of a port')
  const text = new TextDecoder().decode(bytes)
  const excess = excessOf(text)
  if (excess !== undefined) throw new WireError('malformed', `Cannot read what a member says of a port: it ${excess}`)
  const result = v.safeParse(shape, parse(text))
  if (result.success) return result.output
  throw new WireError('malformed', `Cannot read what a member says of a port: ${result.issues[0].message}`)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new WireError('malformed', 'Cannot read what a member says of a port: it is not JSON')
  }
}
