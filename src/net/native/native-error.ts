import { CodedError } from '../../kernel/coded-error.ts'

/** Why no channel came about. */
export class NativeError extends CodedError<
  /** Nobody answered there under this key in time. */
  | 'unreachable'
  /** The gateway that it is looked for at knows it, and it is not connected there now. */
  | 'away'
  /** The gateway that it is looked for at knows no host of this key. */
  | 'not-registered'
  /** Something answered that has not the key it should have. */
  | 'not-authentic'
  /** The other end speaks another version. */
  | 'version'
  /** It has no room for one more. */
  | 'busy'
  /** It takes only those who know its key. */
  | 'key-required'
  /** It lets nobody in, for now; or this end is closing. */
  | 'closed'
> {}
