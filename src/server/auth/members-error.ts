import { CodedError } from '../../kernel/coded-error.ts'

export type MembersErrorCode =
  /** The member may not enter the lobby, and nobody has said that they are to be let in. */
  | 'not-admitted'
  /** As many lobbies are open to the guest as can be. */
  | 'too-many-admissions'
  /** The member has as many devices as one can have. */
  | 'too-many-devices'
  /** The fingerprint is none. */
  | 'invalid-fingerprint'

/** Why somebody, or a device of theirs, is not let in. */
export class MembersError extends CodedError<MembersErrorCode> {}
