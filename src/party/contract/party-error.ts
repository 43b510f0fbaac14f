import { CodedError } from '../../kernel/coded-error.ts'

export type PartyErrorCode =
  /** What was sent is not what was asked for. */
  | 'invalid'
  | 'party-not-found'
  | 'peer-not-found'
  /** Another host has a party of that id. */
  | 'party-exists'
  /** The party lets in by a code, and none came. */
  | 'code-required'
  | 'wrong-code'
  | 'party-full'
  | 'too-many-parties'
  | 'too-many-peers'
  | 'too-many-relays'
  /** Slower. */
  | 'too-many-requests'
  /** There is no token, or it is none of ours, or has expired. */
  | 'unauthenticated'
  /** The token is another peer's. */
  | 'not-yours'
  | 'not-the-host'
  | 'not-a-member'
  /** Somebody else has that peer id until their token expires. */
  | 'peer-id-taken'
  /** The other peer is not connected now. */
  | 'peer-offline'
  /** The disk refused it: nothing has changed. */
  | 'not-recorded'
  /** The control plane cannot be reached. */
  | 'unreachable'
  | 'closed'

/** What a control plane refuses. */
export class PartyError extends CodedError<PartyErrorCode> {}
