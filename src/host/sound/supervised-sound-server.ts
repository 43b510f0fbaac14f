import { Backoff } from '../../kernel/backoff.ts'
import { sleep, type Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { Ending, type End } from '../../kernel/ending.ts'
import type { Log } from '../../kernel/log.ts'
import { until, Writable } from '../../kernel/readable.ts'
import { NullSink } from './null-sink.ts'
import type { SoundDevice, SoundModule } from './sound-device.ts'
import type { PulseDaemon, PulseFiles } from './pulse-daemon.ts'
import type { PulseClient } from '../../media/pulse/pulse-client.ts'
import { PulseError } from '../../media/pulse/pulse-error.ts'
import { SoundError } from './sound-error.ts'
import type { AudioMicrophone, AudioSink, SoundServer } from './sound-server.ts'
import { VirtualMicrophone } from './virtual-microphone.ts'

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

/** How long a new device waits for a server that is being started again, in milliseconds. */
const openTimeoutMs = 10_000

/** A sound server that comes back with its devices when its daemon dies: see {@link SoundServer}. */
export class SupervisedSoundServer implements SoundServer {
  readonly up = new Writable(true)
  readonly env: Readonly<Record<string, string>>
  readonly address: string
  readonly cookieFile: string
  readonly closed: Promise<End>
  readonly #parts: SoundServerParts
  readonly #ending: Ending
  readonly #closing = new AbortController()
  /** The devices there are to be, with the numbers of each one's modules on the daemon that runs now. */
  readonly #devices = new Map<SoundDevice, readonly number[] | undefined>()
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
    const sink: NullSink = new NullSink(this.#checked(name), this.env, () => this.#unload(sink))
    return this.#open(sink)
  }

  async openMicrophone(name: string): Promise<AudioMicrophone> {
    const microphone: VirtualMicrophone = new VirtualMicrophone(this.#checked(name), () => this.#unload(microphone))
    return this.#open(microphone)
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #checked(name: string): string {
    if (!/^[A-Za-z0-9_.-]{1,64}$/.test(name)) {
      throw new SoundError(
        'bad-sink-name',
        `Cannot open sink ${JSON.stringify(name)}: letters, digits, _, - and . only`,
      )
    }
    if ([...this.#devices.keys()].some((device) => device.name === name)) {
      throw new SoundError('sink-name-taken', `Cannot open sink "${name}": there is one of this name`)
    }
    return name
  }

  async #open<Device extends SoundDevice>(device: Device): Promise<Device> {
    this.#devices.set(device, undefined)
    try {
      await this.#loadWhenUp(device)
      return device
    } catch (error) {
      await device.close()
      throw error
    }
  }

  /** Loads a device now, or waits until the server, as it comes back, has done so. */
  async #loadWhenUp(device: SoundDevice): Promise<void> {
    const giveUp = new AbortController()
    const timer = this.#parts.clock.after(openTimeoutMs, () => giveUp.abort())
    try {
      while (this.#devices.get(device) === undefined) {
        await until(this.up, (up) => up, AbortSignal.any([this.#closing.signal, giveUp.signal]))
        if (this.#devices.get(device) === undefined) await this.#load(device)
      }
    } catch (error) {
      if (error instanceof SoundError) throw error
      throw new SoundError('server-down', `Cannot open sink "${device.name}": there is no sound server now`)
    } finally {
      timer.cancel()
    }
  }

  /** Does nothing when the server goes down meanwhile: then it is loaded when it comes back. */
  async #load(device: SoundDevice): Promise<void> {
    const { client } = this.#daemon
    const loaded: number[] = []
    try {
      for (const module of device.modules) loaded.push(await this.#loadModule(module))
      if (this.#devices.has(device) && client === this.#daemon.client) this.#devices.set(device, loaded)
      else await unloadAll(client, loaded)
    } catch (error) {
      await unloadAll(client, loaded).catch(() => {})
      if (!(error instanceof PulseError)) throw error
      if (error.code !== 'server-down') throw new SoundError(error.code, error.message, { cause: error })
    }
  }

  async #loadModule({ name, arguments: [best, ...plainer] }: SoundModule): Promise<number> {
    const { client } = this.#daemon
    const [next, ...rest] = plainer
    try {
      return await client.loadModule(name, best)
    } catch (error) {
      const isRefused = error instanceof PulseError && error.code === 'request-refused'
      if (!isRefused || next === undefined) throw error
      return this.#loadModule({ name, arguments: [next, ...rest] })
    }
  }

  async #unload(device: SoundDevice): Promise<void> {
    const loaded = this.#devices.get(device)
    this.#devices.delete(device)
    // A server that goes down takes its devices with it.
    if (loaded) await unloadAll(this.#daemon.client, loaded).catch(() => {})
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
      for (const device of this.#devices.keys()) this.#devices.set(device, undefined)
      await this.#daemon.close()
      await this.#restart(backoff)
      if (signal.aborted) return
      this.up.set(true)
      log.info('The sound server is back', { devices: this.#devices.size })
    }
  }

  /** Tries until there is a daemon with all devices, or until the end. */
  async #restart(backoff: Backoff): Promise<void> {
    const { clock, log, start } = this.#parts
    const { signal } = this.#closing
    while (!signal.aborted) {
      try {
        await sleep(clock, backoff.failed(), signal)
        this.#daemon = await start(signal)
        for (const device of this.#devices.keys()) await this.#load(device)
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
    await Promise.all([...this.#devices.keys()].map((device) => device.close('the sound server was closed')))
    await this.#parts.release.disposeAsync()
  }
}

/** In the reverse order of loading: what stands on another goes first. */
async function unloadAll(client: PulseClient, loaded: readonly number[]): Promise<void> {
  for (const index of loaded.toReversed()) await client.unloadModule(index)
}
