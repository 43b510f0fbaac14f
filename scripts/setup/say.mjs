/** Something setup cannot do; the message says what was tried, what was found and what helps. */
export class SetupError extends Error {}

/**
 * One line for the user, on standard error: standard output belongs to what is started.
 *
 * @param {string} text
 */
export function say(text) {
  process.stderr.write(`porchlight: ${text}\n`)
}

/**
 * @param {number} sinceMs from `performance.now()`
 * @returns {string} for instance `12.3 s`
 */
export function elapsed(sinceMs) {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`
}
