import { createInterface } from 'node:readline'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { type Clock, sleep, type Timer } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { type Closable, type End, Ending } from '../../kernel/ending.ts'
import type { Log } from '../../kernel/log.ts'
import { startProcess, type StartedProcess } from '../process/start-process.ts'
import { ChildError, violation } from './child-error.ts'
import { dyingWithParent } from './dying-with-parent.ts'
import { controlType, decodeControl, heartbeatType } from './frame.ts'
import { FrameSplitter } from './frame-splitter.ts'
import { readMainThread } from './main-thread.ts'
import type { ChildVital } from './vital.ts'

export interface ChildRunOptions {
  /** For the log and for errors: `media process`. */
  readonly name: string
  /** Its program, which is run by this process's own Node. */
  readonly main: URL
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly vital: ChildVital
  readonly clock: Clock
  readonly log: Log
  /** Takes what it says after its hello. A throw ends the process. */
  readonly onFrame: (type: number, body: Buffer) => void
}

/** How long a process may take to say hello, in milliseconds. It takes a tenth of a second on an idle machine. */
const helloTimeoutMs = 15_000

/** How long it may take to end in order, in milliseconds. */
const goodbyeMs = 1_000

/** One that gets no processor has so many times as long. */
const patience = 5

/** How long the end of a process may come after that of its socket, in milliseconds. */
const lastWordsMs = 500

/** With more than this in wait, in bytes, it does not read what it is told. */
const mostWaitingBytes = 4 * 1024 * 1024

/** What became of a process that nobody had told to end. */
export type ChildFate =
  | { readonly kind: 'exit'; readonly code: number | null; readonly signal: NodeJS.Signals | null }
  /** It said nothing any more, and was killed for it. */
  | { readonly kind: 'hung' }
  /** Somebody had stopped it (SIGSTOP), and it was killed for saying nothing. */
  | { readonly kind: 'stopped' }
  /** It said, or did not take, what it should. */
  | { readonly kind: 'broken' }

/** One life of a process of the server's own, from its start to its end. */
export class ChildRun implements Closable {
  readonly closed: Promise<End>
  readonly #child: StartedProcess
  readonly #channel: Duplex
  readonly #options: ChildRunOptions
  readonly #ending: Ending
  readonly #hello = Promise.withResolvers<void>()
  readonly #heartbeats: Timer
  #fate: ChildFate | undefined
  #lastWords: Timer | undefined
  #greeted = false
  #heard = false
  #missed = 0
  /** For a processor, when it was heard last. */
  #waitedMs = 0

