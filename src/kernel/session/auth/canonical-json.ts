import { SessionError } from '../session-error.ts'

/** What a payload is, in front of its bytes: nothing can be taken for something else. */
const kinds = { nothing: 0, json: 1, bytes: 2 } as const

/**
 * The bytes that stand for a payload: a `Uint8Array`, or JSON with sorted keys. Throws `unsignable` for what JSON would
 * lose (a Map, NaN, a bigint, bytes inside an object), so that payloads that differ on a wire differ in their bytes.
 */
export function canonicalBytes(payload: unknown): Uint8Array {
  if (payload === undefined) return Uint8Array.of(kinds.nothing)
  if (payload instanceof Uint8Array) return tagged(kinds.bytes, payload)
  return tagged(kinds.json, new TextEncoder().encode(JSON.stringify(payload, canonicalValue)))
}

function tagged(kind: number, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + content.length)
  bytes[0] = kind
  bytes.set(content, 1)
  return bytes
}

function canonicalValue(key: string, value: unknown): unknown {
  if (Array.isArray(value) || value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  // A key whose value is undefined is not there, on the wire as in the signature.
  if (value === undefined && key !== '') return undefined
  if (typeof value === 'object' && isPlain(value)) {
    return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  }
  throw new SessionError(
    'unsignable',
    `Cannot sign a payload with ${nameOf(value)} at "${key}": JSON does not carry it`,
  )
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

function nameOf(value: unknown): string {
  return typeof value === 'object' && value ? `a ${value.constructor.name}` : String(value)
}
