import { conversation } from '../../kernel/monitor/conversation.ts'
import { again, branch, choice, loop, message } from '../../kernel/protocol/notation.ts'
import { protocol } from '../../kernel/protocol/protocol.ts'
import { unchecked } from '../../kernel/protocol/schema.ts'
import type { ClientMessage, ServerMessage } from './messages.ts'

/**
 * What may be said when on the signalling WebSocket (seed 003). Several conversations share the wire, told apart by the
 * types of their messages. Contents are checked by the codec; here only the order counts.
 */
const roles = ['client', 'host'] as const

/** The schema of one message type, its content having been checked by the codec. */
function said<Type extends ClientMessage['type']>(_type: Type) {
  return unchecked<Extract<ClientMessage, { type: Type }>>()
}
function told<Type extends ServerMessage['type']>(_type: Type) {
  return unchecked<Extract<ServerMessage, { type: Type }>>()
}

/** The host introduces itself; then each offer waits for its answer, or for its refusal. */
const negotiation = protocol('negotiation', roles, [
  message('host', 'client', 'ready', told('ready')),
  loop('offers', [
    message('client', 'host', 'offer', said('offer')),
    choice('host', 'client', {
      signal: branch(told('signal'), [again('offers')]),
      'offer-refused': branch(told('offer-refused'), [again('offers')]),
    }),
  ]),
])

/** A lost session is asked for, and either given back or replaced. */
const recovery = protocol('recovery', roles, [
  loop('recovery', [
    message('client', 'host', 'reconnect', said('reconnect')),
    message('host', 'client', 'reconnect-ack', told('reconnect-ack')),
    again('recovery'),
  ]),
])

/** Where the session is to be and how much it wants; `bye` is the last of it. */
const wishes = protocol('wishes', roles, [
  loop('wishes', [
    choice('client', 'host', {
      join: branch(said('join'), [again('wishes')]),
      lead: branch(said('lead'), [again('wishes')]),
      leave: branch(said('leave'), [again('wishes')]),
      limit: branch(said('limit'), [again('wishes')]),
      'clipboard-follow': branch(said('clipboard-follow'), [again('wishes')]),
      bye: branch(said('bye')),
    }),
  ]),
])

/** What the host tells unasked. */
const notices = protocol('notices', roles, [
  loop('notices', [
    choice('host', 'client', {
      place: branch(told('place'), [again('notices')]),
      role: branch(told('role'), [again('notices')]),
      seats: branch(told('seats'), [again('notices')]),
      texts: branch(told('texts'), [again('notices')]),
      voices: branch(told('voices'), [again('notices')]),
      rumble: branch(told('rumble'), [again('notices')]),
      stats: branch(told('stats'), [again('notices')]),
      error: branch(told('error'), [again('notices')]),
    }),
  ]),
])

/** What has to be done exactly once: the next of it goes out when the host has done what came before. */
const deliveries = protocol('deliveries', roles, [
  loop('deliveries', [
    message('client', 'host', 'deliver', said('deliver')),
    message('host', 'client', 'delivered', told('delivered')),
    again('deliveries'),
  ]),
])

/** Each part of a text waits for its acknowledgement, so that neither end is flooded. */
const clipboardToApp = protocol('clipboard to the app', roles, [
  loop('parts', [
    message('client', 'host', 'clipboard-write', said('clipboard-write')),
    choice('host', 'client', {
      'clipboard-written': branch(told('clipboard-written'), [again('parts')]),
      'clipboard-refused': branch(told('clipboard-refused'), [again('parts')]),
    }),
  ]),
])
const clipboardFromApp = protocol('clipboard from the app', roles, [
  loop('parts', [
    message('host', 'client', 'clipboard', told('clipboard')),
    message('client', 'host', 'clipboard-taken', said('clipboard-taken')),
    again('parts'),
  ]),
])

/** Each wish for the media socket is answered by a ticket, or refused. */
const mediaTickets = protocol('media tickets', roles, [
  loop('tickets', [
    message('client', 'host', 'web-media', said('web-media')),
    choice('host', 'client', {
      'web-media-ticket': branch(told('web-media-ticket'), [again('tickets')]),
      'web-media-refused': branch(told('web-media-refused'), [again('tickets')]),
    }),
  ]),
])

const clientCandidates = protocol('client candidates', roles, [
  loop('trickle', [message('client', 'host', 'candidate', said('candidate')), again('trickle')]),
])
const hostCandidates = protocol('host candidates', roles, [
  loop('trickle', [message('host', 'client', 'candidate', told('candidate')), again('trickle')]),
])

/** One ping is under way at a time in each direction. */
const clientAlive = protocol('client keep-alive', roles, [
  loop('alive', [
    message('client', 'host', 'ping', said('ping')),
    message('host', 'client', 'pong', told('pong')),
    again('alive'),
  ]),
])
const hostAlive = protocol('host keep-alive', roles, [
  loop('alive', [
    message('host', 'client', 'ping', told('ping')),
    message('client', 'host', 'pong', said('pong')),
    again('alive'),
  ]),
])

export const signalling = conversation('signalling', roles, [
  negotiation,
  recovery,
  wishes,
  notices,
  deliveries,
  clipboardToApp,
  clipboardFromApp,
  mediaTickets,
  clientCandidates,
  hostCandidates,
  clientAlive,
  hostAlive,
])
