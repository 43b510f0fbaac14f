import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { ImportGraph } from './import-graph.mjs'
import { installNpmPackages } from './npm-packages.mjs'
import { buildPageIfChanged } from './page.mjs'
import { inRoot, root } from './paths.mjs'
import { calm, findNode, toolEnv } from './pinned-node.mjs'
import { runQueues } from './run-foreground.mjs'
import { elapsed, say, SetupError } from './say.mjs'
import { requireSystemPackages } from './system-packages.mjs'
import { propertyEnv, readTestArgs } from './test-args.mjs'
import {
  changedFiles,
  reachedTests,
  sceneOf,
  selectTests,
  sharesProcess,
  testDirectories,
  testFiles,
} from './test-files.mjs'
import { expectedSeconds, recordSeconds, slowest, slowness } from './test-seconds.mjs'

/** Tests with a real server. */
const endToEnd = 'test/e2e/'
/** Those that do not mind others beside them. */
const sideBySide = `${endToEnd}side-by-side/`
/** What a hunt over many more cases gives one test. */
const longestTimeoutMs = 3_600_000
/** Its browser sleeps. */
const silence = `${sideBySide}silence.test.ts`

/**
 * @typedef {import('./test-process.mjs').PhaseOrder} PhaseOrder
 * @typedef {import('./test-process.mjs').PhaseReport} PhaseReport
 *
 * What `npm test` does, one phase after the other; what needs the whole machine to itself comes last, one file after the other.
 * The lots of a phase run beside each other.
 *
 * @typedef {object} Lot
 * @property {'none' | 'process' | 'scene'} isolation whether its files share one process, have one each, or share those of their scenes
 * @property {number} concurrency
 * @property {(file: string, graph: ImportGraph) => boolean} owns
 *
 * @typedef {object} Phase
 * @property {string} name
 * @property {number} timeoutMs of each test
 * @property {number} budgetS of a whole run on the machine of {@link slowness}; a run that takes longer fails
 * @property {readonly Lot[]} lots
 */

/** @type {readonly Phase[]} */
const phases = [
  {
    name: 'unit',
    timeoutMs: 120_000,
    budgetS: 210,
    lots: [
      {
        isolation: 'process',
        concurrency: 4,
        owns: (file, graph) => !file.startsWith(endToEnd) && !sharesProcess(file, graph),
      },
      {
        isolation: 'none',
        concurrency: 1,
        owns: (file, graph) => !file.startsWith(endToEnd) && sharesProcess(file, graph),
      },
    ],
  },
  {
    name: 'end to end, side by side',
    timeoutMs: 300_000,
    budgetS: 600,
    lots: [
      {
        isolation: 'scene',
        concurrency: 2,
        owns: (file, graph) => file.startsWith(sideBySide) && keepsMachineBusy(file, graph),
      },
      {
        isolation: 'scene',
        concurrency: 1,
        owns: (file, graph) => file.startsWith(sideBySide) && !keepsMachineBusy(file, graph),
      },
    ],
  },
  {
    name: 'end to end, alone',
    timeoutMs: 300_000,
    budgetS: 195,
    lots: [
      {
        isolation: 'scene',
        concurrency: 1,
        owns: (file) => file.startsWith(endToEnd) && !file.startsWith(sideBySide),
      },
    ],
  },
]

/**
 * @param {string[]} args as {@link readTestArgs} reads them
 * @returns {Promise<number>} 1 when a test failed or a phase took longer than it may
 */
export async function test(args) {
  const asked = readTestArgs(args)
  const { parts, namePatterns, onlyChanged, seed, runs } = asked
  const graph = new ImportGraph()
  let files = selectTests(testFiles(), parts)
  if (files.length === 0)
    throw new SetupError(`Cannot test: no test file matches ${parts.join(', ') || testDirectories.join(', ')}`)
  if (onlyChanged) files = reachedTests(files, changedFiles(), graph)
  if (files.length === 0) {
    say('no test is reached by what changed since the last commit')
    return 0
  }
  await installNpmPackages()
  const node = findNode()
  await requireSystemPackages()
  await buildPageIfChanged(node)
  const isWhole = parts.length === 0 && namePatterns.length === 0 && !onlyChanged && runs === 1
  if (seed !== undefined || runs > 1) say(`properties: seed ${seed ?? 'as usual'}, ${runs} times the usual runs`)
  /** @type {string[]} */
  const summary = []
  let failed = false
  for (const phase of phases) {
    const lots = phase.lots
      .map(({ owns, ...lot }) => ({ ...lot, files: files.filter((file) => owns(file, graph)) }))
      .filter((lot) => lot.files.length > 0)
    if (lots.length === 0) continue
    const result = await runPhase(node, phase, lots, asked)
    summary.push(...result.failures, result.line)
    failed ||= !result.ok
    if (isWhole && result.overBudget !== undefined) {
      summary.push(result.overBudget)
      failed = true
    }
    if (result.interrupted) break
  }
  for (const line of summary) say(line)
  say(failed ? 'tests FAILED' : 'all tests pass')
  return failed ? 1 : 0
}

/**
 * @param {string} file an end-to-end test
 * @param {ImportGraph} graph
 * @returns {boolean} whether it has a browser at work; without one it mostly waits
 */
function keepsMachineBusy(file, graph) {
  return graph.reachedBy(file).modules.has('playwright-core') && file !== silence
}

