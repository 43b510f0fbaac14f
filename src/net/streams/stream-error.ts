import { CodedError } from '../../kernel/coded-error.ts'

/** What goes wrong with a stream, or with what carries it. */
export class StreamError extends CodedError<
  /** The other end gave it up. */
  | 'reset'
  /** The other end wants no more of it. */
  | 'stopped'
  /** It was finished, or given up, at this end. */
  | 'finished'
  /** What carries it has ended. */
  | 'closed'
  /** The other end does not take another stream now. */
  | 'too-many'
  /** The other end breaks the rules: what carries the streams ends. */
  | 'violation'
> {}
