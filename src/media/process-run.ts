import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { type Clock, sleep, type Timer } from '../kernel/clock.ts'
import { messageOf } from '../kernel/coded-error.ts'
import { type Closable, type End, Ending } from '../kernel/ending.ts'
import type { Log } from '../kernel/log.ts'
import { dyingWithParent } from './dying-with-parent.ts'
import { MediaError } from './media-error.ts'
import { FrameSplitter } from './process/frame-splitter.ts'
import { heartbeatPeriodMs, missedHeartbeats } from './process/heartbeat.ts'
import { type Order, parseReport, type Report } from './process/messages.ts'
import {
  audioType,
  type AudioFrame,
  controlType,
  decodeAudio,
  decodeControl,
  decodeStill,
  decodeVideo,
  encodeControl,
  encodeVoice,
  protocolVersion,
  type StillFrame,
  stillType,
  type VideoFrame,
  videoType,
  violation,
  type VoiceFrame,
} from './process/protocol.ts'

export interface ProcessRunOptions {
  readonly clock: Clock
  readonly log: Log
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly onReport: (report: Report) => void
  readonly onVideo: (frame: VideoFrame) => void
  readonly onAudio: (frame: AudioFrame) => void
  readonly onStill: (frame: StillFrame) => void
}

/** How long a process may take to say hello, in milliseconds. It takes a tenth of a second on an idle machine. */
const helloTimeoutMs = 15_000

/** How long it may take to end in order, in milliseconds. */
const goodbyeMs = 1_000

/** With so much in wait, voices are dropped: what comes late is not heard. */
const congestedBytes = 64 * 1024

/** More orders than this in wait, in bytes, mean that it does not read them. */
const mostWaitingBytes = 4 * 1024 * 1024

const processEnvironment = {
  // Options meant for the server's Node, a debugger's port for instance, are not for this one.
  NODE_OPTIONS: undefined,
  // Reads, grabs and encodings each block a thread of the pool for a while.
  UV_THREADPOOL_SIZE: '8',
  // glibc would keep the large buffers that each of these threads has freed: 400 MB instead of 150 after a while.
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: String(256 * 1024),
} as const

/** One life of a media process, from its start to its end. */
export class ProcessRun implements Closable {
  readonly closed
  readonly #child: ChildProcess
  readonly #channel: Duplex
  readonly #options: ProcessRunOptions
  readonly #ending: Ending
  readonly #hello = Promise.withResolvers<void>()
  readonly #heartbeats: Timer
  #greeted = false
  #heard = false
  #missed = 0

  private constructor(options: ProcessRunOptions) {
    const child = spawnProcess(options.environment)
    const channel = child.stdio[3]
    if (!(channel instanceof Duplex)) throw new RangeError('Cannot talk to the media process: it has no descriptor 3')
    this.#options = options
    this.#child = child
    this.#channel = channel
    this.#ending = new Ending((end) => this.#release(end))
    this.closed = this.#ending.closed
    this.#heartbeats = options.clock.every(heartbeatPeriodMs, () => this.#checkHeartbeat())
    logLines(child, options.log)
    const splitter = new FrameSplitter((type, body) => this.#dispatch(type, body))
    channel.on('data', (chunk: Buffer) => {
      this.#heard = true
      try {
        splitter.push(chunk)
      } catch (error) {
        this.#fail(messageOf(error))
      }
    })
    channel.once('error', (error) => this.#fail(messageOf(error)))
    child.once('error', (error) => this.#fail(messageOf(error)))
    child.once('exit', (code, signal) => this.#fail(`it has ended (${signal ?? `status ${code}`})`))
  }

  /** Resolves with its hello. Rejects with MediaError `process-failed` when it does not come to that. */
  static async start(options: ProcessRunOptions): Promise<ProcessRun> {
    const run = new ProcessRun(options)
    const timer = options.clock.after(helloTimeoutMs, () => run.#fail('it did not say hello'))
    try {
      await Promise.race([run.#hello.promise, run.closed])
    } finally {
      timer.cancel()
    }
    if (run.#greeted) return run
    const end = await run.closed
    throw end.kind === 'error' ? end.error : failure(end.reason)
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  send(order: Order): void {
    if (this.#ending.begun) return
    this.#channel.write(encodeControl(order))
    if (this.#channel.writableLength > mostWaitingBytes) this.#fail('it does not take orders')
  }

  speak(frame: VoiceFrame): void {
    if (this.#ending.begun || this.#channel.writableLength > congestedBytes) return
    this.#channel.write(encodeVoice(frame))
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #fail(reason: string): void {
    void this.#ending.fail(failure(reason))
  }

  #dispatch(type: number, body: Buffer): void {
    if (this.#ending.begun) return
    if (!this.#greeted) this.#greet(type, body)
    else if (type === videoType) this.#options.onVideo(decodeVideo(body))
    else if (type === audioType) this.#options.onAudio(decodeAudio(body))
    else if (type === stillType) this.#options.onStill(decodeStill(body))
    else if (type === controlType) this.#options.onReport(parseReport(decodeControl(body)))
    else throw violation(`a frame of type ${type} came from the media process`)
  }

  #greet(type: number, body: Buffer): void {
    const hello = type === controlType ? parseReport(decodeControl(body)) : undefined
    if (hello?.type !== 'hello') throw violation('the media process began without a hello')
    if (hello.version !== protocolVersion) throw violation(`the media process speaks version ${hello.version}`)
    this.#greeted = true
    this.#hello.resolve()
  }

  #checkHeartbeat(): void {
    this.#missed = this.#heard || !this.#greeted ? 0 : this.#missed + 1
    this.#heard = false
    if (this.#missed >= missedHeartbeats) this.#fail('it hung and was killed')
  }

  async #release(end: End): Promise<void> {
    this.#heartbeats.cancel()
    const child = this.#child
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
      this.#channel.destroy()
      return
    }
    const gone = once(child, 'exit')
    if (end.kind === 'error') child.kill('SIGKILL')
    else this.#channel.end()
    await Promise.race([gone, sleep(this.#options.clock, goodbyeMs)])
    child.kill('SIGKILL')
    await gone
    this.#channel.destroy()
  }
}

function spawnProcess(environment: ProcessRunOptions['environment']): ChildProcess {
  const main = fileURLToPath(new URL('process/main.ts', import.meta.url))
  const [command, ...args] = dyingWithParent(environment['PATH'], [process.execPath, main])
  const env = { ...environment, ...processEnvironment }
  // In a group of its own: Ctrl+C is for the server, which ends this process in its turn.
  return spawn(command, args, { env, detached: true, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] })
}

/** What native code prints, an assertion that failed for instance, is worth keeping. */
function logLines(child: ChildProcess, log: Log): void {
  if (!child.stderr) return
  createInterface({ input: child.stderr }).on('line', (line) =>
    log.warn('The media process printed', { line: line.slice(0, 500) }),
  )
}

function failure(reason: string): MediaError {
  return new MediaError('process-failed', `The media process cannot go on: ${reason}`)
}
