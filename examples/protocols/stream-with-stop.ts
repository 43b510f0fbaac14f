import { again, branch, choice, loop, message } from '../../src/kernel/protocol/notation.ts'
import { protocol } from '../../src/kernel/protocol/protocol.ts'
import { unchecked } from '../../src/kernel/protocol/schema.ts'

/** The consumer asks for items one at a time, until it has had enough. */
export const streamWithStop = protocol(
  'stream with stop',
  ['source', 'sink'],
  [
    loop('items', [
      choice('sink', 'source', {
        more: branch([message('source', 'sink', 'item', unchecked<number>()), again('items')]),
        stop: branch(),
      }),
    ]),
  ],
)
