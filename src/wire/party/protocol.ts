import { conversation } from '../../kernel/monitor/conversation.ts'
import { after, allBut, onlyFirst } from '../../kernel/monitor/order.ts'
import { protocol } from '../../kernel/protocol/protocol.ts'
import { speaker, wordsOf } from '../../kernel/protocol/speaker.ts'
import { partyClientMessage, partyServerMessage } from './socket.ts'

const roles = ['peer', 'plane'] as const
const peer = speaker('peer', 'plane', wordsOf(partyClientMessage.options))
const plane = speaker('plane', 'peer', wordsOf(partyServerMessage.options))

/**
 * What a peer and a control plane say on a WebSocket at `/ws`: who it is before all else, then everything at any time. A plane may
 * refuse before it knows who that is. Changes with versions are told to who has asked for them alone: clients of old know no such word.
 */
export const partyControl = conversation(
  'party control',
  roles,
  [
    protocol('introduction', roles, [peer.says('auth')]),
    protocol('membership', roles, [peer.stream('register_party', 'join_party', 'leave_party')]),
    protocol('life', roles, [peer.stream('heartbeat')]),
    protocol('signals sent', roles, [peer.stream('signal')]),
    protocol('signals told', roles, [plane.stream('signal')]),
    protocol('changes asked for', roles, [peer.stream('follow_party')]),
    protocol('changes', roles, [plane.stream('party_changes')]),
    protocol('what happened', roles, [plane.stream('party_update', 'peer_joined', 'peer_left', 'error')]),
  ],
  [
    onlyFirst('peer', 'auth'),
    after({ peer: ['auth'] }, { plane: allBut('error') }),
    after({ peer: ['follow_party'] }, { plane: ['party_changes'] }),
  ],
)
