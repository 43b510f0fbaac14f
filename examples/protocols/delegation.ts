import * as v from 'valibot'
import { again, branch, choice, loop, message } from '../../src/kernel/protocol/notation.ts'
import { protocol } from '../../src/kernel/protocol/protocol.ts'

/** The shape of OAuth: a client sends the user to an authority and learns from it, not from the user, whether to go on. */
export const delegation = protocol(
  'delegation',
  ['user', 'client', 'authority'],
  [
    message('user', 'client', 'start'),
    message('client', 'user', 'redirect', v.string()),
    loop('password', [
      message('user', 'authority', 'password', v.string()),
      choice('authority', 'user', {
        wrong: branch([again('password')]),
        granted: branch([message('authority', 'client', 'token', v.string()), message('client', 'user', 'welcome')]),
        locked: branch([message('authority', 'client', 'denied'), message('client', 'user', 'goodbye')]),
      }),
    ]),
  ],
)
