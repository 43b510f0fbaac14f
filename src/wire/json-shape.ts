/** Deeper than anything that is asked for here. */
const maxDepth = 32
/** More values than anything that is asked for here has; each costs more than its text. */
const maxValues = 10_000

const quote = 0x22
const comma = 0x2c
const backslash = 0x5c
const opening: ReadonlySet<number> = new Set([0x5b, 0x7b])
const closing: ReadonlySet<number> = new Set([0x5d, 0x7d])

/** What is too much about a text of JSON, before it is read; undefined when nothing is. */
export function excessOf(json: string): string | undefined {
  let depth = 0
  let values = 1
  let isText = false
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at)
    if (isText) {
      if (code === backslash) at++
      else if (code === quote) isText = false
    } else if (code === quote) isText = true
    else if (code === comma) values++
    else if (opening.has(code)) depth++
    else if (closing.has(code)) depth--
    if (depth > maxDepth) return `is nested more than ${maxDepth} deep`
    if (values > maxValues) return `has more than ${maxValues} values`
  }
  return undefined
}
