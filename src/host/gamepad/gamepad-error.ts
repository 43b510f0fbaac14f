import { CodedError } from '../../kernel/coded-error.ts'

/** Why there is no virtual gamepad; the message says how to change that. */
export class GamepadError extends CodedError<
  /** The kernel has no uinput, or it is not loaded. */
  | 'uinput-missing'
  /** Whoever runs the server may not use it. */
  | 'uinput-forbidden'
  /** Calls into the system's library are not possible here. */
  | 'native-missing'
  /** The kernel did not make the device. */
  | 'device-failed'
> {}
