import { randomBytes } from 'node:crypto'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { type Readable, Writable } from '../../kernel/readable.ts'
import { TokenBucket } from '../../kernel/token-bucket.ts'
import type { PathFinder } from '../../net/paths/path-finder.ts'
import type { PathPolicy } from '../../net/paths/path-policy.ts'
import type { PathPorts } from '../../net/paths/path-ports.ts'
import { newSigningKey } from '../../net/relay/lease-signing.ts'
import { RelayLink } from '../../net/relay/relay-link.ts'
import type { DatagramSocket } from '../../net/udp/datagram-socket.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'
import type { PeerSignal } from '../../wire/party/peer-signal.ts'
import { decodeLease } from '../../wire/relay/lease.ts'
import { isStun } from '../../wire/stun/stun-codec.ts'
import {
  beginsToTry,
  type ConnectionEvent,
  type ConnectionRules,
  type ConnectionState,
  isUp,
  nextConnection,
} from './connection-state.ts'
import { leaseEveryMs, leaseFor, newRelaySession, type PartyRelayAccess } from './party-relay.ts'
import { peerCredentials } from './peer-secrets.ts'

export interface PeerConnectionOptions {
  readonly partyId: string
  readonly ownId: string
  readonly peerId: string
  /** What the two ends' keys agree on. */
  readonly agreed: Uint8Array
  readonly socket: DatagramSocket
  readonly ports: PathPorts
  readonly clock: Clock
  readonly random: () => number
  readonly rules: ConnectionRules
  readonly policy: () => PathPolicy
  /** Where this end may be found, now. */
  readonly candidates: () => readonly WireAddress[]
  readonly relay: PartyRelayAccess | undefined
  readonly signal: (signal: PeerSignal) => void
  /** What came from the peer and is no check. */
  readonly onDatagram: (bytes: Uint8Array) => void
}

const lookEveryMs = 500
/** While no path answers, this end says again where it is. */
const offerEveryMs = 3000
/** Answers to offers: two ends that misunderstand each other talk no faster. */
const answerPace = { perSecond: 1, burst: 6 }

/** The connection to one peer of a party: looks for paths to it, sends by the best one, and says where it stands. */
export class PeerConnection implements Disposable {
  readonly #options: PeerConnectionOptions
  readonly #session = randomBytes(16).toString('base64url')
  readonly #relayKey = newSigningKey()
  readonly #state: Writable<ConnectionState>
  readonly #timer: Timer
  readonly #answers: TokenBucket
  #other: { readonly session: string; readonly relayKey: Uint8Array; readonly hasRelay: boolean } | undefined
  #finder: PathFinder | undefined
  #relay: RelayOfPeer | undefined
  #offeredMs = -Infinity

  constructor(options: PeerConnectionOptions) {
    const nowMs = options.clock.nowMs()
    this.#options = options
    this.#answers = new TokenBucket({ ...answerPace, nowMs })
    this.#state = new Writable<ConnectionState>({ name: 'connecting', sinceMs: nowMs })
    this.#timer = options.clock.every(lookEveryMs, () => this.#look())
    this.#offer()
  }

  get state(): Readable<ConnectionState> {
    return this.#state
  }

  /** All paths in words, and which is taken. */
  get explanation(): string {
    return this.#finder?.explanation ?? 'the other end has not said yet where it is'
  }

  /** Whether a datagram that came by a path of that name came from this peer: a check of it was answered there. */
  owns(pathName: string): boolean {
    return this.#finder?.answersBy(pathName) ?? false
  }

  /** By the best path there is. False where there is none. The bytes are not to be written into any more. */
  send(bytes: Uint8Array): boolean {
    const path = this.#finder?.current
    return path !== undefined && this.#options.ports.send(bytes, path)
  }

  /** Somebody asks for it, or this machine is on another network. */
  retry(): void {
    this.#hear({ type: 'wanted' })
    this.#finder?.networkChanged()
    this.#relay?.link.networkChanged()
    this.#offer()
  }

  /** What the peer has signalled. */
  hear(signal: PeerSignal): void {
    switch (signal.type) {
      case 'offer':
        return this.#offered(signal)
      case 'lease':
        return this.#leased(signal)
      case 'bye':
        if (signal.session === this.#other?.session) this.#forget()
    }
  }

  [Symbol.dispose](): void {
    this.#timer.cancel()
    if (this.#other) this.#options.signal({ type: 'bye', session: this.#session })
    this.#forget()
  }

  get #nowMs(): number {
    return this.#options.clock.nowMs()
  }

  /** The peer with the smaller id chooses paths, and is first to lend its relay. */
  get #decides(): boolean {
    return this.#options.ownId < this.#options.peerId
  }

