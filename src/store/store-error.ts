import { CodedError } from '../kernel/coded-error.ts'

/**
 * Why the store could not do what was asked.
 *
 * - `cannot-open`: no such directory, no permission, not a plain file
 * - `corrupt`: the file is not a database, or a damaged one
 * - `foreign`: a healthy database that belongs to another program
 * - `newer`: written by a later version of Porchlight
 * - `older`: written by an earlier one, and not to be changed now
 * - `busy`: another process holds it for longer than the busy timeout
 * - `disk-full`: nothing of it was written; `place` says which
 * - `closed`: the store has been closed
 * - `failed`: anything else that SQLite reports
 */
export class StoreError extends CodedError<
  'cannot-open' | 'corrupt' | 'foreign' | 'newer' | 'older' | 'busy' | 'disk-full' | 'closed' | 'failed'
> {
  /** A path on the disk that is full. */
  readonly place: string | undefined

  constructor(
    code: StoreError['code'],
    message: string,
    options: ErrorOptions & { readonly place?: string | undefined } = {},
  ) {
    super(code, message, options)
    this.place = options.place
  }
}
