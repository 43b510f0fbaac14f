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
  | 'malformed-step'
  | 'malformed-payload'
  | 'too-deep'
  | 'unguarded-loop'
  | 'unbound-loop'
  | 'shadowed-loop'
  | 'unreachable'
  | 'unmergeable'
  | 'ambiguous-label'
  | 'unknown-message'
  | 'unwatchable-order'
  | 'impossible-order'
  | 'too-large'
  | 'lost-role'
  | 'asynchronous-schema'
> {
  /** Of `unmergeable`: what shows that it is so. */
  readonly witness: Witness | undefined

  constructor(
    code: ProtocolError['code'],
    message: string,
    options: ErrorOptions & { readonly witness?: Witness } = {},
  ) {
    super(code, message, options)
    this.witness = options.witness
  }
}

/**
 * Two runs of a conversation that look the same to a role, after which it would have to act differently. Where `again` is
 * there, the second run can go on with it for ever, and what the role would do after the first never comes.
 */
export interface Witness {
  readonly role: string
  /** Messages in their order, `buyer->seller:title`. */
  readonly runs: readonly [readonly string[], readonly string[]]
  readonly again?: readonly string[]
}
