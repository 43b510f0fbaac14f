import type { Closable } from '../../kernel/ending.ts'
import type { Readable } from '../../kernel/readable.ts'

/** The host's private sound server. It is supervised: when it dies it comes back with the same sinks and microphones under the same names. */
export interface SoundServer extends Closable {
  readonly up: Readable<boolean>
  /** PULSE_SERVER and PULSE_COOKIE for a client of this server. */
  readonly env: Readonly<Record<string, string>>
  /** For instance `unix:/run/.../native`. */
  readonly address: string
  readonly cookieFile: string
  openSink(name: string): Promise<AudioSink>
  openMicrophone(name: string): Promise<AudioMicrophone>
}

/** A null sink: what a lobby's app plays can be captured from its monitor. */
export interface AudioSink extends Closable {
  readonly name: string
  /** Name of the source that carries what is played. */
  readonly monitor: string
  /** The server's environment plus PULSE_SINK. */
  readonly env: Readonly<Record<string, string>>
}

/** What an app records from when it asks for no other source: silence, or what is played to a sink. */
export interface AudioMicrophone extends Closable {
  readonly name: string
  /** What is played to this sink is heard. */
  readonly sink: string
  /** PULSE_SOURCE. */
  readonly env: Readonly<Record<string, string>>
}
