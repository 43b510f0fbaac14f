import { message } from '../../src/kernel/protocol/notation.ts'
import { protocol } from '../../src/kernel/protocol/protocol.ts'
import { unchecked } from '../../src/kernel/protocol/schema.ts'

/** A token goes once round. */
export const ring = protocol(
  'ring',
  ['a', 'b', 'c'],
  [
    message('a', 'b', 'token', unchecked<number>()),
    message('b', 'c', 'token', unchecked<number>()),
    message('c', 'a', 'token', unchecked<number>()),
  ],
)
