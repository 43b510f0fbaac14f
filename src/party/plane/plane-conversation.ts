import * as v from 'valibot'
import type { PeerDeparture } from '../../domain/party.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import { ConversationPeer } from '../../kernel/monitor/conversation-peer.ts'
import { ConversationMonitor, planConversation } from '../../kernel/monitor/conversation.ts'
import { ProtocolViolation } from '../../kernel/monitor/protocol-violation.ts'
import type { Pipe, PipeMessage } from '../../kernel/pipe.ts'
import type { PartyVersion } from '../../wire/party/records.ts'
import { partyControl } from '../../wire/party/protocol.ts'
import { partyServerMessage, type PartyChanges } from '../../wire/party/socket.ts'
import type { SignalData } from '../contract/party-membership.ts'

const plan = planConversation(partyControl, 'peer')
/** RFC 6455, section 7.4.1. */
const protocolError = 1002

/** How a peer has come out of its party: as {@link PeerDeparture}, or since that is over. */
export type OutHow = PeerDeparture | 'ended'

/** A peer's end of a conversation with a control plane, about one party. */
export interface PlaneConversation {
  readonly isOpen: boolean
  readonly closed: Promise<unknown>
  heartbeat(): void
  /** Wants to be told what changes from that version on, and not only that something does. */
  follow(version: PartyVersion): void
  signal(to: string, data: SignalData): void
  close(): void
}

export function openPlaneConversation(options: {
  readonly pipe: Pipe
  readonly partyId: string
  readonly peerId: string
  readonly token: string
  readonly log: Log
  readonly onSignal: (from: string, data: SignalData) => void
  /** Something about the party is different, of a control plane that does not say more, or of a party that is not followed. */
  readonly onChange: () => void
  readonly onChanges: (changes: PartyChanges) => void
  /** This peer is not in the party any more; how that came, where it is told. */
  readonly onOut: (how: OutHow | undefined) => void
}): PlaneConversation {
  const { pipe, partyId, peerId, token, log, onSignal, onChange, onChanges, onOut } = options
  const peer = new ConversationPeer({
    conversation: partyControl,
    role: 'peer',
    watch: new ConversationMonitor(plan),
    write: (message) => pipe.send(JSON.stringify(message)),
  }).on({
    signal(message) {
      if (message.party_id === partyId && message.to_peer_id === peerId) {
        onSignal(message.from_peer_id, message.signal_data)
      }
    },
    party_changes: (changes) => void (changes.party_id === partyId && onChanges(changes)),
    party_update: ({ party }) => void (party.party_id === partyId && onChange()),
    peer_joined: ({ party_id: id }) => void (id === partyId && onChange()),
    peer_left(message) {
      if (message.party_id !== partyId) return
      if (message.peer_id === peerId) onOut(message.how)
      else onChange()
    },
    error: ({ message }) => log.debug('A control plane refuses', { message }),
  })
  const hear = (message: PipeMessage) => {
    const read = v.safeParse(partyServerMessage, typeof message === 'string' ? parsed(message) : undefined)
    // A control plane of somebody else may say more than is known here.
    if (!read.success) return
    try {
      peer.receive(read.output)
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error
      log.warn('A control plane breaks the rules', { error: messageOf(error) })
      pipe.close(protocolError, 'out of order')
    }
  }
  pipe.listen({ message: hear, fault: () => pipe.close(protocolError, 'malformed') })
  peer.say({ type: 'auth', version: '1.0', client: 'porchlight', peer_id: peerId, token })
  return {
    get isOpen() {
      return pipe.open
    },
    closed: pipe.closed,
    heartbeat: () => peer.say({ type: 'heartbeat', party_id: partyId, peer_id: peerId }),
    follow: (version) => peer.say({ type: 'follow_party', party_id: partyId, peer_id: peerId, version }),
    signal: (to, data) =>
      peer.say({ type: 'signal', party_id: partyId, from_peer_id: peerId, to_peer_id: to, signal_data: data }),
    close: () => pipe.close(1000, 'done'),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
