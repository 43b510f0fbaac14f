import { Ending } from '../../kernel/ending.ts'
import { Writable } from '../../kernel/readable.ts'
import type { AudioMicrophone, AudioSink, SoundServer } from '../sound/sound-server.ts'

/** A sound server in memory: it knows its sinks, and nothing is ever heard. */
export class MemorySound implements SoundServer {
  readonly up = new Writable(true)
  readonly env = { PULSE_SERVER: 'unix:memory' }
  readonly address = 'unix:memory'
  readonly cookieFile = 'memory'
  readonly closed
  /** Names of the sinks and microphones that are open now. */
  readonly sinks = new Set<string>()
  readonly #ending = new Ending(() => this.sinks.clear())

  constructor() {
    this.closed = this.#ending.closed
  }

  async openSink(name: string): Promise<AudioSink> {
    this.sinks.add(name)
    const ending = new Ending(() => void this.sinks.delete(name))
    return {
      name,
      monitor: `${name}.monitor`,
      env: { ...this.env, PULSE_SINK: name },
      closed: ending.closed,
      close: (reason) => ending.close(reason),
      [Symbol.asyncDispose]: () => ending.close(),
    }
  }

  async openMicrophone(name: string): Promise<AudioMicrophone> {
    this.sinks.add(name)
    const ending = new Ending(() => void this.sinks.delete(name))
    return {
      name,
      sink: `${name}.voices`,
      env: { PULSE_SOURCE: name },
      closed: ending.closed,
      close: (reason) => ending.close(reason),
      [Symbol.asyncDispose]: () => ending.close(),
    }
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
