import { readFileSync, writeFileSync } from 'node:fs'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

/**
 * Runs files of one phase of `npm test` under the pinned Node, in the order in which they are given, and writes down what became of
 * them. `node --test` itself would sort them.
 *
 * @typedef {object} PhaseOrder
 * @property {string} [name] of the scene that they share
 * @property {readonly string[]} files
 * @property {number} concurrency
 * @property {'none' | 'process'} isolation
 * @property {number} timeoutMs of each test
 * @property {readonly string[]} namePatterns of the tests to run, all when there are none
 * @property {string} reportFile where the {@link PhaseReport} goes, as JSON
 *
 * @typedef {object} PhaseReport
 * @property {{ passed: number, failed: number, cancelled: number, skipped: number }} counts
 * @property {Record<string, number>} seconds of each file, or of the scene
 * @property {{ file: string | undefined, name: string, cause: string }[]} failures
 */

const [orderFile = ''] = process.argv.slice(2)
/** @type {PhaseOrder} */
const order = JSON.parse(readFileSync(orderFile, 'utf8'))
/** @type {PhaseReport} */
const report = { counts: { passed: 0, failed: 0, cancelled: 0, skipped: 0 }, seconds: {}, failures: [] }
const { name: scene } = order
const sharesProcess = order.isolation === 'none'

if (scene !== undefined) console.log(`${scene}: ${order.files.length} files`)
const events = run({
  files: [...order.files],
  concurrency: sharesProcess ? 1 : order.concurrency,
  isolation: order.isolation,
  timeout: order.timeoutMs,
  // What a scene has open it closes, which would not be waited for; its last words would be lost as well.
  forceExit: sharesProcess && scene === undefined,
  ...(order.namePatterns.length === 0 ? {} : { testNamePatterns: [...order.namePatterns] }),
})
events.on('test:summary', ({ file, counts, duration_ms: durationMs }) => {
  if (file !== undefined) report.seconds[file] = durationMs / 1000
  else report.counts = { failed: 0, ...counts }
  if (scene !== undefined) report.seconds[scene] = durationMs / 1000
  // In one process the summary of the whole run is the only one, and the process may end with it.
  writeFileSync(order.reportFile, JSON.stringify(report))
})
if (sharesProcess && scene === undefined) {
  for (const type of /** @type {const} */ (['test:pass', 'test:fail'])) events.on(type, addOwnSeconds)
}
if (scene !== undefined) endWhenSilent(scene)
events.on('test:fail', ({ file, name, details: { error } }) => {
  process.exitCode = 1
  // That of a suite says nothing but that one of its tests failed.
  if ('failureType' in error && error.failureType === 'subtestsFailed') return
  report.failures.push({ file, name, cause: String(error.cause ?? error).slice(0, 2000) })
})
events.compose(new spec()).pipe(process.stdout)

/** @param {{ file?: string, nesting: number, details: { duration_ms: number } }} test */
function addOwnSeconds({ file, nesting, details }) {
  if (file === undefined || nesting > 0) return
  report.seconds[file] = (report.seconds[file] ?? 0) + details.duration_ms / 1000
}

/**
 * A scene that something keeps open when all is over would never end, nor one whose server never comes.
 *
 * @param {string} name
 */
function endWhenSilent(name) {
  const end = () => {
    console.error(`${name}: ended, since nothing has happened for ${(2 * order.timeoutMs) / 1000} s`)
    process.exit(1)
  }
  const timer = setTimeout(end, 2 * order.timeoutMs).unref()
  for (const type of /** @type {const} */ (['test:start', 'test:pass', 'test:fail']))
    events.on(type, () => timer.refresh())
}
