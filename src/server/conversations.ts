import type { Conversation } from '../kernel/monitor/conversation.ts'
import { mediaProcess } from '../media/link/conversation.ts'
import { unitLink } from '../media/link/unit-link.ts'
import { viewerProcess } from '../viewer/link/conversation.ts'
import { eventStream } from '../wire/api/event-stream.ts'
import { keysWire, pointerWire } from '../wire/input/protocol.ts'
import { moonlightPairing, moonlightStream } from '../wire/moonlight/protocol.ts'
import { lobbyLooking } from '../wire/party/look.ts'
import { partyMembers } from '../wire/party/members.ts'
import { partyControl } from '../wire/party/protocol.ts'
import { portSharing } from '../wire/party/share.ts'
import { partyTunnel } from '../wire/party/tunnel.ts'
import { admission } from '../wire/native/admission.ts'
import { rendezvous } from '../wire/reach/protocol.ts'
import { hostRegistration } from '../wire/reach/registration.ts'
import { relayLease, turnLease } from '../wire/relay/protocol.ts'
import { signalling } from '../wire/signal/protocol.ts'
import { webMedia } from '../wire/web-media/protocol.ts'

/** Every conversation of the program, by its name. */
export const conversations: ReadonlyMap<string, Conversation> = new Map(
  [
    signalling,
    webMedia,
    moonlightPairing,
    moonlightStream,
    partyControl,
    partyMembers,
    portSharing,
    lobbyLooking,
    partyTunnel,
    admission,
    rendezvous,
    hostRegistration,
    relayLease,
    turnLease,
    keysWire,
    pointerWire,
    eventStream,
    mediaProcess,
    unitLink,
    viewerProcess,
  ].map((each: Conversation) => [each.name, each]),
)
