import { CodedError } from '../../kernel/coded-error.ts'

/** What a client asks for on a channel that there is not. */
export class NativeGatewayError extends CodedError<'not-supported'> {}
