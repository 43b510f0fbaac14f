import { CodedError } from '../../kernel/coded-error.ts'

/**
 * What keeps the server from starting. The message says what was tried, what was found and what to do next: it is
 * shown as it is to whoever ran the command.
 */
export class ServerError extends CodedError<
  | 'invalid-config'
  | 'port-in-use'
  | 'port-forbidden'
  | 'address-not-available'
  | 'data-directory-unusable'
  | 'data-directory-in-use'
  | 'disk-full'
  | 'run-directory-unusable'
  | 'certificate-unusable'
> {}
