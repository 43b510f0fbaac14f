import { existsSync } from 'node:fs'
import { fingerprint, readStamp, writeStamp } from './fingerprint.mjs'
import { installNpmPackages, setupLock } from './npm-packages.mjs'
import { inRoot } from './paths.mjs'
import { findNode, toolEnv } from './pinned-node.mjs'
import { lastLines, runTool } from './run-tool.mjs'
import { elapsed, say, SetupError } from './say.mjs'
import { withSetupLock } from './setup-lock.mjs'

export const viteConfig = inRoot('web', 'vite.config.ts')
const stampFile = inRoot('dist', 'web.stamp')
const inputs = [
  'web',
  'src/client',
  'src/wire',
  'src/domain',
  'src/kernel',
  'tsdown.config.ts',
  'package-lock.json',
].map((path) => inRoot(path))

/**
 * @param {string} node
 * @param {readonly string[]} args
 */
export function viteProgram(node, args) {
  return { command: node, args: [inRoot('node_modules', 'vite', 'bin', 'vite.js'), ...args, '--config', viteConfig] }
}

/**
 * Builds the page into dist/web, and the client for other programs into dist/client and dist/web/client.js, unless what they
 * are made of is as it was. Throws SetupError.
 *
 * @param {string} node
 */
export async function buildPageIfChanged(node) {
  if (!existsSync(viteConfig)) return
  if (isBuilt()) return
  await withSetupLock(setupLock, async () => {
    if (!isBuilt()) await build(node)
  })
}

/** @returns {boolean} */
function isBuilt() {
  const made = [
    inRoot('dist', 'web', 'index.html'),
    inRoot('dist', 'web', 'client.js'),
    inRoot('dist', 'client', 'index.js'),
  ]
  return made.every((file) => existsSync(file)) && readStamp(stampFile) === fingerprint(inputs)
}

/** @param {string} node */
async function build(node) {
  const startedMs = performance.now()
  // Taken before: what changes meanwhile is built next time.
  const stamp = fingerprint(inputs)
  say('building the web page ...')
  const page = viteProgram(node, ['build', '--logLevel', 'warn'])
  const client = { command: node, args: [inRoot('node_modules', 'tsdown', 'dist', 'run.mjs')] }
  // The page's build empties the directory that the client's adds to.
  for (const [name, { command, args }] of /** @type {const} */ ([
    ['Vite', page],
    ['tsdown', client],
  ])) {
    const { code, output } = await runTool({ command, args, progress: 'still building', env: toolEnv(node) })
    if (code !== 0) throw new SetupError(`${name} ended with ${code}. Its last words:\n${lastLines(output, 25)}`)
  }
  writeStamp(stampFile, stamp)
  say(`  web page built in ${elapsed(startedMs)}`)
}

/**
 * `npm run build`: always builds, and what the server does not need as well, the package's `porchlight/view`.
 *
 * @returns {Promise<number>}
 */
export async function buildPage() {
  await installNpmPackages()
  if (!existsSync(viteConfig)) throw new SetupError('Cannot build the page: web/vite.config.ts does not exist')
  const node = findNode()
  await withSetupLock(setupLock, async () => {
    await build(node)
    const args = [inRoot('node_modules', 'tsdown', 'dist', 'run.mjs'), '--config', inRoot('tsdown.view.config.ts')]
    const { code, output } = await runTool({ command: node, args, progress: 'still building', env: toolEnv(node) })
    if (code !== 0) throw new SetupError(`tsdown ended with ${code}. Its last words:\n${lastLines(output, 25)}`)
  })
  return 0
}
