import { CodedError } from '../../kernel/coded-error.ts'

/** What goes wrong with the sending end of a connection. */
export class ViewerError extends CodedError<
  /** The UDP port for media cannot be bound. */
  | 'port-in-use'
  /** The viewer process could not be started. */
  | 'process-failed'
  /** The process that served the viewer has ended, and does not come back in time. */
  | 'process-lost'
  /** The WebRTC library did not take what was negotiated, or the other end is gone. */
  | 'peer-failed'
  /** The viewer is not served by this wire, for now: its packets were there when what serves them broke. */
  | 'suspected'
  /** Nor any more, because of what its packets were seen to do. */
  | 'shut-out'
> {}