  private constructor(child: StartedProcess, options: ChildRunOptions) {
    const channel = child.pipe(3)
    this.#options = options
    this.#child = child
    this.#channel = channel
    this.#ending = new Ending((end) => this.#release(end))
    this.closed = this.#ending.closed
    this.#heartbeats = options.clock.every(options.vital.heartbeatPeriodMs, () => this.#checkHeartbeat())
    logLines(child, options)
    const splitter = new FrameSplitter((type, body) => this.#dispatch(type, body))
    channel.on('data', (chunk: Buffer) => {
      this.#heard = true
      try {
        splitter.push(chunk)
      } catch (error) {
        this.#fail(messageOf(error))
      }
    })
    // A process that dies shows here first; how it died is told a moment later.
    channel.once('error', (error) => {
      this.#lastWords = options.clock.after(lastWordsMs, () => this.#fail(messageOf(error)))
    })
    void child.exited.then(({ code, signal }) => {
      this.#fail(`it has ended (${signal ?? `status ${code}`})`, { kind: 'exit', code, signal })
    })
  }

  /** Resolves with its hello. Rejects with ChildError `process-failed` when it does not come to that. */
  static async start(options: ChildRunOptions): Promise<ChildRun> {
    const run = new ChildRun(await start(options), options)
    const timer = options.clock.after(helloTimeoutMs, () => run.#fail('it did not say hello'))
    try {
      await Promise.race([run.#hello.promise, run.closed])
    } finally {
      timer.cancel()
    }
    if (run.#greeted) return run
    const end = await run.closed
    throw end.kind === 'error' ? end.error : run.#failure(end.reason)
  }

  get pid(): number {
    return this.#child.pid
  }

  /** Undefined while it lives, and when it ended because it was told to. */
  get fate(): ChildFate | undefined {
    return this.#fate
  }

  /** Bytes that it has not taken yet. */
  get waitingBytes(): number {
    return this.#channel.writableLength
  }

  /** Sends a whole frame. Dropped once its end has begun. */
  send(frame: Uint8Array): void {
    if (this.#ending.begun) return
    this.#channel.write(frame)
    if (this.#channel.writableLength > mostWaitingBytes) this.#fail('it does not take what it is told')
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #fail(reason: string, fate: ChildFate = { kind: 'broken' }): void {
    if (!this.#ending.begun) this.#fate = fate
    void this.#ending.fail(this.#failure(reason))
  }

  #failure(reason: string): ChildError {
    return failure(this.#options.name, reason)
  }

  #dispatch(type: number, body: Buffer): void {
    if (this.#ending.begun) return
    if (!this.#greeted) this.#greet(type, body)
    else if (type !== heartbeatType) this.#options.onFrame(type, body)
  }

  #greet(type: number, body: Buffer): void {
    const { name, vital } = this.#options
    const hello: unknown = type === controlType ? decodeControl(body) : undefined
    if (typeof hello !== 'object' || hello === null || !('hello' in hello)) {
      throw violation(`the ${name} began without a hello`)
    }
    if (hello.hello !== vital.version) throw violation(`the ${name} speaks version ${String(hello.hello)}`)
    this.#greeted = true
    this.#hello.resolve()
  }

  /** Counted in periods, so that a server that stood still does not blame the process. */
  #checkHeartbeat(): void {
    const { heartbeatPeriodMs, missedHeartbeats } = this.#options.vital
    this.#missed = this.#heard || !this.#greeted ? 0 : this.#missed + 1
    this.#heard = false
    if (this.#missed === 1) this.#waitedMs = readMainThread(this.pid)?.waitedMs ?? 0
    if (this.#missed < missedHeartbeats) return
    const thread = readMainThread(this.pid)
    if (thread?.isStopped) return this.#fail('it was stopped and is killed', { kind: 'stopped' })
    // On a machine that is full it may only wait for its turn: that is not its fault, and another one would wait as well.
    const isStarved = (thread?.waitedMs ?? 0) - this.#waitedMs > (this.#missed * heartbeatPeriodMs) / 2
    if (isStarved && this.#missed < patience * missedHeartbeats) return
    this.#fail('it hung and was killed', { kind: 'hung' })
  }

  async #release(end: End): Promise<void> {
    this.#heartbeats.cancel()
    this.#lastWords?.cancel()
    const child = this.#child
    if (child.status) {
      this.#channel.destroy()
      return
    }
    if (end.kind === 'error') child.kill('SIGKILL')
    else this.#channel.end()
    await Promise.race([child.exited, sleep(this.#options.clock, goodbyeMs)])
    child.kill('SIGKILL')
    await child.exited
    this.#channel.destroy()
  }
}

/** In a group of its own: Ctrl+C is for the server, which ends this process in its turn. */
async function start({ name, main, environment }: ChildRunOptions): Promise<StartedProcess> {
  const command = dyingWithParent(environment['PATH'], [process.execPath, fileURLToPath(main)])
  // Options meant for the server's Node, a debugger's port for instance, are not for this one.
  const env = { ...environment, NODE_OPTIONS: undefined }
  try {
    return await startProcess({ command, env, pipes: [2, 3] })
  } catch (error) {
    throw failure(name, messageOf(error))
  }
}

function failure(name: string, reason: string): ChildError {
  return new ChildError('process-failed', `The ${name} cannot go on: ${reason}`)
}

/** What native code prints, an assertion that failed for instance, is worth keeping. */
function logLines(child: StartedProcess, { name, log }: ChildRunOptions): void {
  createInterface({ input: child.pipe(2) }).on('line', (line) =>
    log.warn(`The ${name} printed`, { line: line.slice(0, 500) }),
  )
}
