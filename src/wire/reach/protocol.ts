import * as v from 'valibot'
import { conversation } from '../../kernel/monitor/conversation.ts'
import { after } from '../../kernel/monitor/order.ts'
import { branch, choice } from '../../kernel/protocol/notation.ts'
import { protocol } from '../../kernel/protocol/protocol.ts'
import { unchecked } from '../../kernel/protocol/schema.ts'
import { speaker, wordsOf } from '../../kernel/protocol/speaker.ts'
import { WireError } from '../wire-error.ts'
import { reachWords } from './signals.ts'

/** The WebSocket subprotocol of a web port's rendezvous. */
export const rendezvousSubprotocol = 'porchlight.reach.v1'
/** A text of it is no longer. */
export const maxRendezvousBytes = 8 * 1024

const ticket = v.pipe(v.string(), v.regex(/^[\w-]{22,64}$/))
const { introduce, candidates, relays } = reachWords

/** What a client says. */
const clientMessage = v.variant('type', [
  v.object({
    ...introduce.entries,
    /** Which host it wants: the public key of its native transport, base64url, as links tell it. */
    to: v.pipe(v.string(), v.regex(/^[\w-]{43}$/)),
  }),
  /** Instead: its socket was cut, and it comes back to what it has begun. */
  v.object({ type: v.literal('return'), ticket }),
  candidates,
])
export type RendezvousClientMessage = v.InferOutput<typeof clientMessage>

/** What a host says, or whoever answers for it. */
const hostMessage = v.variant('type', [
  /** `ticket`: by which the client comes back when its socket is cut; secret, good until then. */
  v.object({ ...introduce.entries, ticket }),
  v.object({ type: v.literal('returned'), ticket }),
  v.object({ type: v.literal('refused'), code: v.string(), message: v.string() }),
  candidates,
  relays,
])
export type RendezvousHostMessage = v.InferOutput<typeof hostMessage>

const roles = ['client', 'host'] as const
/** Packets of the native transport, sealed, and checks of the path: the tunnel. */
const packet = { packet: unchecked<Uint8Array>() }
const clientWords = wordsOf(clientMessage.options)
const hostWords = wordsOf(hostMessage.options)
const client = speaker('client', 'host', { ...clientWords, ...packet })
const host = speaker('host', 'client', { ...hostWords, ...packet })

/**
 * How a client of the native transport and a host find paths to each other through the host's web port, before there is a session and while it
 * lasts. Nothing of the session itself is said here: whoever carries it learns addresses, and reads no packet.
 */
export const rendezvous = conversation(
  'rendezvous',
  roles,
  [
    protocol('meeting', roles, [
      choice('client', 'host', {
        introduce: branch(clientWords.introduce, [
          choice('host', 'client', { introduce: branch(hostWords.introduce), refused: branch(hostWords.refused) }),
        ]),
        return: branch(clientWords.return, [
          choice('host', 'client', { returned: branch(hostWords.returned), refused: branch(hostWords.refused) }),
        ]),
      }),
    ]),
    protocol('where the client is', roles, [client.stream('candidates')]),
    protocol('where the host is', roles, [host.stream('candidates', 'relays')]),
    protocol('tunnel to the host', roles, [client.stream('packet')]),
    protocol('tunnel to the client', roles, [host.stream('packet')]),
  ],
  [
    after({ client: ['introduce', 'return'] }, { client: ['candidates'] }),
    after({ host: ['introduce', 'returned'] }, { client: ['packet'], host: ['candidates', 'relays', 'packet'] }),
  ],
)

export function encodeRendezvous(message: RendezvousClientMessage | RendezvousHostMessage): string {
  return JSON.stringify(message)
}

/** Throws WireError `too-long` or `malformed`, which repeats nothing of what came: secrets are in it. */
export function decodeRendezvousClient(text: string): RendezvousClientMessage {
  return decode(clientMessage, text)
}

/** As {@link decodeRendezvousClient}. */
export function decodeRendezvousHost(text: string): RendezvousHostMessage {
  return decode(hostMessage, text)
}

function decode<Output>(schema: v.GenericSchema<unknown, Output>, text: string): Output {
  if (text.length > maxRendezvousBytes) throw new WireError('too-long', 'A message of a rendezvous is too long')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new WireError('malformed', 'A message of a rendezvous is not JSON')
  }
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return result.output
  throw new WireError('malformed', `A message of a rendezvous is wrong at "${v.getDotPath(result.issues[0]) ?? ''}"`)
}
