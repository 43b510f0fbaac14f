import { CodedError } from '../../../kernel/coded-error.ts'

/** What can go wrong with a display. */
export class DisplayError extends CodedError<
  /** No X server is installed; the message names the Debian package. */
  | 'server-missing'
  /** It ended, or said nothing for too long, before it was ready. */
  | 'server-did-not-start'
  /** It ended by itself: a crash, or somebody killed it. */
  | 'server-died'
  /** It stopped answering and was killed. */
  | 'server-hung'
  /** The connection to it could not be made or has ended. */
  | 'connection-failed'
  /** It refused a request. */
  | 'request-failed'
  /** Its size is fixed. */
  | 'resize-unsupported'
  /** The size is outside of what a display can have, or the server did not take it. */
  | 'resize-failed'
  /** The program that sets the layout is missing or failed. */
  | 'layout-failed'
  /** More text than the clipboard takes. */
  | 'clipboard-too-large'
> {}
