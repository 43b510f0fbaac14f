import { conversation } from '../../kernel/monitor/conversation.ts'
import { onlyFirst } from '../../kernel/monitor/order.ts'
import { protocol } from '../../kernel/protocol/protocol.ts'
import { nothing } from '../../kernel/protocol/schema.ts'
import { speaker, wordsOf } from '../../kernel/protocol/speaker.ts'
import { apiEvent, resetEvent } from './resources.ts'

const roles = ['host', 'client'] as const
const host = speaker('host', 'client', { ...wordsOf(apiEvent.options), [resetEvent]: nothing } as const)

/**
 * What one stream of `GET /events` tells. A client that missed more than can be told is told so before all else. The host holds
 * itself to it; a client leaves out what it does not know, since the host may be newer.
 */
export const eventStream = conversation(
  'event stream',
  roles,
  [
    protocol('changes', roles, [
      host.stream('app', 'app-removed', 'lobby', 'lobby-ended', 'session', 'session-ended', 'setting', 'party'),
    ]),
    protocol('beginning anew', roles, [host.says('reset')]),
  ],
  [onlyFirst('host', 'reset')],
)
