import type { Readable } from '../../kernel/readable.ts'
import type { MicrophoneFailure } from './microphone-platform.ts'

/** Where the microphone is. Reasons are sentences for people. */
export type MicrophoneState =
  | { readonly status: 'off' }
  /** The browser is asked for it, and may ask whoever sits there. */
  | { readonly status: 'starting' }
  /** What is said is sent. */
  | { readonly status: 'on' }
  /** It is on as soon as there is a connection (again); nothing is sent meanwhile. */
  | { readonly status: 'paused'; readonly reason: string }
  | MicrophoneFailure

/** This client's microphone. It is off until it is turned on, and the device is not touched before. */
export interface Microphone extends Readable<MicrophoneState> {
  /** Resolves when it is on, paused, or known not to come; `value` says which. Never rejects. */
  turnOn(): Promise<void>
  /** Lets the device go. */
  turnOff(): void
}
