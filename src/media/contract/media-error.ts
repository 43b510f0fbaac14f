import { CodedError } from '../../kernel/coded-error.ts'

/** What goes wrong with pictures and sound. */
export class MediaError extends CodedError<
  /** The media process could not be started, or ended before it said hello. */
  | 'process-failed'
  /** A frame between server and media process that neither would send. */
  | 'protocol-violation'
  /** A source is described that cannot be. */
  | 'bad-source'
  /** A producer of that id is there already. */
  | 'producer-exists'
  /** The display, its cookie or one of its extensions cannot be had, or it stopped answering. */
  | 'display-failed'
  /** FFmpeg refused a call. */
  | 'codec-failed'
  /** The sound server's recorder could not be run. */
  | 'sound-failed'
> {}
