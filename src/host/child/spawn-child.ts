import { realpath } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Readable } from 'node:stream'
import { sleep, type Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import { startProcess, type StartedProcess } from '../../os/process/start-process.ts'
import { ChildError } from './child-error.ts'
import { endProcesses } from './end-processes.ts'
import { findExecutable } from './find-executable.ts'
import { LastLines } from './last-lines.ts'
import { listProcesses, type ProcessEntry } from './process-table.ts'

export interface ChildOptions {
  readonly command: readonly [string, ...string[]]
  /** The whole environment: nothing is inherited. Its PATH is where the command is looked for. */
  readonly env: Readonly<Record<string, string>>
  /** Words that are put before the command once that was found: a program that starts it in some place. */
  readonly wrapper?: readonly string[]
  readonly directory: string
  readonly clock: Clock
  /** From SIGTERM to SIGKILL when it is closed, in milliseconds; 1,000 by default. */
  readonly graceMs?: number
  /** How many of its last lines are kept; 50 by default. */
  readonly outputLines?: number
  /** Told all that it prints on stdout and stderr, as it comes. */
  readonly onOutput?: (text: string) => void
  /** Its wrapper keeps the namespace that everything lives in, and ends with the last of it. */
  readonly isKeeper?: boolean
  /** Called when it has exited in order: its group is left alone until that has resolved. */
  readonly beforeEnd?: () => Promise<void>
  /** Opens a pipe as its descriptor 3, for what it reports there. */
  readonly reportPipe?: boolean
}

/** A child process and its process group. It ends by `close()` or by itself, and its group always ends with it. */
export interface Child extends Closable {
  readonly pid: number
  /** The last lines it printed on stdout and stderr, oldest first. */
  readonly output: readonly string[]
  /** What it writes to descriptor 3, when `reportPipe` was asked for. */
  readonly report: Readable | undefined
  /** Kills the group at once, for a child that hangs; `closed` follows, with the signal as its error. */
  kill(): void
}

/**
 * Starts a child in a session and process group of its own. The kernel kills it when this process dies, however that
 * happens, where util-linux's `setpriv` is installed.
 *
 * Rejects with {@link ChildError}: `command-not-found`, `could-not-start`.
 */
export async function spawnChild(options: ChildOptions): Promise<Child> {
  const [name, ...args] = options.command
  const file = await findExecutable(name, options.env['PATH'])
  if (file === undefined) {
    throw new ChildError('command-not-found', `Cannot start ${name}: there is no such program in ${pathOf(options)}`)
  }
  const words = [...(await deathSignalWrapper()), ...(options.wrapper ?? []), file, ...args]
  const child = await start(words, options)
  return new RunningChild(child, basename(name), options)
}

/** How long a child that ended is waited for to have said everything. */
const lastWordsMs = 50

class RunningChild implements Child {
  readonly pid: number
  readonly report: Readable | undefined
  readonly closed
  readonly #name: string
  readonly #clock: Clock
  readonly #beforeEnd: ChildOptions['beforeEnd']
  readonly #graceMs: number
  readonly #isKeeper: boolean
  readonly #output: LastLines
  readonly #ending: Ending

  constructor(child: StartedProcess, name: string, options: ChildOptions) {
    this.pid = child.pid
    this.report = options.reportPipe ? child.pipe(3) : undefined
    this.#name = name
    this.#clock = options.clock
    this.#beforeEnd = options.beforeEnd
    this.#graceMs = options.graceMs ?? 1000
    this.#isKeeper = options.isKeeper ?? false
    this.#output = new LastLines(options.outputLines ?? 50)
    this.#ending = new Ending(() => this.#endGroup())
    this.closed = this.#ending.closed
    const streams = [child.pipe(1), child.pipe(2)]
    for (const stream of streams) readOutput(stream, options.clock, (text) => this.#hear(text, options))
    const drained = Promise.all(streams.map(closed))
    void child.exited.then(({ code, signal }) => this.#exited(code, signal, drained))
  }

  get output(): readonly string[] {
    return this.#output.lines
  }

  kill(): void {
    if (this.#ending.begun) return
    this.#signalGroup('SIGKILL')
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #hear(text: string, { onOutput }: ChildOptions): void {
    this.#output.push(text)
    onOutput?.(text)
  }

  async #findGroup(): Promise<readonly ProcessEntry[]> {
    try {
      return (await listProcesses()).filter((entry) => entry.groupId === this.pid || entry.sessionId === this.pid)
    } catch (error) {
      // Where processes cannot be seen, whether there is one in the group can still be told.
      if (!this.#signalGroup(0)) return []
      throw error
    }
  }

  /** False when the group is gone; 0 only asks. */
  #signalGroup(signal: NodeJS.Signals | 0): boolean {
    try {
      process.kill(-this.pid, signal)
      return true
    } catch {
      return false
    }
  }

  async #exited(code: number | null, signal: string | null, drained: Promise<unknown>): Promise<void> {
    // Its pipes are read out after its end; a grandchild may hold them open for ever, so its last words get a moment only.
    await Promise.race([drained, sleep(this.#clock, lastWordsMs)])
    if (code === 0) {
      await this.#beforeEnd?.()
      return this.#ending.close('it exited with code 0')
    }
    const how = signal === null ? `exited with code ${code}` : `was killed by ${signal}`
    const lastLine = this.output.at(-1)
    const words = lastLine === undefined ? '' : `; its last line was "${lastLine}"`
    return this.#ending.fail(new ChildError('exited', `${this.#name} ${how}${words}`))
  }

  async #endGroup(): Promise<void> {
    const left = await endProcesses({
      find: () => this.#findGroup(),
      killAll: async () => void this.#signalGroup('SIGKILL'),
      keeper: this.#isKeeper ? this.pid : undefined,
      clock: this.#clock,
      graceMs: this.#graceMs,
    })
    if (left.length > 0) throw new ChildError('exited', `${this.#name} cannot be killed (pid ${left[0]?.pid})`)
  }
}

async function start(words: readonly string[], options: ChildOptions): Promise<StartedProcess> {
  const [file = '', ...args] = words
  const { directory, env } = options
  try {
    return await startProcess({
      command: [file, ...args],
      directory,
      env,
      pipes: options.reportPipe ? [1, 2, 3] : [1, 2],
    })
  } catch (error) {
    throw new ChildError('could-not-start', `Cannot start ${options.command[0]}: ${messageOf(error)}`, { cause: error })
  }
}

/** Resolves when nothing more comes by it. An error of it says no more than that. */
function closed(stream: Readable): Promise<void> {
  return new Promise((resolve) => stream.on('error', () => {}).once('close', resolve))
}

/** The words to put before a command so that the kernel kills it together with us; none where that cannot be had. */
async function deathSignalWrapper(): Promise<readonly string[]> {
  const setpriv = await findExecutable('setpriv')
  // BusyBox has a setpriv too, without this option; there it is a link to the program that does everything.
  if (setpriv === undefined || basename(await realpath(setpriv)) !== 'setpriv') return []
  return [setpriv, '--pdeathsig', 'KILL', '--']
}

function pathOf(options: ChildOptions): string {
  return options.env['PATH'] ?? 'the standard directories'
}

const periodMs = 100
const charactersAtOnce = 128 * 1024

/**
 * Hands over what a child prints, about 1 MB in a second at most. A child that prints without end is slowed down by its
 * full pipe; reading as fast as it can write would take a core from everybody else.
 */
function readOutput(stream: Readable, clock: Clock, onText: (text: string) => void): void {
  let room = charactersAtOnce
  stream.setEncoding('utf8').on('data', (text: string) => {
    onText(text)
    room -= text.length
    if (room > 0) return
    stream.pause()
    clock.after(periodMs, () => {
      room = charactersAtOnce
      stream.resume()
    })
  })
}
