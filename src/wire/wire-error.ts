import { CodedError } from '../kernel/coded-error.ts'

/** What a decoder found wrong with the bytes it was given, or an encoder with the value. */
export type WireErrorCode =
  /** The bytes contradict the layout. */
  | 'malformed'
  /** They end before the layout does. */
  | 'too-short'
  /** They, or a list or string in them, are longer than the limit of the message. */
  | 'too-long'
  /** The layout names a kind of message that this decoder does not know. */
  | 'unknown-type'
  /** A number that the layout cannot carry. */
  | 'out-of-range'

/** Thrown by every codec of `wire/`. The message never repeats what was received: that can be a secret. */
export class WireError extends CodedError<WireErrorCode> {}
