/**
 * Writes the diagrams of docs/protocols.md anew, from the declarations: node scripts/protocol-diagrams.mjs
 * Each stands between `<!-- diagram: NAME -->` and `<!-- /diagram -->`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { toMermaid } from '../src/kernel/export/mermaid.ts'
import { conversations } from '../src/server/conversations.ts'

export const page = new URL('../docs/protocols.md', import.meta.url)

/**
 * The page with its diagrams as they are to be. Throws for a conversation without one, and for one without a conversation.
 *
 * @param {string} text
 * @returns {string}
 */
export function withDiagrams(text) {
  const drawn = new Set()
  const result = text.replaceAll(
    /<!-- diagram: (.+?) -->\n[^]*?<!-- \/diagram -->/g,
    (_all, /** @type {string} */ name) => {
      const found = conversations.get(name)
      if (!found) throw new RangeError(`There is no conversation "${name}"`)
      drawn.add(name)
      return `<!-- diagram: ${name} -->\n\n\`\`\`mermaid\n${toMermaid(found)}\`\`\`\n\n<!-- /diagram -->`
    },
  )
  const missing = [...conversations.keys()].filter((name) => !drawn.has(name))
  if (missing.length > 0) throw new RangeError(`The page has no diagram of ${missing.join(', ')}`)
  return result
}

if (argv[1] === fileURLToPath(import.meta.url)) writeFileSync(page, withDiagrams(readFileSync(page, 'utf8')))
