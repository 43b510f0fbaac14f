import { Backoff } from '../../kernel/backoff.ts'
import { sleep, type Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { Ending, type End } from '../../kernel/ending.ts'
import type { Log } from '../../kernel/log.ts'
import { until, Writable } from '../../kernel/readable.ts'
import { NullSink } from './null-sink.ts'
import type { PulseDaemon, PulseFiles } from './pulse-daemon.ts'
import { PulseError } from '../../media/pulse/pulse-error.ts'
import { SoundError } from './sound-error.ts'
import type { AudioSink, SoundServer } from './sound-server.ts'

export interface SoundServerParts {
  readonly daemon: PulseDaemon
  /** Starts another daemon in the same place. */
  readonly start: (signal: AbortSignal) => Promise<PulseDaemon>
  readonly files: PulseFiles
  readonly clock: Clock
  readonly log: Log
  readonly jitter: () => number
  /** Removes the files. */
  readonly release: AsyncDisposableStack
}

const restartPolicy = { baseDelayMs: 100, maxDelayMs: 10_000, jitterFactor: 0.3, healthyAfterMs: 30_000 }

/** How long a new sink waits for a server that is being started again, in milliseconds. */
const openTimeoutMs = 10_000

/** A sound server that comes back with its sinks when its daemon dies: see {@link SoundServer}. */
export class SupervisedSoundServer implements SoundServer {
  readonly up = new Writable(true)
  readonly env: Readonly<Record<string, string>>
  readonly address: string
  readonly cookieFile: string
  readonly closed: Promise<End>
  readonly #parts: SoundServerParts
  readonly #ending: Ending
  readonly #closing = new AbortController()
  /** The sinks there are to be, with the number of each one's module on the daemon that runs now. */
  readonly #sinks = new Map<NullSink, number | undefined>()
  #daemon: PulseDaemon
  #supervision: Promise<void> | undefined

  constructor(parts: SoundServerParts) {
    this.#parts = parts
    this.#daemon = parts.daemon
    this.address = `unix:${parts.files.socketPath}`
    this.cookieFile = parts.files.cookieFile
    this.env = { PULSE_SERVER: this.address, PULSE_COOKIE: this.cookieFile }
    this.#ending = new Ending(() => this.#release())
    this.closed = this.#ending.closed
  }

  /** Begins to watch over the daemon, and to start another one whenever it is lost. */
  supervise(): void {
    this.#supervision ??= this.#supervise()
  }

  async openSink(name: string): Promise<AudioSink> {
    this.#checkName(name)
    const sink: NullSink = new NullSink(name, this.env, () => this.#unload(sink))
    this.#sinks.set(sink, undefined)
    try {
      await this.#loadWhenUp(sink)
      return sink
    } catch (error) {
      await sink.close()
      throw error
    }
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #checkName(name: string): void {
    if (!/^[A-Za-z0-9_.-]{1,64}$/.test(name)) {
      throw new SoundError(
        'bad-sink-name',
        `Cannot open sink ${JSON.stringify(name)}: letters, digits, _, - and . only`,
      )
    }
    if ([...this.#sinks.keys()].some((sink) => sink.name === name)) {
      throw new SoundError('sink-name-taken', `Cannot open sink "${name}": there is one of this name`)
    }
  }

  /** Loads a sink now, or waits until the server, as it comes back, has done so. */
  async #loadWhenUp(sink: NullSink): Promise<void> {
    const giveUp = new AbortController()
    const timer = this.#parts.clock.after(openTimeoutMs, () => giveUp.abort())
    try {
      while (this.#sinks.get(sink) === undefined) {
        await until(this.up, (up) => up, AbortSignal.any([this.#closing.signal, giveUp.signal]))
        if (this.#sinks.get(sink) === undefined) await this.#load(sink)
      }
    } catch (error) {
      if (error instanceof SoundError) throw error
      throw new SoundError('server-down', `Cannot open sink "${sink.name}": there is no sound server now`)
    } finally {
      timer.cancel()
    }
  }

  /** Does nothing when the server goes down meanwhile: then it is loaded when it comes back. */
  async #load(sink: NullSink): Promise<void> {
    const { client } = this.#daemon
    try {
      const [best, plain] = sink.moduleArguments
      const load = (moduleArguments: string) => client.loadModule('module-null-sink', moduleArguments)
      const index = await load(best).catch((error: unknown) => {
        if (error instanceof PulseError && error.code === 'request-refused') return load(plain)
        throw error
      })
      if (this.#sinks.has(sink) && client === this.#daemon.client) this.#sinks.set(sink, index)
      else await client.unloadModule(index)
    } catch (error) {
      if (!(error instanceof PulseError)) throw error
      if (error.code !== 'server-down') throw new SoundError(error.code, error.message, { cause: error })
    }
  }

  async #unload(sink: NullSink): Promise<void> {
    const index = this.#sinks.get(sink)
    this.#sinks.delete(sink)
    // A server that goes down takes its sinks with it.
    if (index !== undefined) await this.#daemon.client.unloadModule(index).catch(() => {})
  }

  /** The one owner of restarts. */
  async #supervise(): Promise<void> {
    const { clock, log, jitter } = this.#parts
    const { signal } = this.#closing
    const backoff = new Backoff(restartPolicy, clock, jitter)
    backoff.succeeded()
    for (;;) {
      const reason = await this.#daemon.lost
      if (signal.aborted) return
      log.warn('Lost the sound server', { reason })
      this.up.set(false)
      for (const sink of this.#sinks.keys()) this.#sinks.set(sink, undefined)
      await this.#daemon.close()
      await this.#restart(backoff)
      if (signal.aborted) return
      this.up.set(true)
      log.info('The sound server is back', { sinks: this.#sinks.size })
    }
  }

  /** Tries until there is a daemon with all sinks, or until the end. */
  async #restart(backoff: Backoff): Promise<void> {
    const { clock, log, start } = this.#parts
    const { signal } = this.#closing
    while (!signal.aborted) {
      try {
        await sleep(clock, backoff.failed(), signal)
        this.#daemon = await start(signal)
        for (const sink of this.#sinks.keys()) await this.#load(sink)
        backoff.succeeded()
        return
      } catch (error) {
        if (!signal.aborted) log.error('Cannot start the sound server again', { error: messageOf(error) })
      }
    }
  }

  async #release(): Promise<void> {
    this.#closing.abort()
    this.up.set(false)
    await this.#daemon.close()
    await this.#supervision
    // A daemon that came up in the last moment.
    await this.#daemon.close()
    await Promise.all([...this.#sinks.keys()].map((sink) => sink.close('the sound server was closed')))
    await this.#parts.release.disposeAsync()
  }
}
