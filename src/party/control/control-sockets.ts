import type { KeyedPaces } from '../../http/keyed-paces.ts'
import { PlacesOfSources } from '../../http/places-of-sources.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Pipe } from '../../kernel/pipe.ts'
import type { Unsubscribe } from '../../kernel/readable.ts'
import type { PartyChanges, PartyServerMessage } from '../../wire/party/socket.ts'
import { tellParty, tellPeer } from '../../wire/party/records.ts'
import type { PartyPeer, PeerDeparture } from '../../domain/party.ts'
import type { KnownParty } from '../../store/party-state.ts'
import type { PartyEvent } from '../contract/party-event.ts'
import { PartyError } from '../contract/party-error.ts'
import type { PartyRegistry } from '../registry/party-registry.ts'
import { ControlSocket } from './control-socket.ts'
import type { PartyVersions } from './party-versions.ts'

/** How many peers may be connected. */
export interface SocketLimits {
  readonly inAll: number
  readonly perSource: number
}

const usualLimits: SocketLimits = { inAll: 8192, perSource: 256 }
/** A larger party is told what is different, and not all of it each time. */
const toldWhole = 64
/** RFC 6455, section 7.4.1 and the registry: try again later. */
const tryAgainLater = 1013

/** From where a conversation comes, and what else its carrier knows. */
export interface Arrival {
  /** See `sourceOf`. */
  readonly source: string
  /** Of the WebSocket; none where it is a conversation with the control plane itself. */
  readonly subprotocol?: string
  /** Of its address; the usual one where it is left out. */
  readonly path?: string
  /** Calls for each sign of life below the messages; there is none where it is left out. */
  readonly onPing?: (listener: () => void) => Unsubscribe | void
  /** Who it is, once they have said so; whether they have proved it by a token. What it throws refuses them. */
  readonly onIntroduced?: (peerId: string, isProven: boolean) => void
}

/** The peers that are connected by WebSocket: what they ask for, and what they are told as soon as it is durable. */
export class ControlSockets implements Disposable {
  readonly #registry: PartyRegistry
  readonly #versions: PartyVersions
  readonly #clock: Clock
  readonly #log: Log
  readonly #open = new Set<ControlSocket>()
  readonly #byPeer = new Map<string, ControlSocket>()
  readonly #places = new PlacesOfSources()
  readonly #paces: KeyedPaces
  readonly #limits: SocketLimits
  readonly #mayMakeParties: (peerId: string) => boolean
  readonly #unsubscribe: () => void

  constructor(options: {
    registry: PartyRegistry
    versions: PartyVersions
    paces: KeyedPaces
    clock: Clock
    log: Log
    limits?: SocketLimits | undefined
    mayMakeParties: (peerId: string) => boolean
  }) {
    this.#registry = options.registry
    this.#versions = options.versions
    this.#paces = options.paces
    this.#clock = options.clock
    this.#log = options.log
    this.#limits = options.limits ?? usualLimits
    this.#mayMakeParties = options.mayMakeParties
    this.#versions.onChanges((changes) => this.#tellFollowers(changes))
    this.#unsubscribe = options.registry.events.subscribe((event) => this.#tell(event))
  }

  /** Connections that are open now. */
  get size(): number {
    return this.#open.size
  }

