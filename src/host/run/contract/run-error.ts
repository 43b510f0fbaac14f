import { CodedError } from '../../../kernel/coded-error.ts'

/** What can go wrong with a running app. */
export class RunError extends CodedError<
  /** There is no program of this name; the message says where it was looked for. */
  | 'command-not-found'
  /** The directory that it is to run in does not exist. */
  | 'directory-not-found'
  /** The operating system refused to start it. */
  | 'could-not-start'
  /** There is no container engine, or it does not answer; the message says what to do. */
  | 'engine-unreachable'
  /** The container engine went while the app ran. */
  | 'engine-lost'
  /** The container engine did not do what it was asked, with its reason. */
  | 'engine-refused'
  /** The image is not here and could not be fetched. */
  | 'image-missing'
  /** Its limits could not be set. */
  | 'could-not-limit'
  /** It was killed because it used more memory than it may. */
  | 'out-of-memory'
  /** It ended by itself and not well; the message tells the exit code or the signal. */
  | 'exited'
  /** Some of its processes could not be ended. */
  | 'still-running'
> {}
