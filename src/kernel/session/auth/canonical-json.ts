import { messageOf } from '../../coded-error.ts'
import { frozenValue } from '../../frozen-value.ts'
import { SessionError } from '../contract/session-error.ts'

/** What a payload is, in front of its bytes: nothing can be taken for something else. */
const kinds = { nothing: 0, json: 1, bytes: 2 } as const

/**
 * The bytes that stand for a payload: a `Uint8Array`, or JSON with sorted keys. Throws `unsignable` for what JSON would
 * lose (a Map, NaN, a bigint, bytes inside an object), so that payloads that differ on a wire differ in their bytes.
 */
export function canonicalBytes(payload: unknown): Uint8Array {
  if (payload === undefined) return Uint8Array.of(kinds.nothing)
  if (payload instanceof Uint8Array) return tagged(kinds.bytes, payload)
  return tagged(kinds.json, new TextEncoder().encode(JSON.stringify(frozenCopy(payload), sorted)))
}

/**
 * A copy of a payload with the same canonical bytes that nobody can change: what is signed is what arrives. Bytes are
 * copied, but cannot be frozen. Throws `unsignable`.
 */
export function frozenCopy(payload: unknown): unknown {
  if (payload instanceof Uint8Array) return new Uint8Array(payload)
  try {
    return frozenValue(payload, 'payload')
  } catch (error) {
    throw new SessionError('unsignable', `Cannot sign what JSON would lose: ${messageOf(error)}`, { cause: error })
  }
}

function tagged(kind: number, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + content.length)
  bytes[0] = kind
  bytes.set(content, 1)
  return bytes
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
