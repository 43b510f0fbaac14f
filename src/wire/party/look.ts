import * as v from 'valibot'
import { conversation } from '../../kernel/monitor/conversation.ts'
import { branch, choice, message } from '../../kernel/protocol/notation.ts'
import { protocol } from '../../kernel/protocol/protocol.ts'
import { excessOf } from '../json-shape.ts'
import { WireError } from '../wire-error.ts'
import { encodeFramed } from './share.ts'

/**
 * What two members say on a stream by which one looks into a lobby of the other, for a wall: how it looks now, small. Each says one message,
 * framed as those of port sharing are; a picture follows its message as one frame, a JPEG.
 */
const roles = ['member', 'sharer'] as const

export const lobbyLooking = conversation('lobby looking', roles, [
  protocol('looking', roles, [
    message('member', 'sharer', 'look'),
    choice('sharer', 'member', { picture: branch(), unchanged: branch(), nothing: branch(), refused: branch() }),
  ]),
])

const tag = v.pipe(v.string(), v.maxLength(64))
const look = v.strictObject({
  type: v.literal('look'),
  lobby: v.pipe(v.string(), v.maxLength(64)),
  /** Of the picture that is known. */
  tag: v.optional(tag),
})
const lookAnswer = v.variant('type', [
  v.strictObject({ type: v.literal('picture'), tag }),
  v.strictObject({ type: v.literal('unchanged') }),
  /** There is nothing to see now. */
  v.strictObject({ type: v.literal('nothing') }),
  /** There is no such lobby, with this member at least, or it asks too often. */
  v.strictObject({ type: v.literal('refused') }),
])
export type Look = v.InferOutput<typeof look>
export type LookAnswer = v.InferOutput<typeof lookAnswer>

const mostMessageBytes = 1024

/** Undefined for the first message of another conversation. Throws WireError for one that makes no sense. */
export function decodeLook(bytes: Uint8Array): Look | undefined {
  if (bytes.length > mostMessageBytes) return undefined
  const said = parse(bytes)
  const isLook = typeof said === 'object' && said !== null && 'type' in said && said.type === 'look'
  return isLook ? checked(look, said) : undefined
}

/** Throws WireError `malformed`. */
export function decodeLookAnswer(bytes: Uint8Array): LookAnswer {
  if (bytes.length > mostMessageBytes) throw new WireError('too-long', 'Cannot read what a member says of a lobby')
  return checked(lookAnswer, parse(bytes))
}

export function encodeLook(said: Look | LookAnswer): Uint8Array {
  return encodeFramed(new TextEncoder().encode(JSON.stringify(said)))
}

function checked<Shape extends v.GenericSchema>(shape: Shape, said: unknown): v.InferOutput<Shape> {
  const read = v.safeParse(shape, said)
  if (read.success) return read.output
  throw new WireError('malformed', `Cannot read what a member says of a lobby: ${read.issues[0].message}`)
}

/** Undefined for what is no JSON, or more of it than anybody has to say. */
function parse(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes)
  if (excessOf(text) !== undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
