import { CodedError } from '../../kernel/coded-error.ts'

/** What goes wrong with a port that a member shares. */
export class ShareError extends CodedError<
  /** The member does not answer. */
  | 'unreachable'
  /** As many connections as there may be, or ports. */
  | 'busy'
  /** The member shares no such port, with this one at least. */
  | 'not-shared'
  /** Nothing listens behind it. */
  | 'not-there'
  /** The local port cannot be had. */
  | 'port-in-use'
  /** What was asked for is no port, or no member. */
  | 'invalid'
  /** The other end says what nobody understands. */
  | 'violation'
> {}
