import * as v from 'valibot'
import { conversation } from '../../kernel/monitor/conversation.ts'
import { after } from '../../kernel/monitor/order.ts'
import { branch, choice } from '../../kernel/protocol/notation.ts'
import { protocol } from '../../kernel/protocol/protocol.ts'
import { unchecked } from '../../kernel/protocol/schema.ts'
import { speaker, wordsOf } from '../../kernel/protocol/speaker.ts'
import { WireError } from '../wire-error.ts'
import { partyId, peerId } from './records.ts'

/**
 * The way of packets between two members of a party through the port of its control plane, for those who have no other: on a WebSocket of its own at
 * `/ws`, which the member enters by its token, and then in binary frames:
 *
 *     | length of the id (8) | id of the other member ... | packet ... |
 *
 * To the control plane the id says who it is for, from it who sent it.
 */
export const partyTunnelSubprotocol = 'porchlight.party-tunnel.v1'

/** Of those that a client offers at `/ws`; false for a conversation with the control plane, whose clients offer none. */
export function partySubprotocolOf(offered: ReadonlySet<string>): string | false {
  return offered.has(partyTunnelSubprotocol) && partyTunnelSubprotocol
}

/** Packets are no longer: a datagram that fits every network, with what seals it. */
export const mostTunnelledBytes = 2048
const mostTextBytes = 1024

const memberMessage = v.variant('type', [
  v.object({
    type: v.literal('enter'),
    party_id: partyId,
    peer_id: peerId,
    token: v.pipe(v.string(), v.maxLength(256)),
  }),
])
const planeMessage = v.variant('type', [
  v.object({ type: v.literal('entered') }),
  /** With a code of a party's errors. The socket ends. */
  v.object({ type: v.literal('refused'), code: v.pipe(v.string(), v.maxLength(64)), message: v.string() }),
])
export type TunnelEntry = v.InferOutput<typeof memberMessage>
export type TunnelAnswer = v.InferOutput<typeof planeMessage>

const roles = ['member', 'plane'] as const
const packet = { packet: unchecked<Uint8Array>() }
const memberWords = wordsOf(memberMessage.options)
const planeWords = wordsOf(planeMessage.options)
const member = speaker('member', 'plane', { ...memberWords, ...packet })
const plane = speaker('plane', 'member', { ...planeWords, ...packet })

/** Who it is first, and packets of and to other members of the party once that was taken. */
export const partyTunnel = conversation(
  'party tunnel',
  roles,
  [
    protocol('entry', roles, [
      choice('member', 'plane', {
        enter: branch(memberWords.enter, [
          choice('plane', 'member', { entered: branch(planeWords.entered), refused: branch(planeWords.refused) }),
        ]),
      }),
    ]),
    protocol('packets sent', roles, [member.stream('packet')]),
    protocol('packets handed on', roles, [plane.stream('packet')]),
  ],
  [after({ plane: ['entered'] }, { member: ['packet'], plane: ['packet'] })],
)

export function encodeTunnelText(message: TunnelEntry | TunnelAnswer): string {
  return JSON.stringify(message)
}

/** Throws WireError `too-long` or `malformed`, which repeats nothing of what came: a token is in it. */
export const decodeTunnelEntry = (text: string): TunnelEntry => decode(memberMessage, text)

/** Throws WireError `too-long` or `malformed`. */
export const decodeTunnelAnswer = (text: string): TunnelAnswer => decode(planeMessage, text)

/** A packet for, or of, the member of that id. */
export interface TunnelledPacket {
  readonly peerId: string
  /** A view of what it came in. */
  readonly packet: Uint8Array
}

/** Throws a RangeError for an id of more than 255 bytes, which no member has. */
export function encodeTunnelled({ peerId: id, packet: sealed }: TunnelledPacket): Uint8Array {
  const name = new TextEncoder().encode(id)
  if (name.length > 255) throw new RangeError('An id of a peer has at most 255 bytes')
  const frame = new Uint8Array(1 + name.length + sealed.length)
  frame[0] = name.length
  frame.set(name, 1)
  frame.set(sealed, 1 + name.length)
  return frame
}

/** Throws WireError `malformed` or `too-long`. */
export function decodeTunnelled(frame: Uint8Array): TunnelledPacket {
  const [length = 0] = frame
  if (length === 0 || frame.length <= 1 + length) {
    throw new WireError('malformed', 'Cannot read a packet of a tunnel: wanted the id of a peer and a packet')
  }
  if (frame.length > 1 + length + mostTunnelledBytes) {
    throw new WireError('too-long', `Cannot take a packet of a tunnel: it has more than ${mostTunnelledBytes} bytes`)
  }
  return { peerId: new TextDecoder().decode(frame.subarray(1, 1 + length)), packet: frame.subarray(1 + length) }
}

function decode<Output>(schema: v.GenericSchema<unknown, Output>, text: string): Output {
  if (text.length > mostTextBytes) throw new WireError('too-long', 'A message of a tunnel is too long')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new WireError('malformed', 'A message of a tunnel is not JSON')
  }
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return result.output
  throw new WireError('malformed', `A message of a tunnel is wrong at "${v.getDotPath(result.issues[0]) ?? ''}"`)
}