  #hear(event: ConnectionEvent): void {
    const { random, rules } = this.#options
    const before = this.#state.value
    const next = nextConnection(before, event, { nowMs: this.#nowMs, random: random(), rules })
    if (next === before) return
    if (next.name === 'cleaned') this.#forget()
    this.#state.set(next)
    if (beginsToTry(next)) {
      this.#finder?.networkChanged()
      this.#offer()
    }
  }

  #look(): void {
    const path = this.#finder?.current
    if (path?.state === 'alive') this.#hear({ type: 'path', kind: path.kind, latencyMs: path.roundTripMs })
    else this.#hear({ type: 'time' })
    const state = this.#state.value
    if (!isUp(state) && state.name !== 'cleaned' && this.#nowMs - this.#offeredMs >= offerEveryMs) this.#offer()
    this.#renewLease()
  }

  #offer(): void {
    const { candidates, relay, signal } = this.#options
    this.#offeredMs = this.#nowMs
    signal({
      type: 'offer',
      session: this.#session,
      ...(this.#other && { answers: this.#other.session }),
      candidates: [...candidates()],
      relay_key: Buffer.from(this.#relayKey.publicKey).toString('base64url'),
      has_relay: relay !== undefined,
    })
  }

  #offered(offer: Extract<PeerSignal, { type: 'offer' }>): void {
    this.#hear({ type: 'wanted' })
    if (offer.session !== this.#other?.session) this.#meet(offer)
    const { ports } = this.#options
    for (const candidate of offer.candidates) this.#finder?.try(ports.direct, candidate)
    if (offer.answers !== this.#session && this.#answers.take(this.#nowMs)) this.#offer()
    this.#renewLease()
  }

  /** The other end as it is now: paths of its former life are forgotten. */
  #meet(offer: Extract<PeerSignal, { type: 'offer' }>): void {
    const { partyId, ownId, peerId, agreed, clock, ports, policy } = this.#options
    this.#forget()
    const relayKey = Buffer.from(offer.relay_key, 'base64url')
    this.#other = { session: offer.session, relayKey, hasRelay: offer.has_relay }
    const own = { id: ownId, session: this.#session }
    const other = { id: peerId, session: offer.session }
    this.#finder = ports.find({
      ...peerCredentials(agreed, { partyId, own, other }),
      clock,
      isControlling: this.#decides,
      policy: policy(),
      onPath: ({ path, cause }) => {
        if (path) this.#hear({ type: 'path', kind: path.kind, latencyMs: path.roundTripMs })
        else if (cause === 'lost') this.#hear({ type: 'lost' })
      },
    })
  }

  #forget(): void {
    this.#relay?.link[Symbol.dispose]()
    this.#relay = undefined
    if (this.#finder) this.#options.ports.forget(this.#finder)
    this.#finder = undefined
    this.#other = undefined
  }

  /** Where it is on this end to lend a relay, both get a lease, and the next one before it expires. */
  #renewLease(): void {
    const { relay, clock, signal } = this.#options
    const other = this.#other
    if (!relay || !other || (other.hasRelay && !this.#decides)) return
    if (this.#relay && this.#nowMs - this.#relay.leasedMs < leaseEveryMs) return
    const ends = [this.#relayKey.publicKey, other.relayKey]
    const [host, viewer] = (this.#decides ? ends : ends.toReversed()) as [Uint8Array, Uint8Array]
    const session = this.#relay?.session ?? newRelaySession()
    const lease = leaseFor(relay, { session, host, viewer, epochMs: clock.epochMs() })
    this.#take(relay.address, lease, session)
    const said = Buffer.from(lease).toString('base64url')
    signal({ type: 'lease', session: this.#session, relay: relay.address, lease: said })
  }

  #leased({ session, relay, lease }: Extract<PeerSignal, { type: 'lease' }>): void {
    if (session !== this.#other?.session) return
    const bytes = Buffer.from(lease, 'base64url')
    this.#take(relay, bytes, decodeLease(bytes).lease.session)
  }

  /** A lease, the first or the next: with it the way through its relay is a path among the others. */
  #take(address: WireAddress, lease: Uint8Array, session: number): void {
    const known = this.#relay
    const isSame = known?.address.address === address.address && known.address.port === address.port
    if (known && isSame && known.session === session && known.link.state.kind !== 'closed') {
      Object.assign(known, { lease, leasedMs: this.#nowMs })
      return
    }
    if (known) {
      known.link[Symbol.dispose]()
      this.#finder?.drop(known.link)
    }
    const { socket, clock, ports, onDatagram } = this.#options
    const own: { relay?: RelayOfPeer } = {}
    const link = new RelayLink({
      socket,
      clock,
      relay: address,
      key: this.#relayKey,
      nextLease: () => own.relay?.lease ?? lease,
      onPacket: (bytes, by, from) => {
        if (isStun(bytes)) ports.receive(bytes, by, from)
        else onDatagram(bytes)
      },
    })
    own.relay = { link, address, session, lease, leasedMs: this.#nowMs }
    this.#relay = own.relay
    this.#finder?.try(link, address)
  }
}

interface RelayOfPeer {
  readonly link: RelayLink
  readonly address: WireAddress
  readonly session: number
  lease: Uint8Array
  leasedMs: number
}
