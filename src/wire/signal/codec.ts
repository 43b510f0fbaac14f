import * as v from 'valibot'
import { WireError } from '../wire-error.ts'
import { clientMessage, maxSignalBytes, serverMessage, type ClientMessage, type ServerMessage } from './messages.ts'

/** The text of a message. */
export function encodeSignal(message: ClientMessage | ServerMessage): string {
  return JSON.stringify(message)
}

/** Reads what a client sent: at most `maxSignalBytes` of JSON. Throws WireError, whose message repeats nothing of it. */
export function decodeClientMessage(data: string | Uint8Array): ClientMessage {
  return decode(clientMessage, data)
}

/** Reads what the host sent; as {@link decodeClientMessage}. */
export function decodeServerMessage(data: string | Uint8Array): ServerMessage {
  return decode(serverMessage, data)
}

function decode<Schema extends typeof clientMessage | typeof serverMessage>(
  schema: Schema,
  data: string | Uint8Array,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, parse(data), { abortEarly: true })
  if (result.success) return result.output
  const [issue] = result.issues
  const path = v.getDotPath(issue)
  const field = path === null ? 'it' : `"${path}"`
  // What was received stays out of the message: it can be a token.
  const finding = path !== null && issue.input === undefined ? 'is missing' : `must be ${issue.expected ?? issue.type}`
  throw new WireError(
    path === 'type' ? 'unknown-type' : 'malformed',
    `Cannot read signalling message: ${field} ${finding}`,
  )
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
