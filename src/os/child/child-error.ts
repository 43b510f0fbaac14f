import { CodedError } from '../../kernel/coded-error.ts'

/** What goes wrong with a process of one's own. */
export class ChildError extends CodedError<
  /** It could not be started, or ended. */
  | 'process-failed'
  /** A frame that neither end would send. */
  | 'protocol-violation'
> {}

/** The error of an end that hears what nobody would say. */
export function violation(found: string): ChildError {
  return new ChildError('protocol-violation', `Cannot go on between server and process: ${found}`)
}
