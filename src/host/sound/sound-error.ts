import { CodedError } from '../../kernel/coded-error.ts'

/** What can go wrong with the sound server of a lobby. */
export class SoundError extends CodedError<
  /** PulseAudio is not installed; the message names the Debian package. */
  | 'server-missing'
  /** It ended, or could not be connected to for too long, before it was ready. */
  | 'server-did-not-start'
  /** The name of a sink must be 1 to 64 letters, digits, `_`, `-` or `.`. */
  | 'bad-sink-name'
> {}
