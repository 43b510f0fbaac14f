/** The bytes that stand for a payload: JSON with sorted keys. Bytes stand for themselves. */
export function canonicalBytes(payload: unknown): Uint8Array {
  if (payload instanceof Uint8Array) return payload
  return new TextEncoder().encode(JSON.stringify(payload, sortKeys) ?? '')
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
