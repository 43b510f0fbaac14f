import { CodedError } from '../../kernel/coded-error.ts'

/** The command line makes no sense; the message says how, and what would. */
export class UsageError extends CodedError<'unknown-command' | 'wrong-arguments' | 'no-server'> {}
