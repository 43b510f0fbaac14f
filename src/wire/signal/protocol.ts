import { conversation } from '../../kernel/monitor/conversation.ts'
import { after, allBut, atMost, last, onlyFirst } from '../../kernel/monitor/order.ts'
import { again, branch, choice, forever, loop, lost } from '../../kernel/protocol/notation.ts'
import { protocol } from '../../kernel/protocol/protocol.ts'
import { speaker, wordsOf } from '../../kernel/protocol/speaker.ts'
import { clientMessage, serverMessage } from './messages.ts'

/**
 * What may be said when on the signalling WebSocket (seed 003). Several protocols share the wire, told apart by the types of
 * their messages.
 */
const roles = ['client', 'host'] as const
/** The schemas of what each end says, by its label; the codec reads messages with them. */
export const clientWords = wordsOf(clientMessage.options)
export const hostWords = wordsOf(serverMessage.options)
const client = speaker('client', 'host', clientWords)
const host = speaker('host', 'client', hostWords)

/** The host introduces itself; then each offer waits for its answer, or for its refusal. */
const negotiation = protocol('negotiation', roles, [
  host.says('ready'),
  forever([client.says('offer'), host.says('signal', 'offer-refused')]),
])

/** For so long a session that was lost can be asked for, and whoever has asked waits. */
export const resumableMs = 60_000

/** A lost session is asked for, and either given back or replaced. */
const recovery = protocol('recovery', roles, [
  client.says('reconnect'),
  choice('host', 'client', {
    'reconnect-ack': branch(hostWords['reconnect-ack']),
    'not-resumed': lost([], resumableMs),
  }),
])

/** Where the session is to be and how much it wants. */
const wishes = protocol('wishes', roles, [client.stream('join', 'lead', 'leave', 'limit', 'clipboard-follow')])

/** Each wish for a shape of picture is answered with what there is; what becomes of it later stands in `stats`. */
const shapes = protocol('shapes', roles, [forever([client.says('shape'), host.says('shape')])])

/** Credentials of ICE servers expire; a connection that is begun later needs others. */
const iceServers = protocol('ice servers', roles, [forever([client.says('ice-servers'), host.says('ice-servers')])])

const goodbye = protocol('goodbye', roles, [client.says('bye')])

/** What the host tells unasked. */
const notices = protocol('notices', roles, [
  host.stream('place', 'role', 'seats', 'texts', 'voices', 'rumble', 'stats', 'error'),
])

/** What has to be done exactly once: the next of it goes out when the host has done what came before. */
const deliveries = protocol('deliveries', roles, [forever([client.says('deliver'), host.says('delivered')])])

/** Each part of a text waits for its acknowledgement, so that neither end is flooded. */
const clipboardToApp = protocol('clipboard to the app', roles, [
  forever([client.says('clipboard-write'), host.says('clipboard-written', 'clipboard-refused')]),
])
const clipboardFromApp = protocol('clipboard from the app', roles, [
  forever([host.says('clipboard'), client.says('clipboard-taken')]),
])

/** Each wish for the media socket is answered by a ticket, or refused. */
const mediaTickets = protocol('media tickets', roles, [
  forever([client.says('web-media'), host.says('web-media-ticket', 'web-media-refused')]),
])

const clientCandidates = protocol('client candidates', roles, [client.stream('candidate')])
const hostCandidates = protocol('host candidates', roles, [host.stream('candidate')])

/** A client takes a host for lost that has not answered for so long. */
export const pongLimitMs = 10_000

/**
 * One ping is under way at a time in each direction. How long a silent client is kept is the host's to say: it is lost with its
 * connection, or when its session has been idle for too long.
 */
const clientAlive = protocol('client keep-alive', roles, [
  loop('alive', [
    client.says('ping'),
    choice('host', 'client', { pong: branch(hostWords.pong, [again('alive')]), 'host-lost': lost([], pongLimitMs) }),
  ]),
])
const hostAlive = protocol('host keep-alive', roles, [
  loop('alive', [
    host.says('ping'),
    choice('client', 'host', { pong: branch(clientWords.pong, [again('alive')]), 'client-lost': lost() }),
  ]),
])

/** A browser has a handful; more of them make ICE slow for nothing. */
export const maxCandidates = 64

export const signalling = conversation(
  'signalling',
  roles,
  [
    negotiation,
    recovery,
    wishes,
    shapes,
    iceServers,
    goodbye,
    notices,
    deliveries,
    clipboardToApp,
    clipboardFromApp,
    mediaTickets,
    clientCandidates,
    hostCandidates,
    clientAlive,
    hostAlive,
  ],
  [
    // A client may ask whether anybody is there; a host that lets nobody in says why instead of its greeting.
    after({ host: ['ready'] }, { client: allBut('ping'), host: allBut('ready', 'error', 'pong') }),
    onlyFirst('client', 'reconnect', ['ping', 'pong']),
    after({ client: ['offer'] }, { client: ['candidate'], host: ['candidate'] }),
    atMost(maxCandidates, { client: ['candidate'] }, { client: ['offer'] }),
    after({ client: ['clipboard-follow'] }, { host: ['clipboard'] }),
    after({ client: ['offer', 'web-media'] }, { host: ['stats'] }),
    last('client', 'bye'),
  ],
)
