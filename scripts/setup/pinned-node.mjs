import { existsSync } from 'node:fs'
import { delimiter, dirname } from 'node:path'
import { inRoot } from './paths.mjs'
import { SetupError } from './say.mjs'

/** The first major version that runs our TypeScript as it is. */
const wantedMajor = 24

/**
 * The Node that npm installed for this platform, or the running one when it is new enough. Throws SetupError.
 *
 * @returns {string} path of the program
 */
export function findNode() {
  const pinned = inRoot('node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  if (!isMusl() && existsSync(pinned)) return pinned
  if (Number(process.versions.node.split('.')[0]) >= wantedMajor) return process.execPath
  const what = `Node ${wantedMajor} or later is needed, and this one is ${process.versions.node}.`
  throw new SetupError(`${what} ${whyNotPinned()}`)
}

/** @returns {string} */
function whyNotPinned() {
  const platform = `${process.platform}-${process.arch}`
  if (isMusl())
    return 'The pinned one needs glibc, which this system (musl) has not: install Node 24 with its packages.'
  if (!['linux-x64', 'linux-arm64'].includes(platform))
    return `None is pinned for ${platform}: install Node 24 yourself.`
  return `The pinned one (node_modules/node-${platform}) is missing: delete node_modules and try again.`
}

/** @returns {boolean} whether this Linux has musl's loader and not glibc's */
function isMusl() {
  if (process.platform !== 'linux') return false
  const [musl, glibc] = {
    x64: ['x86_64', '/lib64/ld-linux-x86-64.so.2'],
    arm64: ['aarch64', '/lib/ld-linux-aarch64.so.1'],
  }[process.arch === 'arm64' ? 'arm64' : 'x64']
  return existsSync(`/lib/ld-musl-${musl}.so.1`) && !existsSync(glibc ?? '')
}

/** Node speaks of experiments (SQLite) that were chosen knowingly. */
export const calm = '--disable-warning=ExperimentalWarning'

/**
 * Where Node keeps the code that it has compiled: a server, the media process of each lobby and each test file start from it. A
 * server takes about half of the time.
 */
export const compileCache = {
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] || inRoot('node_modules', '.cache', 'compiled'),
}

/**
 * @param {string} node
 * @returns {NodeJS.ProcessEnv} in which `node` and the tools of node_modules are found first
 */
export function toolEnv(node) {
  const path = [dirname(node), inRoot('node_modules', '.bin'), process.env['PATH'] ?? ''].join(delimiter)
  return { ...process.env, ...compileCache, PATH: path }
}
