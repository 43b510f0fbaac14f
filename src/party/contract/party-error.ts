import { CodedError } from '../../kernel/coded-error.ts'

/** What may be wrong, as clients read it on the wire. */
export const partyErrorCodes = [
  /** What was sent is not what was asked for. */
  'invalid',
  'party-not-found',
  'peer-not-found',
  /** Another host has a party of that id. */
  'party-exists',
  /** The party lets in by a code, and none came. */
  'code-required',
  'wrong-code',
  /** The second part of the code is missing, or not the one that members have. */
  'wrong-secret',
  'party-full',
  'too-many-parties',
  'too-many-peers',
  'too-many-relays',
  /** Slower. */
  'too-many-requests',
  /** There is no token, or it is none of ours, or has expired. */
  'unauthenticated',
  /** The token is another peer's. */
  'not-yours',
  'not-the-host',
  'not-a-member',
  /** Somebody else has that peer id until their token expires. */
  'peer-id-taken',
  /** The other peer is not connected now. */
  'peer-offline',
  /** This control plane is for parties of its own. */
  'not-served',
  /** The disk refused it: nothing has changed. */
  'not-recorded',
  /** The control plane cannot be reached. */
  'unreachable',
  'closed',
  /** What a control plane said that is none of these. */
  'refused',
  /** There is no party to do that with; or there is one already. */
  'no-party',
  'in-a-party',
  /** No party nearby has that code. */
  'code-unknown',
] as const
export type PartyErrorCode = (typeof partyErrorCodes)[number]

/** What a control plane refuses, or this machine's own part in a party. */
export class PartyError extends CodedError<PartyErrorCode> {}
