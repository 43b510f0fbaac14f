import { CodedError } from '../coded-error.ts'

/** Why a coroutine cannot go on, or a machine cannot begin. */
export class MachineError extends CodedError<
  | 'malformed-option'
  | 'unknown-instruction'
  | 'untraceable'
  | 'missing-register'
  | 'duplicate-register'
  | 'missing-instruction'
  | 'missing-label'
  | 'missing-action'
  | 'missing-handler'
  | 'missing-auth'
  | 'missing-coroutine'
  | 'not-an-endpoint'
  | 'not-holding'
  | 'too-many-coroutines'
> {}
