import { conversation } from '../../kernel/monitor/conversation.ts'
import { after } from '../../kernel/monitor/order.ts'
import { again, branch, choice, loop, message } from '../../kernel/protocol/notation.ts'
import { protocol } from '../../kernel/protocol/protocol.ts'
import { decodedWords, speaker } from '../../kernel/protocol/speaker.ts'

/** What an end and its relay say about a lease. Datagrams that come twice, or are sent again, are said once. */
const roles = ['peer', 'relay'] as const

type Said<Label extends string> = Label extends string ? { readonly type: Label } : never

const peer = speaker(
  'peer',
  'relay',
  decodedWords<Said<'renew' | 'leave' | 'forward'>>({ renew: 'decoded', leave: 'decoded', forward: 'decoded' }),
)
const relay = speaker(
  'relay',
  'peer',
  decodedWords<Said<'renewed' | 'refused' | 'presence' | 'end' | 'forwarded'>>({
    renewed: 'decoded',
    refused: 'decoded',
    presence: 'decoded',
    end: 'decoded',
    forwarded: 'decoded',
  }),
)

/** A lease is presented, the address proved by what was sent to it, and the holder by its key. */
const admission = protocol('admission', roles, [
  loop('try', [
    message('peer', 'relay', 'present'),
    choice('relay', 'peer', {
      challenge: branch([
        message('peer', 'relay', 'prove'),
        choice('relay', 'peer', { ack: branch([again('try')]), reject: branch([again('try')]) }),
      ]),
      reject: branch([again('try')]),
    }),
  ]),
])

export const relayLease = conversation(
  'relay lease',
  roles,
  [
    admission,
    protocol('renewal', roles, [
      loop('renewal', [peer.says('renew'), relay.says('renewed', 'refused'), again('renewal')]),
    ]),
    protocol('notices', roles, [relay.stream('presence', 'end')]),
    protocol('leaving', roles, [peer.stream('leave')]),
    protocol('there', roles, [peer.stream('forward')]),
    protocol('back', roles, [relay.stream('forwarded')]),
  ],
  [after({ relay: ['ack'] }, { peer: ['renew', 'leave', 'forward'], relay: ['presence', 'end', 'forwarded'] })],
)

/** What a host and its relay say about credentials of the TURN server beside it, for which the host shows a lease as for a session. */
export const turnLease = conversation('turn credentials', roles, [
  protocol('turn credentials', roles, [
    loop('ask', [
      message('peer', 'relay', 'present'),
      choice('relay', 'peer', {
        challenge: branch([
          message('peer', 'relay', 'turn'),
          choice('relay', 'peer', { turned: branch([again('ask')]), reject: branch([again('ask')]) }),
        ]),
        reject: branch([again('ask')]),
      }),
    ]),
  ]),
])
