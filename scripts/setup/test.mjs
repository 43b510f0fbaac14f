import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { installNpmPackages } from './npm-packages.mjs'
import { buildPageIfChanged } from './page.mjs'
import { inRoot, root } from './paths.mjs'
import { calm, findNode, toolEnv } from './pinned-node.mjs'
import { runForeground } from './run-foreground.mjs'
import { elapsed, say, SetupError } from './say.mjs'
import { requireSystemPackages } from './system-packages.mjs'

const testDirectories = ['src', 'web', 'test']

/** Tests with a real server and browser that do not mind others beside them. */
const sideBySide = 'test/e2e/side-by-side/'

/** What needs the whole machine to itself comes last, one file after the other. */
const phases = [
  {
    name: 'unit',
    concurrency: 3,
    timeoutMs: 120_000,
    /** @param {string} file */
    owns: (file) => !file.startsWith('test/e2e/'),
  },
  {
    name: 'end to end, side by side',
    concurrency: 2,
    timeoutMs: 300_000,
    /** @param {string} file */
    owns: (file) => file.startsWith(sideBySide),
  },
  {
    name: 'end to end, alone',
    concurrency: 1,
    timeoutMs: 300_000,
    /** @param {string} file */
    owns: (file) => file.startsWith('test/e2e/') && !file.startsWith(sideBySide),
  },
]

/**
 * @param {string[]} args parts of file names to run only these; what begins with `-` goes to `node --test`
 * @returns {Promise<number>} 1 when a test failed
 */
export async function test(args) {
  const flags = args.filter((arg) => arg.startsWith('-'))
  const parts = args.filter((arg) => !arg.startsWith('-'))
  const files = selectTests(testFiles(), parts)
  if (files.length === 0)
    throw new SetupError(`Cannot test: no test file matches ${parts.join(', ') || testDirectories.join(', ')}`)
  await installNpmPackages()
  const node = findNode()
  await requireSystemPackages()
  await buildPageIfChanged(node)
  /** @type {string[]} */
  const summary = []
  let failed = false
  for (const phase of phases) {
    const own = files.filter(phase.owns)
    if (own.length === 0) continue
    const result = await runPhase(node, phase, flags, own)
    summary.push(result.line)
    failed ||= !result.ok
    if (result.interrupted) break
  }
  for (const line of summary) say(line)
  say(failed ? 'tests FAILED' : 'all tests pass')
  return failed ? 1 : 0
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
 * @param {string} directory
 * @returns {string[]} relative to the root
 */
function filesBelow(directory) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name)
    return entry.isDirectory() ? filesBelow(path) : [relative(root, path)]
  })
}

/**
 * @param {string} node
 * @param {typeof phases[number]} phase
 * @param {readonly string[]} flags
 * @param {readonly string[]} files
 * @returns {Promise<{ ok: boolean, interrupted: boolean, line: string }>}
 */
async function runPhase(node, phase, flags, files) {
  const startedMs = performance.now()
  const scratch = mkdtempSync(join(tmpdir(), 'porchlight-test-'))
  const countsFile = join(scratch, 'counts')
  try {
    say(`${phase.name} tests: ${files.length} files`)
    const code = await runForeground([
      {
        command: node,
        args: [
          calm,
          '--test',
          `--test-concurrency=${phase.concurrency}`,
          `--test-timeout=${phase.timeoutMs}`,
          '--test-reporter=spec',
          '--test-reporter-destination=stdout',
          `--test-reporter=${inRoot('scripts', 'setup', 'test-counts.mjs')}`,
          `--test-reporter-destination=${countsFile}`,
          ...flags,
          ...files,
        ],
        env: { ...toolEnv(node), UV_THREADPOOL_SIZE: '8' },
      },
    ])
    const counts = existsSync(countsFile) ? readFileSync(countsFile, 'utf8').trim() : ''
    const line = `${phase.name}: ${counts || 'ended early'}, ${elapsed(startedMs)}`
    return { ok: code === 0, interrupted: code > 128, line }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}
