import { messageOf } from '../kernel/coded-error.ts'
import type { Size } from '../domain/size.ts'
import { displaySize } from './display/display-size.ts'
import { HostError } from './contract/host-error.ts'

/** The size that a lobby takes when it is asked for this one. Throws HostError `invalid-size`. */
export function possibleSize(asked: Size): Size {
  try {
    return displaySize(asked)
  } catch (error) {
    throw new HostError('invalid-size', messageOf(error), { cause: error })
  }
}
