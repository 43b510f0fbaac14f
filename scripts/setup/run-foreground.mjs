import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { root } from './paths.mjs'

/**
 * Two of the same signal within this time are one press of Ctrl-C: the terminal sends it to everybody and npm sends it
 * once more. Whoever presses twice takes longer.
 */
const sameSignalMs = 150

/** Whoever asks a second time means at once: what does not even end by itself then is ended after so long. */
const patienceMs = 1000

/**
 * Runs programs with this terminal's output until one of them ends, then ends the others. Each has a process group of
 * its own, so that a signal reaches it through here and therefore exactly once. A terminal that goes away counts as
 * SIGTERM. A second signal ends all of them, also those that do nothing any more.
 *
 * @param {readonly Program[]} programs
 * @returns {Promise<number>} exit code of the one that ended first, or 128 and the signal that ended it
 */
export async function runForeground(programs) {
  const children = programs.map((program) => start(program, 'inherit'))
  return await underSignals(children, async () => {
    const ends = children.map(exitCodeOf)
    const code = await Promise.race(ends)
    for (const child of children) child.kill('SIGTERM')
    await Promise.all(ends)
    return code
  })
}

/**
 * Runs programs beside each other until all of them have ended, as {@link runForeground} otherwise. What the second and
 * the following say is shown when they have ended: lines of two programs between each other are read by nobody.
 *
 * @param {readonly Program[]} programs
 * @returns {Promise<number[]>} the exit code of each, or 128 and the signal that ended it
 */
export async function runBesideEachOther(programs) {
  const children = programs.map((program, index) => start(program, index === 0 ? 'inherit' : 'pipe'))
  return await underSignals(children, () =>
    Promise.all(
      children.map(async (child) => {
        /** @type {Buffer[]} */
        const said = []
        child.stdout?.on('data', (chunk) => said.push(chunk))
        const code = await exitCodeOf(child)
        process.stdout.write(Buffer.concat(said))
        return code
      }),
    ),
  )
}

/**
 * @typedef {{ command: string, args: readonly string[], env?: NodeJS.ProcessEnv }} Program
 * @param {Program} program
 * @param {'inherit' | 'pipe'} stdout
 */
function start({ command, args, env = process.env }, stdout) {
  return spawn(command, args, { cwd: root, env, stdio: ['inherit', stdout, 'inherit'], detached: true })
}

/**
 * @template Result
 * @param {readonly import('node:child_process').ChildProcess[]} children whom every signal is passed on to
 * @param {() => Promise<Result>} run
 * @returns {Promise<Result>}
 */
async function underSignals(children, run) {
  /** @type {Map<NodeJS.Signals, number>} */
  const lastMs = new Map()
  let count = 0
  /** @type {NodeJS.Timeout | undefined} */
  let timer
  /** @param {NodeJS.Signals} received */
  const pass = (received) => {
    const signal = received === 'SIGHUP' ? 'SIGTERM' : received
    const nowMs = performance.now()
    const isSame = nowMs - (lastMs.get(signal) ?? -Infinity) < sameSignalMs
    lastMs.set(signal, nowMs)
    if (isSame) return
    for (const child of children) child.kill(signal)
    if (++count === 2) timer = setTimeout(() => children.forEach((child) => child.kill('SIGKILL')), patienceMs)
  }
  /** @type {readonly NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, pass)
  try {
    return await run()
  } finally {
    clearTimeout(timer)
    for (const signal of signals) process.removeListener(signal, pass)
  }
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>}
 */
function exitCodeOf(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
  })
}
