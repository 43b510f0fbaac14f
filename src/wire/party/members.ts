import * as v from 'valibot'
import { conversation } from '../../kernel/monitor/conversation.ts'
import { KnownVersions } from '../../kernel/monitor/known-versions.ts'
import { after, allBut, last } from '../../kernel/monitor/order.ts'
import { forever, message } from '../../kernel/protocol/notation.ts'
import { protocol } from '../../kernel/protocol/protocol.ts'
import { speaker, wordsOf } from '../../kernel/protocol/speaker.ts'
import { excessOf } from '../json-shape.ts'
import { WireError } from '../wire-error.ts'
import { peerSignals, tellPeerSignal } from './peer-signal.ts'
import { wallMessages } from './wall.ts'

/** Why a conversation of two members is over. */
export const memberFaults = ['protocol-violation', 'malformed', 'other-version', 'left'] as const
export type MemberFault = (typeof memberFaults)[number]

const over = v.object({
  type: v.literal('over'),
  code: v.picklist(memberFaults),
  detail: v.pipe(v.string(), v.maxLength(300)),
})
const met = v.object({ type: v.literal('met') })

const memberMessage = v.variant('type', [met, ...wallMessages, ...peerSignals, over])
export type MemberMessage = v.InferOutput<typeof memberMessage>

/** What members say once they have met. */
export type MemberWord = Exclude<MemberMessage, { readonly type: 'met' | 'over' }>

const words = wordsOf([...wallMessages, ...peerSignals, over])
const roles = ['caller', 'called'] as const
const caller = speaker('caller', 'called', words)
const called = speaker('called', 'caller', words)

/**
 * What two members of a party say to each other, as signals of their control plane that it cannot read (`sealed-signal.ts`). They meet by a
 * handshake, the last word of which is the first that is sealed; whoever has more to say than an answer says it at any time. A message
 * that is lost ends the conversation, and the next one begins with another handshake, so that order holds on a wire that promises none.
 */
export const partyMembers = conversation(
  'party members',
  roles,
  [
    protocol('meeting', roles, [
      message('caller', 'called', 'greet'),
      message('called', 'caller', 'greeted'),
      message('caller', 'called', 'met', met),
    ]),
    protocol('what the caller shows', roles, [caller.stream('card')]),
    protocol('what the called one shows', roles, [called.stream('card')]),
    protocol('visits of the caller', roles, [
      forever([caller.says('visit', 'start'), called.says('welcome', 'refused')]),
    ]),
    protocol('visits of the called one', roles, [
      forever([called.says('visit', 'start'), caller.says('welcome', 'refused')]),
    ]),
    protocol('round trips of the caller', roles, [forever([caller.says('ping'), called.says('pong')])]),
    protocol('round trips of the called one', roles, [forever([called.says('ping'), caller.says('pong')])]),
    protocol('where the caller is', roles, [caller.stream('offer', 'lease', 'bye')]),
    protocol('where the called one is', roles, [called.stream('offer', 'lease', 'bye')]),
    protocol('end of the caller', roles, [caller.says('over')]),
    protocol('end of the called one', roles, [called.says('over')]),
  ],
  [
    after({ caller: ['met'] }, { caller: allBut('greet', 'met'), called: allBut('greeted', 'over') }),
    after({ caller: ['offer'] }, { caller: ['lease', 'bye'] }),
    after({ called: ['offer'] }, { called: ['lease', 'bye'] }),
    last('caller', 'over'),
    last('called', 'over'),
  ],
)

/** What members of other versions may have; none has gone yet. */
export function knownMembers(): KnownVersions {
  return new KnownVersions(partyMembers, [])
}

/** What is sealed. */
export function encodeMemberMessage(said: MemberMessage): Uint8Array {
  const isSignal = said.type === 'offer' || said.type === 'lease' || said.type === 'bye'
  return new TextEncoder().encode(JSON.stringify(isSignal ? tellPeerSignal(said) : said))
}

/** Throws WireError `malformed`, which repeats nothing of what came: secrets are in it. */
export function decodeMemberMessage(bytes: Uint8Array): MemberMessage {
  const text = new TextDecoder().decode(bytes)
  const excess = excessOf(text)
  if (excess !== undefined) throw new WireError('malformed', `Cannot read what a member says: it ${excess}`)
  const result = v.safeParse(memberMessage, parsed(text))
  if (result.success) return result.output
  const [issue] = result.issues
  throw new WireError('malformed', `Cannot read what a member says: wrong at "${v.getDotPath(issue) ?? ''}"`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new WireError('malformed', 'Cannot read what a member says: it is not JSON')
  }
}
