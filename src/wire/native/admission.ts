import * as v from 'valibot'
import { roles as memberRoles } from '../../domain/member.ts'
import { conversation } from '../../kernel/monitor/conversation.ts'
import { again, branch, choice, loop } from '../../kernel/protocol/notation.ts'
import { protocol } from '../../kernel/protocol/protocol.ts'
import { maxDeviceNameLength, maxNameLength } from '../api/resources.ts'
import { WireError } from '../wire-error.ts'

/** Longer than any message of an admission. */
export const maxAdmissionBytes = 2048

const secret = v.pipe(v.string(), v.regex(/^[\w-]{43}$/))
const name = (maxLength: number) => v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(maxLength))
/** How the member is to find the device among others. */
const device = name(maxDeviceNameLength)

/**
 * What a device comes for: a session, whose conversation follows, or, where that stands, requests of the API, each on a stream of its own.
 * A session where it is left out.
 */
const wants = v.exactOptional(v.picklist(['session', 'requests']))

const clientWords = {
  /** Its key is known here, or it asks whether. */
  knock: v.strictObject({ type: v.literal('knock'), wants }),
  redeem: v.strictObject({
    type: v.literal('redeem'),
    /** The token of the invitation. */
    invitation: secret,
    /** How the others are to call the member. */
    name: name(maxNameLength),
    pin: v.exactOptional(v.pipe(v.string(), v.regex(/^\d{4,8}$/))),
    device,
    wants,
  }),
  /** The token of a member whose device this is to be, the owner's for instance. */
  prove: v.strictObject({ type: v.literal('prove'), token: secret, device, wants }),
}

const hostWords = {
  welcome: v.object({
    type: v.literal('welcome'),
    memberId: v.string(),
    name: v.string(),
    role: v.picklist(memberRoles),
    /** That of the invitation; null for who may enter several. */
    lobbyId: v.nullable(v.string()),
  }),
  /** The key is not known here, or not any more: something has to be shown. */
  stranger: v.object({ type: v.literal('stranger') }),
  refused: v.object({ type: v.literal('refused'), code: v.string(), message: v.string() }),
}

type MessageOf<Words extends Readonly<Record<string, v.GenericSchema>>> = v.InferOutput<Words[keyof Words]>
export type AdmissionRequest = MessageOf<typeof clientWords>
export type AdmissionAnswer = MessageOf<typeof hostWords>

const roles = ['client', 'host'] as const

/**
 * How a device comes in on a channel, before anything else is said on it: by its key, which the channel has proved already; a key that is not
 * known becomes a member's by an invitation or by the member's own token, which nobody but the host sees.
 */
export const admission = conversation('admission', roles, [
  protocol('admission', roles, [
    loop('door', [
      choice('client', 'host', {
        knock: branch(clientWords.knock, [
          choice('host', 'client', {
            welcome: branch(hostWords.welcome),
            stranger: branch(hostWords.stranger, [again('door')]),
            refused: branch(hostWords.refused, [again('door')]),
          }),
        ]),
        redeem: branch(clientWords.redeem, [
          choice('host', 'client', {
            welcome: branch(hostWords.welcome),
            refused: branch(hostWords.refused, [again('door')]),
          }),
        ]),
        prove: branch(clientWords.prove, [
          choice('host', 'client', {
            welcome: branch(hostWords.welcome),
            refused: branch(hostWords.refused, [again('door')]),
          }),
        ]),
      }),
    ]),
  ]),
])

export function encodeAdmission(message: AdmissionRequest | AdmissionAnswer): string {
  return JSON.stringify(message)
}

/** Throws WireError `too-long`, `malformed` or `unknown-type`, which repeats nothing of what came: it can be a token. */
export function decodeAdmissionRequest(text: string | Uint8Array): AdmissionRequest {
  return decode(clientWords, text)
}

/** As {@link decodeAdmissionRequest}. */
export function decodeAdmissionAnswer(text: string | Uint8Array): AdmissionAnswer {
  return decode(hostWords, text)
}

function decode<Words extends Readonly<Record<string, v.GenericSchema>>>(
  words: Words,
  text: string | Uint8Array,
): MessageOf<Words> {
  if (text.length > maxAdmissionBytes) throw new WireError('too-long', 'A message of an admission is too long')
  let value: unknown
  try {
    value = JSON.parse(typeof text === 'string' ? text : new TextDecoder('utf-8', { fatal: true }).decode(text))
  } catch {
    throw new WireError('malformed', 'A message of an admission is not JSON in UTF-8')
  }
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined
  const schema = typeof type === 'string' && Object.hasOwn(words, type) ? words[type] : undefined
  if (!schema) throw new WireError('unknown-type', 'A message of an admission is of no kind that there is')
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return result.output
  const path = v.getDotPath(result.issues[0]) ?? ''
  throw new WireError('malformed', `A message of an admission is wrong at "${path}"`)
}
