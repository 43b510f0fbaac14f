import { Ending } from '../../kernel/ending.ts'
import type { SoundLayout } from '../../domain/sound-layout.ts'
import { Writable } from '../../kernel/readable.ts'
import type { LobbySound } from '../sound/lobby-sound.ts'

/** The sound server of a lobby in memory: nothing is ever heard. */
export class MemorySound implements LobbySound {
  readonly up = new Writable(true)
  readonly directory = '/memory'
  readonly address = 'unix:memory'
  readonly cookieFile = 'memory'
  readonly layout: SoundLayout
  readonly monitor: string
  readonly microphoneSink: string
  readonly env: Readonly<Record<string, string>>
  readonly closed
  readonly #ending = new Ending(() => {})

  constructor(name: string, layout: SoundLayout) {
    this.layout = layout
    this.monitor = `${name}.monitor`
    this.microphoneSink = `${name}-microphone.voices`
    this.env = { PULSE_SERVER: this.address, PULSE_SINK: name, PULSE_SOURCE: `${name}-microphone` }
    this.closed = this.#ending.closed
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
