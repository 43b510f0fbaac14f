import { parse } from 'smol-toml'

/**
 * The line, counted from 1, on which a TOML text says what is at `path`; where nothing is, the line of the nearest table
 * around it. The text has to be valid.
 *
 * The parser does not tell positions, but it can tell whether a value is in the text up to some line. What ends in the
 * middle of a value is not TOML. Only lines that name the key are looked at, so that long texts cost little.
 */
export function lineOf(text: string, path: readonly string[]): number {
  const lines = text.split('\n')
  let found = 0
  for (let depth = 1; depth <= path.length; depth++) {
    const index = firstLineWith(lines, path.slice(0, depth), found)
    if (index === undefined) break
    found = index
  }
  return found + 1
}

/** The index of the line on which `path` begins to be there, from the one of its table on. */
function firstLineWith(lines: readonly string[], path: readonly string[], from: number): number | undefined {
  const key = (path.at(-1) ?? '').replaceAll(/[^\w-]/g, '\\$&')
  const named = new RegExp(`(?:^|[^\\w-])${key}(?:$|[^\\w-])`)
  const until = (count: number) => parsed(lines.slice(0, count).join('\n'))
  for (let index = from; index < lines.length; index++) {
    if (!named.test(lines[index] ?? '')) continue
    const before = until(index)
    // Within a value that is not complete no key begins.
    if (before === undefined) continue
    if (has(before, path)) return undefined
    for (let count = index + 1; count <= lines.length; count++) {
      const value = until(count)
      if (value === undefined) continue
      if (has(value, path)) return index
      break
    }
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
