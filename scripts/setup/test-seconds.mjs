import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { inRoot } from './paths.mjs'

/** What the work below takes on the machine whose seconds the budgets are: two cores of a cloud server, nobody else on them. */
const referenceMs = 170

/** How long the longest ones take on two cores: where nothing is known yet, nobody waits for one of them that began last. */
const usualFile = inRoot('scripts', 'setup', 'usual-test-seconds.json')

/** How long each file took here, of the last run that had it. */
const secondsFile = inRoot('node_modules', '.cache', 'test-seconds.json')

/** @returns {Record<string, number>} by file, relative to the root: what was recorded here, and what is usual */
export function expectedSeconds() {
  return { ...secondsIn(usualFile), ...secondsIn(secondsFile) }
}

/**
 * @param {string} file
 * @returns {Record<string, number>} empty when nothing can be read there
 */
function secondsIn(file) {
  if (!existsSync(file)) return {}
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return {}
  }
}

/** @param {Record<string, number>} seconds */
export function recordSeconds(seconds) {
  mkdirSync(dirname(secondsFile), { recursive: true })
  writeFileSync(secondsFile, `${JSON.stringify({ ...secondsIn(secondsFile), ...seconds }, null, 2)}\n`)
}

/**
 * @param {Record<string, number>} seconds
 * @returns {string} the three that took longest
 */
export function slowest(seconds) {
  const order = Object.entries(seconds).sort(([, a], [, b]) => b - a)
  return order
    .slice(0, 3)
    .map(([file, took]) => `${file} ${took.toFixed(1)} s`)
    .join(', ')
}

/**
 * @returns {number} how many times longer this machine, as busy as it is now, takes for the same work as the reference; at least 1.
 *   A budget in seconds would tell a slow machine from a fast one, and not slow tests from fast ones
 */
export function slowness() {
  const data = Buffer.alloc(1 << 20)
  const startedMs = performance.now()
  for (let round = 0; round < 256; round++) data[round] = createHash('sha256').update(data).digest()[0] ?? 0
  return Math.max(1, (performance.now() - startedMs) / referenceMs)
}
