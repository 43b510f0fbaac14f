import type { LaunchRequest } from '../../../wire/moonlight/launch-request.ts'

/** A stream that a paired client was promised over HTTPS, and that it has not begun yet. */
export interface Launch {
  readonly id: string
  /** Of the client's certificate. */
  readonly fingerprint: string
  readonly request: LaunchRequest
  /** Where it was asked for: what a client says in the clear is told from others by nothing else. */
  readonly address: string
}
