import { CodedError } from '../coded-error.ts'

/** Why a declaration is no protocol. The message begins with the place, `quote / loop haggle / buyer->seller / accept`. */
export class ProtocolError extends CodedError<
  | 'duplicate-role'
  | 'too-few-roles'
  | 'unknown-role'
  | 'malformed-role'
  | 'idle-role'
  | 'self-message'
  | 'empty-choice'
  | 'unguarded-loop'
  | 'unbound-loop'
  | 'shadowed-loop'
  | 'unreachable'
  | 'unmergeable'
  | 'ambiguous-label'
  | 'unknown-message'
  | 'unwatchable-order'
  | 'impossible-order'
  | 'asynchronous-schema'
> {}
