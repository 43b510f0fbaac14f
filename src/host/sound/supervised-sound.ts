import { Backoff } from '../../kernel/backoff.ts'
import { sleep, type Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { Ending, type End } from '../../kernel/ending.ts'
import type { Log } from '../../kernel/log.ts'
import type { SoundLayout } from '../../domain/sound-layout.ts'
import { Writable } from '../../kernel/readable.ts'
import type { LobbySound } from './lobby-sound.ts'
import type { PulseDaemon, PulseFiles } from './pulse-daemon.ts'
import type { PulseNames } from './pulse-modules.ts'

export interface SupervisedSoundParts {
  readonly daemon: PulseDaemon
  /** Starts another daemon in the same place. */
  readonly start: (signal: AbortSignal) => Promise<PulseDaemon>
  readonly files: PulseFiles
  readonly names: PulseNames
  readonly layout: SoundLayout
  readonly clock: Clock
  readonly log: Log
  readonly jitter: () => number
  /** Removes the files. */
  readonly release: AsyncDisposableStack
}

const restartPolicy = { baseDelayMs: 100, maxDelayMs: 10_000, jitterFactor: 0.3, healthyAfterMs: 30_000 }

/** A sound server that comes back when its daemon dies: see {@link LobbySound}. */
export class SupervisedSound implements LobbySound {
  readonly up = new Writable(true)
  readonly directory: string
  readonly address: string
  readonly cookieFile: string
  readonly layout: SoundLayout
  readonly monitor: string
  readonly microphoneSink: string
  readonly env: Readonly<Record<string, string>>
  readonly closed: Promise<End>
  readonly #parts: SupervisedSoundParts
  readonly #ending: Ending
  readonly #closing = new AbortController()
  #daemon: PulseDaemon
  #supervision: Promise<void> | undefined

  constructor(parts: SupervisedSoundParts) {
    const { files, names } = parts
    this.#parts = parts
    this.#daemon = parts.daemon
    this.directory = files.directory
    this.address = `unix:${files.socketPath}`
    this.cookieFile = files.cookieFile
    this.layout = parts.layout
    this.monitor = `${names.sink}.monitor`
    this.microphoneSink = names.microphoneSink
    this.env = {
      PULSE_SERVER: this.address,
      PULSE_COOKIE: this.cookieFile,
      PULSE_SINK: names.sink,
      PULSE_SOURCE: names.microphone,
    }
    this.#ending = new Ending(() => this.#release())
    this.closed = this.#ending.closed
  }

  /** Begins to watch over the daemon, and to start another one whenever it is lost. */
  supervise(): void {
    this.#supervision ??= this.#supervise()
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
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
      log.warn('Lost the sound server of a lobby', { reason })
      this.up.set(false)
      await this.#daemon.close()
      await this.#restart(backoff)
      if (signal.aborted) return
      this.up.set(true)
      log.info('The sound server of a lobby is back')
    }
  }

  /** Tries until there is a daemon, or until the end. */
  async #restart(backoff: Backoff): Promise<void> {
    const { clock, log, start } = this.#parts
    const { signal } = this.#closing
    while (!signal.aborted) {
      try {
        await sleep(clock, backoff.failed(), signal)
        this.#daemon = await start(signal)
        backoff.succeeded()
        return
      } catch (error) {
        if (!signal.aborted) log.error('Cannot start a sound server again', { error: messageOf(error) })
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
    await this.#parts.release.disposeAsync()
  }
}
