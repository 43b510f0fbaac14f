import { readFile } from 'node:fs/promises'
import { Backoff } from '../../../kernel/backoff.ts'
import type { Clock, Timer } from '../../../kernel/clock.ts'
import { messageOf } from '../../../kernel/coded-error.ts'
import { openPulseClient, type PulseClient } from '../../pulse/pulse-client.ts'
import { sampleRate } from './samples/pcm.ts'

export interface AppMicrophoneOptions {
  /** For instance `unix:/run/.../native`. */
  readonly server: string
  readonly cookieFile: string | undefined
  /** The sink whose monitor the app records. */
  readonly sink: string
  readonly clock: Clock
  readonly log: (message: string) => void
}

/** A connection to the sound server with a stream on it. */
interface Line {
  readonly client: PulseClient
  readonly channel: number
}

const bytesPerMs = (sampleRate * 4) / 1000
/** The sink and the stream together; less than that runs dry now and then. */
const targetMs = 40
const maxMs = 120
/** How much silence is put before a voice that begins, so that what follows may be late. */
const leadMs = 20
/** So much later the connection is closed. */
const lingerMs = 5000
/** A server that does not take more than this is not up to it now. */
const mostWaitingBytes = 200 * bytesPerMs
const retryPolicy = { baseDelayMs: 250, maxDelayMs: 5000, jitterFactor: 0.2, healthyAfterMs: 10_000 } as const

/**
 * Where an app hears those who speak to it: a sink of which the app records the monitor. A connection is opened with the first
 * sound and closed some time after the last; in between the sink plays silence by itself.
 */
export class AppMicrophone {
  readonly #options: AppMicrophoneOptions
  readonly #backoff: Backoff
  #wanted = false
  #opening: Promise<void> | undefined
  #line: Line | undefined
  #linger: Timer | undefined
  #retry: Timer | undefined
  /** What is written next goes behind what was written before. */
  #inPlace = false

  constructor(options: AppMicrophoneOptions) {
    this.#options = options
    this.#backoff = new Backoff(retryPolicy, options.clock, Math.random)
  }

  /** The next 10 ms, mono. What comes before there is a connection is lost. */
  play(samples: Float32Array): void {
    this.#linger?.cancel()
    this.#linger = undefined
    this.#wanted = true
    const line = this.#line
    if (!line) return this.#open()
    if (line.client.backlogBytes > mostWaitingBytes) {
      this.#inPlace = false
      return
    }
    const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)
    const seek = this.#inPlace
      ? ({ to: 'end' } as const)
      : ({ to: 'play-head', aheadBytes: leadMs * bytesPerMs } as const)
    line.client.play(line.channel, bytes, seek)
    this.#inPlace = true
  }

  /** Nothing comes for the moment. */
  rest(): void {
    if (!this.#wanted) return
    this.#linger ??= this.#options.clock.after(lingerMs, () => this.#end())
  }

  async close(): Promise<void> {
    this.#end()
    await this.#opening
  }

  #end(): void {
    this.#wanted = false
    this.#linger?.cancel()
    this.#retry?.cancel()
    this.#linger = undefined
    this.#retry = undefined
    this.#drop()
  }

  #open(): void {
    if (this.#opening || this.#retry) return
    this.#opening = this.#connect()
      .catch((error: unknown) => this.#failed(messageOf(error)))
      .finally(() => {
        this.#opening = undefined
      })
  }

  async #connect(): Promise<void> {
    const { server, cookieFile, sink } = this.#options
    const cookie = cookieFile === undefined ? new Uint8Array(0) : await readFile(cookieFile)
    const client = await openPulseClient(server.replace(/^unix:/, ''), cookie)
    try {
      const channel = await client.openStream(
        { sink, name: 'voices', rate: sampleRate, maxBytes: maxMs * bytesPerMs, targetBytes: targetMs * bytesPerMs },
        { lostPlace: () => (this.#inPlace = false), killed: () => this.#lost(client, 'its sink is gone') },
      )
      if (!this.#wanted) return await client.close()
      this.#line = { client, channel }
      this.#inPlace = false
      this.#backoff.succeeded()
      void client.closed.then((end) => this.#lost(client, end.kind === 'error' ? end.error.message : end.reason))
    } catch (error) {
      await client.close()
      throw error
    }
  }

  #lost(client: PulseClient, reason: string): void {
    if (this.#line?.client !== client) return
    this.#drop()
    this.#failed(reason)
  }

  #failed(reason: string): void {
    if (!this.#wanted) return
    this.#options.log(`The app's microphone is opened again: ${reason}`)
    this.#retry = this.#options.clock.after(this.#backoff.failed(), () => {
      this.#retry = undefined
    })
  }

  #drop(): void {
    const line = this.#line
    this.#line = undefined
    void line?.client.close()
  }
}
