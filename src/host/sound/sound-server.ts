import type { Closable } from '../../kernel/ending.ts'
import type { Readable } from '../../kernel/readable.ts'

/** The host's private sound server. It is supervised: when it dies it comes back with the same sinks under the same names. */
export interface SoundServer extends Closable {
  readonly up: Readable<boolean>
  /** PULSE_SERVER and PULSE_COOKIE for a client of this server. */
  readonly env: Readonly<Record<string, string>>
  /** For instance `unix:/run/.../native`. */
  readonly address: string
  readonly cookieFile: string
  openSink(name: string): Promise<AudioSink>
}

/** A null sink: what a lobby's app plays can be captured from its monitor. */
export interface AudioSink extends Closable {
  readonly name: string
  /** Name of the source that carries what is played. */
  readonly monitor: string
  /** The server's environment plus PULSE_SINK. */
  readonly env: Readonly<Record<string, string>>
}
