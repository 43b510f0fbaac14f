import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { inRoot, root } from './paths.mjs'
import { SetupError } from './say.mjs'

export const testDirectories = ['src', 'web', 'test']

/**
 * What a test that has it (or somebody whom it imports) needs a process of its own for: it starts programs, threads or native
 * code, and what these leave behind ends with the process.
 */
const needsOwnProcess = ['node:child_process', 'node:worker_threads', 'node-av', 'node-datachannel', 'koffi', 'vite']

/** What a change of reaches every test: none of the sources imports it. */
const reachesEverything = ['package.json', 'package-lock.json', 'tsconfig', 'scripts/']

/** @returns {string[]} relative to the root, sorted */
export function testFiles() {
  return testDirectories
    .map((directory) => inRoot(directory))
    .filter((directory) => existsSync(directory))
    .flatMap(filesBelow)
    .filter((file) => file.endsWith('.test.ts'))
    .sort()
}

/**
 * @param {readonly string[]} files
 * @param {readonly string[]} parts
 * @returns {string[]} those that contain one of the parts, or all when there are none
 */
export function selectTests(files, parts) {
  const wanted = parts.map((part) => part.replace(/^\.\//, ''))
  return files.filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
}

/**
 * @param {readonly string[]} files
 * @param {ReadonlySet<string>} changed relative to the root
 * @param {import('./import-graph.mjs').ImportGraph} graph
 * @returns {string[]} those that a change reaches: by their imports, and all that start programs when it is one of the sources
 *   that they may start
 */
export function reachedTests(files, changed, graph) {
  const everything = [...changed].some((file) => reachesEverything.some((start) => file.startsWith(start)))
  const programs = [...changed].some((file) => /^(src|web|examples)\//.test(file) && !file.endsWith('.test.ts'))
  return files.filter((file) => {
    if (everything || (programs && file.startsWith('test/e2e/'))) return true
    return [...graph.reachedBy(file).files].some((reached) => changed.has(reached))
  })
}

/**
 * @param {string} file
 * @param {import('./import-graph.mjs').ImportGraph} graph
 * @returns {boolean} whether it can share a process with others
 */
export function sharesProcess(file, graph) {
  return ![...graph.reachedBy(file).modules].some((module) =>
    needsOwnProcess.some((own) => module === own || module.startsWith(`${own}/`)),
  )
}

/**
 * @param {string} file a test
 * @returns {string | undefined} the folder of the scene that it shares with the others there: a running server and a browser, which
 *   `scene.ts` opens once for all who are in one process with it
 */
export function sceneOf(file) {
  const folder = dirname(file)
  return existsSync(inRoot(folder, 'scene.ts')) ? folder : undefined
}

/** @returns {Set<string>} what differs from the last commit, relative to the root; what is new included. Throws SetupError */
export function changedFiles() {
  try {
    const git = (/** @type {string[]} */ ...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' })
    const text = git('diff', '--name-only', 'HEAD') + git('ls-files', '--others', '--exclude-standard')
    return new Set(text.split('\n').filter((line) => line !== ''))
  } catch (error) {
    throw new SetupError(`Cannot tell what changed: ${String(error).split('\n')[0]}. --changed needs git and a clone.`)
  }
}

/**
 * @param {string} directory
 * @returns {string[]} relative to the root
 */
function filesBelow(directory) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name)
    return entry.isDirectory() ? filesBelow(path) : [relative(root, path)]
  })
}
