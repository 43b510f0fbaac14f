import { SetupError } from './say.mjs'

/**
 * What `npm test` was asked for.
 *
 * @typedef {object} TestArgs
 * @property {readonly string[]} parts of file names, to run only these
 * @property {readonly string[]} namePatterns of tests, to run only these
 * @property {boolean} onlyChanged whether only what a change since the last commit reaches
 * @property {number | undefined} seed of the cases of properties, the stated one of test/support/fast-check.ts when undefined
 * @property {number} runs how many times more cases than usual
 * @property {boolean} shrinks whether the smallest case that fails is looked for
 */

const options =
  '--changed, --test-name-pattern=PATTERN, --seed random|N, --runs TIMES, --shrink and parts of file names'

/** Seeds are what fast-check takes: 32 bits. */
const maxSeed = 2 ** 31 - 1

/**
 * @param {readonly string[]} args
 * @param {() => number} random from 0 to 1
 * @returns {TestArgs} Throws SetupError for what there is not
 */
export function readTestArgs(args, random = Math.random) {
  /** @type {string[]} */
  const parts = []
  /** @type {string[]} */
  const namePatterns = []
  const asked = { onlyChanged: false, seed: /** @type {number | undefined} */ (undefined), runs: 1, shrinks: false }
  const left = args.values()
  for (const arg of left) {
    const [, name = '', inside] = /^(--[a-z-]+)(?:=(.*))?$/s.exec(arg) ?? []
    const value = () => inside ?? left.next().value ?? ''
    if (!arg.startsWith('-')) parts.push(arg)
    else if (name === '--test-name-pattern') namePatterns.push(value())
    else if (name === '--seed') asked.seed = readSeed(value(), random)
    else if (name === '--runs') asked.runs = wholeNumber(name, value(), 1, 1_000_000)
    else if (arg === '--changed') asked.onlyChanged = true
    else if (arg === '--shrink') asked.shrinks = true
    else throw new SetupError(`Cannot test with ${arg}: there are ${options}`)
  }
  return { parts, namePatterns, ...asked }
}

/**
 * @param {TestArgs} args
 * @returns {Record<string, string>} the environment in which test/support/fast-check.ts finds what is asked of it
 */
export function propertyEnv({ seed, runs, shrinks }) {
  return {
    ...(seed === undefined ? {} : { PORCHLIGHT_PROPERTY_SEED: `${seed}` }),
    ...(runs === 1 ? {} : { PORCHLIGHT_PROPERTY_RUNS: `${runs}` }),
    ...(shrinks ? { PORCHLIGHT_PROPERTY_SHRINK: '1' } : {}),
  }
}

/**
 * @param {string} text
 * @param {() => number} random
 */
function readSeed(text, random) {
  return text === 'random' ? Math.floor(random() * maxSeed) : wholeNumber('--seed', text, -maxSeed - 1, maxSeed)
}

/**
 * @param {string} name
 * @param {string} text
 * @param {number} min
 * @param {number} max
 */
function wholeNumber(name, text, min, max) {
  const value = /^-?\d+$/.test(text) ? Number(text) : NaN
  if (value >= min && value <= max) return value
  throw new SetupError(`Cannot test with ${name} "${text}": a whole number from ${min} to ${max} is wanted`)
}
