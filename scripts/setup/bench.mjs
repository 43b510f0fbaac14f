import { existsSync, readdirSync } from 'node:fs'
import { installNpmPackages } from './npm-packages.mjs'
import { buildPageIfChanged } from './page.mjs'
import { inRoot } from './paths.mjs'
import { calm, findNode } from './pinned-node.mjs'
import { runForeground } from './run-foreground.mjs'
import { SetupError } from './say.mjs'
import { serverEnv } from './start.mjs'
import { requireSystemPackages } from './system-packages.mjs'

/**
 * Runs one benchmark by its name.
 *
 * @param {string[]} args the name, then what it takes
 * @returns {Promise<number>}
 */
export async function bench([name, ...args]) {
  const names = existsSync(inRoot('bench'))
    ? readdirSync(inRoot('bench'))
        .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
        .map((file) => file.slice(0, -'.ts'.length))
    : []
  if (name === undefined || !names.includes(name)) {
    const found = name === undefined ? 'no name was given' : `there is no bench/${name}.ts`
    throw new SetupError(`Cannot run a benchmark: ${found}. There are: ${names.join(', ') || 'none yet'}`)
  }
  await installNpmPackages()
  const node = findNode()
  await requireSystemPackages()
  await buildPageIfChanged(node)
  const program = { command: node, args: [calm, inRoot('bench', `${name}.ts`), ...args], env: serverEnv }
  return await runForeground([program])
}
