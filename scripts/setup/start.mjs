import { findNode, calm, compileCache } from './pinned-node.mjs'
import { installNpmPackages } from './npm-packages.mjs'
import { buildPageIfChanged } from './page.mjs'
import { inRoot } from './paths.mjs'
import { runForeground } from './run-foreground.mjs'
import { offerSystemPackages } from './system-packages.mjs'

/**
 * Brings in what is missing and turns the light on.
 *
 * @param {string[]} args of the command line: flags of `up`, or another command
 * @returns {Promise<number>} the server's exit code
 */
export async function start(args) {
  await installNpmPackages()
  const node = findNode()
  await offerSystemPackages()
  await buildPageIfChanged(node)
  return await runForeground([serverProgram(node, args)])
}

/** Of a server and of what measures one. */
export const serverEnv = {
  ...process.env,
  ...compileCache,
  // A capture may hold a thread of the pool for a frame's time; the default of 4 starves the encoders.
  UV_THREADPOOL_SIZE: process.env['UV_THREADPOOL_SIZE'] ?? '8',
}

/**
 * @param {string} node
 * @param {readonly string[]} args
 */
export function serverProgram(node, args) {
  return {
    command: node,
    args: [calm, inRoot('src', 'cli', 'main.ts'), ...args],
    env: serverEnv,
  }
}
