import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { inRoot } from './paths.mjs'

/** What stands after `from`, `import` or `import(`; types alone count too, since they are part of what a file means. */
const specifiers = /(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g

/** Who imports whom in the sources, read from them as text: it costs a few hundredths of a second for all of them. */
export class ImportGraph {
  /** @type {Map<string, { files: readonly string[], modules: readonly string[] }>} */
  #direct = new Map()

  /**
   * @param {string} file relative to the root
   * @returns {{ files: ReadonlySet<string>, modules: ReadonlySet<string> }} all files, itself included, and all modules of npm and
   *   Node that it reaches
   */
  reachedBy(file) {
    const files = new Set([file])
    const modules = new Set()
    for (const reached of files) {
      const direct = this.#directOf(reached)
      for (const next of direct.files) files.add(next)
      for (const module of direct.modules) modules.add(module)
    }
    return { files, modules }
  }

  /** @param {string} file */
  #directOf(file) {
    const known = this.#direct.get(file)
    if (known !== undefined) return known
    /** @type {string[]} */
    const files = []
    /** @type {string[]} */
    const modules = []
    const text = /\.(ts|tsx|mjs)$/.test(file) && existsSync(inRoot(file)) ? readFileSync(inRoot(file), 'utf8') : ''
    for (const [, specifier = ''] of text.matchAll(specifiers)) {
      if (specifier.startsWith('.')) files.push(normalize(join(dirname(file), specifier)))
      else modules.push(specifier)
    }
    const direct = { files, modules }
    this.#direct.set(file, direct)
    return direct
  }
}
