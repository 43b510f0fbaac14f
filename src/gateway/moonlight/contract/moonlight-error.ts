import { CodedError } from '../../../kernel/coded-error.ts'

export type MoonlightErrorCode =
  /** There is no such request to pair, or it has ended. */
  | 'pairing-not-found'
  /** Four digits were wanted. */
  | 'pin-invalid'
  /** Too many wrong PINs, or too many requests at once. */
  | 'too-many-attempts'
  /** A request does not follow the one before it. */
  | 'out-of-order'
  /** What a client sent is not what its protocol has. */
  | 'malformed'
  /** Pictures of the size that is asked for cannot be encoded now. */
  | 'no-room'
  /** Another program has the port. */
  | 'port-in-use'

/** What the Moonlight gateway refuses. */
export class MoonlightError extends CodedError<MoonlightErrorCode> {}
