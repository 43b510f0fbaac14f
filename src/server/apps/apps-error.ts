import { CodedError } from '../../kernel/coded-error.ts'

/** What is wrong at one place of what was sent. */
export interface PlacedFault {
  /** A JSON pointer (RFC 6901). */
  readonly pointer: string
  readonly detail: string
}

/** Why the apps stay as they are. */
export class AppsError extends CodedError<
  /** There is no app with this id. */
  | 'app-not-found'
  /** There is one with this id already. */
  | 'app-exists'
  /** It comes with Porchlight or from the file; the message says where to change it. */
  | 'app-read-only'
  /** It was described wrongly; `faults` says where. */
  | 'invalid-app'
  /** There is no room for one more. */
  | 'too-many-apps'
> {
  readonly faults: readonly PlacedFault[]

  constructor(code: AppsError['code'], message: string, faults: readonly PlacedFault[] = []) {
    super(code, message)
    this.faults = faults
  }
}