  /** Takes over a conversation. */
  accept(pipe: Pipe, { source, onPing, onIntroduced }: Arrival): void {
    if (this.#open.size >= this.#limits.inAll || this.#places.heldBy(source) >= this.#limits.perSource) {
      return pipe.close(tryAgainLater, 'There are too many connections')
    }
    void pipe.closed.then(this.#places.take(source))
    const socket: ControlSocket = new ControlSocket({
      pipe,
      clock: this.#clock,
      log: this.#log,
      registry: this.#registry,
      versions: this.#versions,
      onIntroduced: (peerId, isProven) => {
        onIntroduced?.(peerId, isProven)
        this.#introduce(socket, peerId, isProven)
      },
      signalTo: (peerId) => this.#byPeer.get(peerId),
      mayEnter: () => this.#paces.take(source),
      mayMakeParties: this.#mayMakeParties,
    })
    onPing?.(() => socket.hear())
    this.#open.add(socket)
    void pipe.closed.then(() => {
      this.#open.delete(socket)
      const { peerId } = socket
      if (peerId !== undefined && this.#byPeer.get(peerId) === socket) this.#byPeer.delete(peerId)
    })
  }

  /** Ends every connection. */
  [Symbol.dispose](): void {
    this.#unsubscribe()
    for (const socket of this.#open) socket.end(1001, 'The control plane is stopping')
  }

  /** Who proves to be that peer takes the place of an older connection; who does not may not. */
  #introduce(socket: ControlSocket, peerId: string, isProven: boolean): void {
    const older = this.#byPeer.get(peerId)
    if (older && !isProven) throw new PartyError('peer-id-taken', 'That peer is connected already')
    this.#byPeer.set(peerId, socket)
    older?.end(1000, 'Another connection of this peer has come')
  }

  #tell(event: PartyEvent): void {
    switch (event.type) {
      case 'party-updated':
        // A larger one is told by its parts.
        return event.party.peers.size > toldWhole ? undefined : this.#tellWhole(event.party)
      case 'host-changed':
        // There is no word for it: only all of the party says who its host is.
        return event.party.peers.size > toldWhole ? this.#tellWhole(event.party) : undefined
      case 'peer-changed':
        return this.#isLarge(event.partyId) ? this.#tellPeer(event.partyId, event.peer) : undefined
      case 'peer-joined':
        return this.#tellPeer(event.partyId, event.peer)
      case 'peer-left': {
        const { partyId, peerId, how } = event
        this.#tellOut(partyId, peerId, how)
        return this.#tellMembers(partyId, { type: 'peer_left', party_id: partyId, peer_id: peerId })
      }
      case 'party-ended':
        // There is no word for it: each hears that it is out itself.
        for (const peerId of event.peerIds) this.#tellOut(event.partyId, peerId, 'ended')
    }
  }

  /** To the one who is out; why, to who follows the party and so knows the word. */
  #tellOut(partyId: string, peerId: string, how: PeerDeparture | 'ended'): void {
    const socket = this.#byPeer.get(peerId)
    socket?.say({ type: 'peer_left', party_id: partyId, peer_id: peerId, ...(socket.follows(partyId) && { how }) })
  }

  /** That there is one, or that it is different: who hears it puts it in the place of what they knew. */
  #tellPeer(partyId: string, peer: PartyPeer): void {
    return this.#tellMembers(partyId, { type: 'peer_joined', party_id: partyId, peer: tellPeer(peer) }, peer.peerId)
  }

  #isLarge(partyId: string): boolean {
    return (this.#registry.sizeOf(partyId) ?? 0) > toldWhole
  }

  #tellWhole(party: KnownParty): void {
    this.#tellMembers(party.record.id, { type: 'party_update', party: tellParty(party) })
  }

  /** Those who do not follow its versions. */
  #tellMembers(partyId: string, message: PartyServerMessage, except?: string): void {
    this.#tellThose(partyId, message, (socket) => socket.peerId !== except && !socket.follows(partyId))
  }

  #tellFollowers(changes: PartyChanges): void {
    this.#tellThose(changes.party_id, changes, (socket) => socket.follows(changes.party_id))
  }

  /** One text for all. */
  #tellThose(partyId: string, message: PartyServerMessage, isOne: (socket: ControlSocket) => boolean): void {
    let text: string | undefined
    for (const peerId of this.#membersOf(partyId)) {
      const socket = this.#byPeer.get(peerId)
      if (socket && isOne(socket)) socket.tell(message.type, (text ??= JSON.stringify(message)))
    }
  }

  #membersOf(partyId: string): Iterable<string> {
    try {
      return this.#registry.party(partyId).peers.keys()
    } catch {
      return []
    }
  }
}
