import { CodedError } from '../../kernel/coded-error.ts'

/** What can go wrong with a child process; the part that started it turns this into an error of its own. */
export class ChildError extends CodedError<'command-not-found' | 'could-not-start' | 'exited' | 'cannot-look'> {}
