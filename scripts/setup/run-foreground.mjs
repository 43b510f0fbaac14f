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
 * Runs queues of programs beside each other until all have ended, as {@link runForeground} otherwise: of each queue the next ones as
 * long as it has lanes. One of the programs has the terminal; what the others say is shown when they have ended, since lines of two
 * programs between each other are read by nobody. After a signal no other one is started.
 *
 * @param {readonly { programs: readonly Program[], lanes: number }[]} queues
 * @returns {Promise<number[]>} the exit code of each, in their order, or 128 and the signal that ended it or kept it from its start
 */
export async function runQueues(queues) {
  /** @type {Set<import('node:child_process').ChildProcess>} */
  const children = new Set()
  let isTerminalTaken = false
  /** @param {Program} program */
  const runOne = async (program) => {
    const hasTerminal = !isTerminalTaken
    isTerminalTaken = true
    const child = start(program, hasTerminal ? 'inherit' : 'pipe')
    children.add(child)
    /** @type {Buffer[]} */
    const said = []
    child.stdout?.on('data', (chunk) => said.push(chunk))
    const code = await exitCodeOf(child)
    children.delete(child)
    if (hasTerminal) isTerminalTaken = false
    else process.stdout.write(Buffer.concat(said))
    return code
  }
  return await underSignals(children, async (signalled) => {
    const codes = await Promise.all(
      queues.map(async ({ programs, lanes }) => {
        /** @type {number[]} */
        const ofQueue = []
        const waiting = programs.entries()
        const lane = async () => {
          for (const [index, program] of waiting) ofQueue[index] = signalled() ?? (await runOne(program))
        }
        await Promise.all(Array.from({ length: lanes }, lane))
        return ofQueue
      }),
    )
    return codes.flat()
  })
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
 * @param {Iterable<import('node:child_process').ChildProcess>} children whom every signal is passed on to, those there are by then
 * @param {(signalled: () => number | undefined) => Promise<Result>} run is given what tells 128 and the first signal that came
 * @returns {Promise<Result>}
 */
async function underSignals(children, run) {
  /** @type {Map<NodeJS.Signals, number>} */
  const lastMs = new Map()
  let count = 0
  /** @type {number | undefined} */
  let firstCode
  /** @type {NodeJS.Timeout | undefined} */
  let timer
  /** @param {NodeJS.Signals} received */
  const pass = (received) => {
    const signal = received === 'SIGHUP' ? 'SIGTERM' : received
    const nowMs = performance.now()
    const isSame = nowMs - (lastMs.get(signal) ?? -Infinity) < sameSignalMs
    lastMs.set(signal, nowMs)
    if (isSame) return
    firstCode ??= 128 + constants.signals[signal]
    for (const child of children) child.kill(signal)
    if (++count === 2) timer = setTimeout(() => [...children].forEach((child) => child.kill('SIGKILL')), patienceMs)
  }
  /** @type {readonly NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, pass)
  try {
    return await run(() => firstCode)
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