/**
 * @param {Omit<Lot, 'owns'> & { files: readonly string[] }} lot
 * @returns {{ lanes: number, orders: Pick<PhaseOrder, 'name' | 'files' | 'isolation' | 'concurrency'>[] }} its programs, and how many
 *   of them run at a time; nobody waits for a long one that began last
 */
function ordersOf({ isolation, concurrency, files }) {
  const expected = expectedSeconds()
  /** @param {string} name */
  const usual = (name) => expected[name] ?? 0
  const sorted = files.toSorted((a, b) => usual(b) - usual(a))
  if (isolation !== 'scene') return { lanes: 1, orders: [{ files: sorted, isolation, concurrency }] }
  // The Node that a machine has already may know no `Map.groupBy`.
  /** @type {Map<string, string[]>} */
  const scenes = new Map()
  for (const file of files) {
    const name = sceneOf(file) ?? file
    scenes.set(name, [...(scenes.get(name) ?? []), file])
  }
  const longestFirst = [...scenes].toSorted(([a], [b]) => usual(b) - usual(a))
  return {
    lanes: concurrency,
    orders: longestFirst.map(([name, own]) =>
      name === own[0]
        ? { files: own, isolation: 'process', concurrency: 1 }
        : { name, files: own, isolation: 'none', concurrency: 1 },
    ),
  }
}

/**
 * @param {string} node
 * @param {Phase} phase
 * @param {readonly (Omit<Lot, 'owns'> & { files: readonly string[] })[]} lots
 * @param {import('./test-args.mjs').TestArgs} asked
 * @returns {Promise<{ ok: boolean, interrupted: boolean, line: string, failures: string[], overBudget: string | undefined }>}
 */
async function runPhase(node, phase, lots, asked) {
  const slower = slowness()
  const startedMs = performance.now()
  const scratch = mkdtempSync(join(tmpdir(), 'porchlight-test-'))
  const env = { ...toolEnv(node), ...propertyEnv(asked), UV_THREADPOOL_SIZE: '8' }
  try {
    say(`${phase.name} tests: ${lots.reduce((sum, { files }) => sum + files.length, 0)} files`)
    const queues = lots.map((lot, lotIndex) => {
      const { lanes, orders } = ordersOf(lot)
      const programs = orders.map((own, index) => {
        const reportFile = join(scratch, `report-${lotIndex}-${index}`)
        /** @type {PhaseOrder} */
        const order = {
          ...own,
          timeoutMs: Math.min(phase.timeoutMs * asked.runs, longestTimeoutMs),
          namePatterns: asked.namePatterns,
          reportFile,
        }
        const orderFile = join(scratch, `order-${lotIndex}-${index}`)
        writeFileSync(orderFile, JSON.stringify(order))
        const args = [calm, inRoot('scripts', 'setup', 'test-process.mjs'), orderFile]
        return { command: node, args, env, reportFile }
      })
      return { lanes, programs }
    })
    const codes = await runQueues(queues)
    const tookS = (performance.now() - startedMs) / 1000
    const reports = queues.flatMap(({ programs }) => programs.map(({ reportFile }) => readReport(reportFile)))
    const seconds = secondsOf(reports)
    recordSeconds(seconds)
    const line = `${phase.name}: ${countsOf(reports)}, ${elapsed(startedMs)}; slowest: ${slowest(seconds)}`
    const allowedS = phase.budgetS * Math.max(slower, slowness())
    const overBudget =
      tookS > allowedS
        ? `${phase.name}: took ${tookS.toFixed(0)} s of ${allowedS.toFixed(0)} s; make the slowest shorter, or raise budgetS in scripts/setup/test.mjs knowingly`
        : undefined
    return {
      ok: codes.every((code) => code === 0),
      interrupted: codes.some((code) => code > 128),
      line,
      failures: failuresOf(reports),
      overBudget,
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/**
 * @param {string} file
 * @returns {PhaseReport | undefined} undefined when the run ended before it could write one
 */
function readReport(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

/** @param {readonly (PhaseReport | undefined)[]} reports */
function countsOf(reports) {
  if (reports.includes(undefined)) return 'ended early'
  const sum = { passed: 0, failed: 0, skipped: 0 }
  for (const report of reports) {
    sum.passed += report?.counts.passed ?? 0
    sum.failed += (report?.counts.failed ?? 0) + (report?.counts.cancelled ?? 0)
    sum.skipped += report?.counts.skipped ?? 0
  }
  return `${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`
}

/**
 * @param {readonly (PhaseReport | undefined)[]} reports
 * @returns {string[]} what failed, and why: said again at the end, since thousands of lines may have followed
 */
function failuresOf(reports) {
  const all = reports.flatMap((report) => report?.failures ?? [])
  return all.map(
    ({ file, name, cause }) =>
      `FAILED ${file === undefined ? '' : relative(root, resolve(root, file))}: ${name}\n${cause}`,
  )
}

/**
 * @param {readonly (PhaseReport | undefined)[]} reports
 * @returns {Record<string, number>} of each file and scene, relative to the root
 */
function secondsOf(reports) {
  const all = reports.flatMap((report) => Object.entries(report?.seconds ?? {}))
  return Object.fromEntries(
    all.map(([file, took]) => [relative(root, resolve(root, file)), Math.round(took * 1000) / 1000]),
  )
}
