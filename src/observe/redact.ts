const secretNames = new Set([
  'authorization',
  'clipboard',
  'cookie',
  'fragment',
  'password',
  'passphrase',
  'pin',
  'secret',
  'set-cookie',
  'text',
  'credential',
])
const maxDepth = 4
const censored = '[redacted]'
/** What a link, a query string, a header or a list of WebSocket subprotocols carries. */
const carriedSecret = /\b(invite=|handover=|session=|\w*token=|bearer[. ])[^\s&#"',;]+/gi

/**
 * A copy of log fields in which everything under a secret's name is censored, however deep, and so is what a link carries;
 * errors are plain objects. The second line of defence: whoever logs does not hand over secrets in the first place.
 */
export function redact(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return redactEntries(fields, 0)
}

/** A text without the secrets of the links, query strings and credentials in it. */
export function redactText(text: string): string {
  return text.replace(carriedSecret, `$1${censored}`)
}

function redactEntries(fields: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, isSecret(name) ? censored : redactValue(value, depth + 1)]),
  )
}

function isSecret(name: string): boolean {
  const lower = name.toLowerCase()
  return secretNames.has(lower) || lower.endsWith('token')
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  if (depth > maxDepth) return '[too deep]'
  if (value instanceof Error) return describeError(value, depth)
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (value instanceof Date) return value
  if (value instanceof Map) return redactEntries(Object.fromEntries(value), depth)
  if (Array.isArray(value) || value instanceof Set) return [...value].map((item) => redactValue(item, depth + 1))
  return redactEntries(value, depth)
}

function describeError(error: Error, depth: number): Record<string, unknown> {
  return {
    name: error.name,
    ...('code' in error ? { code: error.code } : {}),
    message: redactText(error.message),
    stack: error.stack && redactText(error.stack),
    ...(error.cause === undefined ? {} : { cause: redactValue(error.cause, depth + 1) }),
  }
}
