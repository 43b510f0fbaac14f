/** Of a host's; what is longer never was one. */
const longestSessionId = 64

/** What a page has stored may be anything. */
export function isSessionId(id: unknown): id is string {
  return typeof id === 'string' && id !== '' && id.length <= longestSessionId
}
