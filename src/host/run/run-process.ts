import { stat } from 'node:fs/promises'
import { sleep, type Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { Ending, type End } from '../../kernel/ending.ts'
import type { Log } from '../../kernel/log.ts'
import { ChildError } from '../child/child-error.ts'
import { defaultPath } from '../child/find-executable.ts'
import { endRun, findRunProcesses, runMarker } from '../child/process-tree.ts'
import { readProcess } from '../child/process-table.ts'
import { spawnChild, type Child } from '../child/spawn-child.ts'
import { outOfMemory } from './cgroup/open-cgroups.ts'
import type { RunCgroup } from './cgroup/run-cgroup.ts'
import { RunError } from './contract/run-error.ts'
import type { RunningApp, RunOptions } from './contract/runner.ts'

export interface ProcessRunOptions extends RunOptions {
  /** Words to put before the command: what shuts it in, and ends with the last process in it. */
  readonly wrapper?: readonly string[]
  /** The control group that it is to be in. Removed with the run. */
  readonly group?: RunCgroup | undefined
  readonly log: Log
  readonly clock: Clock
  /** From SIGTERM to SIGKILL when it is closed, in milliseconds; 1,000 by default. */
  readonly graceMs?: number
}

/** What an app gets unless its own environment says otherwise. Nothing else is inherited. */
const baseEnvironment: Readonly<Record<string, string>> = { PATH: defaultPath, LANG: 'C.UTF-8' }

const outputLines = 200

/** How often it is looked whether a run without its command goes on, in milliseconds. */
const lookAgainMs = 500

/**
 * Runs an app as a process. The app is what its first process is: when that one ends, so does whatever it has started.
 * What a run of the same id has left behind, because its host was killed, is ended first.
 *
 * Rejects with {@link RunError}: `command-not-found`, `directory-not-found`, `could-not-start`.
 */
export async function runProcess(options: ProcessRunOptions): Promise<RunningApp> {
  const { command } = options
  if (!command) throw new RunError('command-not-found', 'Cannot run an app without a command outside of a container')
  const [name] = command
  if (!(await isDirectory(options.directory))) {
    throw new RunError('directory-not-found', `Cannot run ${name} in ${options.directory}: there is no such directory`)
  }
  const env = { ...baseEnvironment, ...options.env, [runMarker]: options.runId }
  const { directory, clock, graceMs, group, onOutput, wrapper = [] } = options
  await endLeftovers(options)
  const stop = new AbortController()
  try {
    const child = await spawnChild({
      command,
      env,
      wrapper: [...(group?.wrapper ?? []), ...wrapper],
      directory,
      clock,
      outputLines,
      isKeeper: wrapper.length > 0,
      beforeEnd: () => lingering(options, stop.signal),
      ...(onOutput && { onOutput }),
      ...(graceMs !== undefined && { graceMs }),
    })
    options.log.info('Started an app', { command: name, pid: child.pid, runId: options.runId })
    // Nothing of a run is older than its first process.
    const first = await readProcess(child.pid).catch(() => undefined)
    return new ProcessApp(child, { ...options, sinceTicks: first?.startTicks }, stop)
  } catch (error) {
    await group?.remove()
    const isMissing = error instanceof ChildError && error.code === 'command-not-found'
    const code = isMissing ? 'command-not-found' : 'could-not-start'
    throw new RunError(code, messageOf(error), { cause: error })
  }
}

interface StartedRunOptions extends ProcessRunOptions {
  readonly sinceTicks: number | undefined
}

class ProcessApp implements RunningApp {
  readonly closed: Promise<End>
  readonly #child: Child
  readonly #options: StartedRunOptions
  readonly #ending: Ending

  constructor(child: Child, options: StartedRunOptions, stop: AbortController) {
    this.#child = child
    this.#options = options
    this.#ending = new Ending(() => {
      stop.abort()
      return this.#endTree()
    })
    this.closed = this.#ending.closed
    void child.closed.then((end) => this.#childEnded(end))
  }

  get output(): readonly string[] {
    return this.#child.output
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #childEnded(end: End): Promise<void> {
    if (end.kind === 'clean') return this.#ending.close(end.reason)
    const { command, group, limits } = this.#options
    // The first process may only have noticed that another one was killed.
    const hasNoMemory = group !== undefined && (await group.memoryKills()) > 0
    const error = hasNoMemory
      ? new RunError('out-of-memory', outOfMemory(command?.[0] ?? 'It', limits), { cause: end.error })
      : new RunError('exited', messageOf(end.error), { cause: end.error })
    return this.#ending.fail(error)
  }

  async #endTree(): Promise<void> {
    const { runId, sinceTicks, clock, graceMs, group, log, wrapper = [] } = this.#options
    const keeper = wrapper.length > 0 ? this.#child.pid : undefined
    // Both at once: the process group without the mark's help, and what has left it by the mark or the control group.
    const [left] = await Promise.all([
      endRun({ runId, sinceTicks, clock, graceMs, keeper, group }),
      this.#child.close(),
    ])
    await group?.remove()
    if (left.length === 0) return
    const pids = left.map((entry) => entry.pid)
    log.error('Cannot end some processes of an app', { runId, pids })
    throw new RunError('still-running', `Cannot end the processes ${pids.join(', ')} of run ${runId}`)
  }
}

/** Resolves when a run whose command has ended is over: what the command has started may be what one looks at. */
async function lingering({ goesOn, runId, clock, log }: ProcessRunOptions, stop: AbortSignal): Promise<void> {
  if (!goesOn) return
  const processes = async () => (await findRunProcesses(runId)).length
  try {
    while (!stop.aborted && (await goesOn(processes))) await sleep(clock, lookAgainMs, stop)
  } catch (error) {
    if (!stop.aborted) log.debug('Cannot look whether an app goes on', { runId, error: messageOf(error) })
  }
}

async function endLeftovers({ runId, clock, graceMs, log }: ProcessRunOptions): Promise<void> {
  const left = await endRun({ runId, clock, graceMs })
  if (left.length > 0) log.warn('Cannot end what an earlier run has left', { runId, pids: left.map(({ pid }) => pid) })
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}
