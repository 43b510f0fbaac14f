import { CodedError } from '../../kernel/coded-error.ts'

/** What can go wrong with a running app. */
export class RunError extends CodedError<
  /** There is no program of this name; the message says where it was looked for. */
  | 'command-not-found'
  /** The directory that it is to run in does not exist. */
  | 'directory-not-found'
  /** The operating system refused to start it. */
  | 'could-not-start'
  /** Its limits could not be set. */
  | 'could-not-limit'
  /** It was killed because it used more memory than it may. */
  | 'out-of-memory'
  /** It ended by itself and not well; the message tells the exit code or the signal. */
  | 'exited'
  /** Some of its processes could not be ended. */
  | 'still-running'
> {}
