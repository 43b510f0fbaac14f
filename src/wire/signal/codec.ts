import * as v from 'valibot'
import { WireError } from '../wire-error.ts'
import { maxSignalBytes, type ClientMessage, type ServerMessage } from './messages.ts'
import { clientWords, hostWords } from './protocol.ts'

/** The text of a message. */
export function encodeSignal(message: ClientMessage | ServerMessage): string {
  return JSON.stringify(message)
}

/** Reads what a client sent: at most `maxSignalBytes` of JSON. Throws WireError, whose message repeats nothing of it. */
export function decodeClientMessage(data: string | Uint8Array): ClientMessage {
  return decode<ClientMessage>(clientWords, data)
}

/** Reads what the host sent; as {@link decodeClientMessage}. */
export function decodeServerMessage(data: string | Uint8Array): ServerMessage {
  return decode<ServerMessage>(hostWords, data)
}

function decode<M>(words: Readonly<Record<string, v.GenericSchema<unknown, M>>>, data: string | Uint8Array): M {
  const value = parse(data)
  if (typeof value !== 'object' || value === null) throw refusal('malformed', 'it must be an object')
  const type = 'type' in value ? value.type : undefined
  const schema = typeof type === 'string' && Object.hasOwn(words, type) ? words[type] : undefined
  if (!schema) {
    const known = Object.keys(words).map((label) => JSON.stringify(label))
    throw refusal('unknown-type', `"type" ${type === undefined ? 'is missing' : `must be (${known.join(' | ')})`}`)
  }
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return result.output
  const [issue] = result.issues
  const path = v.getDotPath(issue)
  const field = path === null ? 'it' : `"${path}"`
  const finding = path !== null && issue.input === undefined ? 'is missing' : `must be ${issue.expected ?? issue.type}`
  throw refusal('malformed', `${field} ${finding}`)
}

/** What was received stays out of the message: it can be a token. */
function refusal(code: WireError['code'], why: string): WireError {
  return new WireError(code, `Cannot read signalling message: ${why}`)
}

function parse(data: string | Uint8Array): unknown {
  // A UTF-16 unit takes at least one byte, so a longer string is too long in UTF-8 too.
  const tooLong =
    data.length > maxSignalBytes || (typeof data === 'string' && new TextEncoder().encode(data).length > maxSignalBytes)
  if (tooLong) {
    throw new WireError('too-long', `Cannot read signalling message: wanted at most ${maxSignalBytes} bytes`)
  }
  try {
    return JSON.parse(typeof data === 'string' ? data : new TextDecoder('utf-8', { fatal: true }).decode(data))
  } catch {
    throw new WireError('malformed', 'Cannot read signalling message: it is not JSON in UTF-8')
  }
}
