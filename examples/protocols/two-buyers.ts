import * as v from 'valibot'
import { branch, choice, message } from '../../src/kernel/protocol/notation.ts'
import { protocol } from '../../src/kernel/protocol/protocol.ts'

/** Alice and Bob share a book: Bob decides whether his part is worth it, and only the seller needs to be told. */
export const twoBuyers = protocol(
  'two buyers',
  ['alice', 'bob', 'seller'],
  [
    message('alice', 'seller', 'title', v.string()),
    message('seller', 'alice', 'quote', v.number()),
    message('seller', 'bob', 'quote', v.number()),
    message('alice', 'bob', 'share', v.number()),
    choice('bob', 'seller', {
      accept: branch(v.string(), [message('seller', 'bob', 'date', v.string())]),
      quit: branch(),
    }),
  ],
)
