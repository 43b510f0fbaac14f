import { Ending, type End } from '../../kernel/ending.ts'
import type { AudioSink } from './sound-server.ts'

/** A sink that plays to nobody; what it is given can be taken from its monitor. */
export class NullSink implements AudioSink {
  readonly name: string
  readonly monitor: string
  readonly env: Readonly<Record<string, string>>
  readonly closed: Promise<End>
  readonly #ending: Ending

  constructor(name: string, serverEnv: Readonly<Record<string, string>>, unload: () => Promise<void>) {
    this.name = name
    this.monitor = `${name}.monitor`
    this.env = { ...serverEnv, PULSE_SINK: name }
    this.#ending = new Ending(unload)
    this.closed = this.#ending.closed
  }

  /**
   * What its module is to be told, the first that it understands: 48 kHz stereo in floating point, what Opus takes.
   * Without rewinds it works 50 ms ahead and not 2 s, so that a sound is heard at once; PulseAudio has that from 15 on.
   */
  get moduleArguments(): readonly [string, string] {
    const format = `sink_name=${this.name} format=float32le rate=48000 channels=2 channel_map=stereo`
    return [`${format} norewinds=yes`, format]
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
