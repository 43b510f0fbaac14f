/**
 * The title that a lobby takes when it is asked for this one: one line without control characters, half characters and
 * changes of the writing direction, since it is shown in pages, pictures, logs and terminals. `fallback` where nothing
 * is left.
 */
export function printableTitle(asked: string, fallback: string): string {
  const cleaned = asked
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069\uFFFD]+/gu, ' ')
    .trim()
  return cleaned || fallback
}
