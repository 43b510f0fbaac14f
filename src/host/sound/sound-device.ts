import { type Closable, Ending, type End } from '../../kernel/ending.ts'

/** A module of PulseAudio: its arguments are the first of these that it understands. */
export interface SoundModule {
  readonly name: string
  readonly arguments: readonly [string, ...string[]]
}

/** Something that a sound server has as long as it is open, and has again when it comes back. */
export abstract class SoundDevice implements Closable {
  readonly name: string
  readonly closed: Promise<End>
  readonly #ending: Ending

  /** `unload` takes it away from the server. */
  constructor(name: string, unload: () => Promise<void>) {
    this.name = name
    this.#ending = new Ending(unload)
    this.closed = this.#ending.closed
  }

  /** What it is made of, in the order in which it is loaded. */
  abstract get modules(): readonly SoundModule[]

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
