import { CodedError } from '../../kernel/coded-error.ts'

/** What can go wrong with the sound server and its sinks. */
export class SoundError extends CodedError<
  /** PulseAudio is not installed; the message names the Debian package. */
  | 'server-missing'
  /** It ended, or could not be connected to for too long, before it was ready. */
  | 'server-did-not-start'
  /** It is down just now, or was closed. */
  | 'server-down'
  /** It refused a request. */
  | 'request-refused'
  /** It sent what is no answer in its protocol. */
  | 'bad-answer'
  /** The name of a sink or microphone must be 1 to 64 letters, digits, `_`, `-` or `.`. */
  | 'bad-sink-name'
  /** There is a sink or microphone of this name. */
  | 'sink-name-taken'
> {}
