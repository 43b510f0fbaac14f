import { parse } from 'smol-toml'

/**
 * The line, counted from 1, on which a TOML text says what is at `path`; where nothing is, the line of the nearest table
 * around it. The text has to be valid.
 *
 * The parser does not tell positions, but it can tell whether a value is in the text up to some line. A value begins
 * behind the last part before it that is complete: what ends in the middle of a value is not TOML.
 */
export function lineOf(text: string, path: readonly string[]): number {
  const lines = text.split('\n')
  for (let depth = path.length; depth > 0; depth--) {
    const line = firstLineWith(lines, path.slice(0, depth))
    if (line !== undefined) return line
  }
  return 1
}

function firstLineWith(lines: readonly string[], path: readonly string[]): number | undefined {
  let complete = 0
  for (let count = 1; count <= lines.length; count++) {
    const value = parsed(lines.slice(0, count).join('\n'))
    if (value === undefined) continue
    if (has(value, path)) return complete + 1
    complete = count
  }
  return undefined
}

function parsed(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

function has(value: unknown, path: readonly string[]): boolean {
  let at = value
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return false
    at = (at as Record<string, unknown>)[key]
  }
  return true
}
