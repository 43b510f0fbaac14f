import { CodedError } from '../../kernel/coded-error.ts'

/** Why the network is not let in, or not shut out. The message says what helps, for the owner. */
export class NetworkError extends CodedError<
  'network-fixed' | 'network-not-from-here' | 'no-private-address' | 'port-in-use' | 'too-many-changes'
> {}
