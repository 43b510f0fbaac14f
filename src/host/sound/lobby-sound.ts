import type { Closable } from '../../kernel/ending.ts'
import type { SoundLayout } from '../../domain/sound-layout.ts'
import type { Readable } from '../../kernel/readable.ts'

/**
 * The sound server of one lobby: a sink that its app plays to, and a microphone that it records from. Both are there from the
 * start, and nothing else can be loaded. It is supervised: when it dies it comes back in the same place.
 */
export interface LobbySound extends Closable {
  readonly up: Readable<boolean>
  /** Where its socket is, which is another one when it has come back. */
  readonly directory: string
  /** `unix:/run/.../native` */
  readonly address: string
  readonly cookieFile: string
  /** Of what is played, and of what the source carries. */
  readonly layout: SoundLayout
  /** Name of the source that carries what is played. */
  readonly monitor: string
  /** What is played to this sink is what the app records; silence otherwise. */
  readonly microphoneSink: string
  /** PULSE_SERVER and PULSE_COOKIE, with the sink and the microphone (PULSE_SINK, PULSE_SOURCE). */
  readonly env: Readonly<Record<string, string>>
}
