import { existsSync } from 'node:fs'
import { findNode } from './pinned-node.mjs'
import { installNpmPackages } from './npm-packages.mjs'
import { viteConfig, viteProgram } from './page.mjs'
import { runForeground } from './run-foreground.mjs'
import { serverProgram } from './start.mjs'
import { offerSystemPackages } from './system-packages.mjs'

/**
 * The server with Vite's development server beside it; when one ends, so does the other.
 *
 * @param {string[]} args of `porchlight up`
 * @returns {Promise<number>}
 */
export async function dev(args) {
  await installNpmPackages()
  const node = findNode()
  await offerSystemPackages()
  const page = existsSync(viteConfig) ? [viteProgram(node, ['--clearScreen', 'false'])] : []
  return await runForeground([serverProgram(node, args), ...page])
}
