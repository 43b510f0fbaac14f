import { readFileSync, writeFileSync } from 'node:fs'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

/**
 * Runs one phase of `npm test` under the pinned Node, in the order in which its files are given, and writes down what became of it.
 * `node --test` itself would sort them.
 *
 * @typedef {object} PhaseOrder
 * @property {readonly string[]} files
 * @property {number} concurrency
 * @property {'none' | 'process'} isolation
 * @property {number} timeoutMs of each test
 * @property {readonly string[]} namePatterns of the tests to run, all when there are none
 * @property {string} reportFile where the {@link PhaseReport} goes, as JSON
 *
 * @typedef {object} PhaseReport
 * @property {{ passed: number, failed: number, cancelled: number, skipped: number }} counts
 * @property {Record<string, number>} seconds of each file
 */

const [orderFile = ''] = process.argv.slice(2)
/** @type {PhaseOrder} */
const order = JSON.parse(readFileSync(orderFile, 'utf8'))
/** @type {PhaseReport} */
const report = { counts: { passed: 0, failed: 0, cancelled: 0, skipped: 0 }, seconds: {} }

const events = run({
  files: [...order.files],
  concurrency: order.isolation === 'none' ? 1 : order.concurrency,
  isolation: order.isolation,
  timeout: order.timeoutMs,
  forceExit: order.isolation === 'none',
  ...(order.namePatterns.length === 0 ? {} : { testNamePatterns: [...order.namePatterns] }),
})
events.on('test:summary', ({ file, counts, duration_ms: durationMs }) => {
  if (file !== undefined) report.seconds[file] = durationMs / 1000
  else report.counts = { failed: 0, ...counts }
  // In one process the summary of the whole run is the only one, and the process may end with it.
  writeFileSync(order.reportFile, JSON.stringify(report))
})
if (order.isolation === 'none') {
  for (const type of /** @type {const} */ (['test:pass', 'test:fail'])) events.on(type, addOwnSeconds)
}
events.on('test:fail', () => (process.exitCode = 1))
events.compose(new spec()).pipe(process.stdout)

/** @param {{ file?: string, nesting: number, details: { duration_ms: number } }} test */
function addOwnSeconds({ file, nesting, details }) {
  if (file === undefined || nesting > 0) return
  report.seconds[file] = (report.seconds[file] ?? 0) + details.duration_ms / 1000
}
