import { CodedError } from '../../kernel/coded-error.ts'

/** What can go wrong between us and a PulseAudio server. */
export class PulseError extends CodedError<
  /** It cannot be connected to, or is gone. */
  | 'server-down'
  /** It refused a request. */
  | 'request-refused'
  /** It sent what is no answer in its protocol. */
  | 'bad-answer'
> {}
