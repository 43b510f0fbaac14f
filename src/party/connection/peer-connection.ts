import { randomBytes } from 'node:crypto'
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { type Readable, Writable } from '../../kernel/readable.ts'
import { TokenBucket } from '../../kernel/token-bucket.ts'
import { type BirthdayOutcome, describeBirthday } from '../../net/paths/birthday-probing.ts'
import type { PathFinder } from '../../net/paths/path-finder.ts'
import type { PathPorts } from '../../net/paths/path-ports.ts'
import { newSigningKey } from '../../net/relay/lease-signing.ts'
import { BirthdayTurns } from '../../net/reach/birthday-turns.ts'
import { mayBeChecked } from '../../net/reach/gather-candidates.ts'
import { RelayWays } from '../../net/reach/relay-ways.ts'
import { tunnelAddress } from '../../net/reach/tunnel.ts'
import type { DatagramSocket } from '../../net/udp/datagram-socket.ts'
import { formatAddress, type WireAddress } from '../../wire/address-bytes.ts'
import type { PeerSignal } from '../../wire/party/peer-signal.ts'
import type { BirthdayRuns } from './birthday-runs.ts'
import {
  beginsToTry,
  type ConnectionEvent,
  type ConnectionRules,
  type ConnectionState,
  isUp,
  nextConnection,
} from './connection-state.ts'
import type { OwnAddresses } from './own-addresses.ts'
import { leaseEveryMs, leaseFor, newRelaySession, type PartyRelayAccess } from './party-relay.ts'
import { peerCredentials } from './peer-secrets.ts'
import type { TunnelSocket } from './tunnel-socket.ts'

export interface PeerConnectionOptions {
  readonly partyId: string
  readonly ownId: string
  readonly peerId: string
  /** What the two ends' keys agree on. */
  readonly agreed: Uint8Array
  /** What relays say comes by it. */
  readonly socket: DatagramSocket
  readonly ports: PathPorts
  readonly clock: Clock
  readonly random: () => number
  readonly rules: ConnectionRules
  /** Where this end may be found, now, and what is between it and others. */
  readonly addresses: () => Pick<OwnAddresses, 'candidates' | 'seen' | 'nat' | 'policy'>
  readonly relay: PartyRelayAccess | undefined
  /** The last way; undefined where the control plane has none. */
  readonly tunnel: Pick<TunnelSocket, 'use'> | undefined
  /** By which a direct path is probed for where there is no other; undefined where that is not done. */
  readonly birthday: BirthdayRuns | undefined
  readonly signal: (signal: PeerSignal) => void
  /** That finder's paths lead to the peer from now on; undefined for none. */
  readonly onFinder: (finder: PathFinder | undefined) => void
  readonly log: Log
}

const lookEveryMs = 500
/** While no path answers, this end says again where it is. */
const offerEveryMs = 3000
/** Answers to offers: two ends that misunderstand each other talk no faster. */
const answerPace = { perSecond: 1, burst: 6 }
/** A first path has so long to be another one than the tunnel. */
const tunnelAfterMs = 2000
/** The tunnel is left when another path has answered for so long. */
const tunnelKeptMs = 30_000
/** What is kept while there is no path, and for how long: WireGuard says hello once in 5 s, and each hello replaces the one before. */
const mostUnsent = 4
const unsentKeptMs = 5000
/**
 * The other end, too, takes nothing by a path before it has found it; and two hellos of WireGuard that cross each other are
 * both in vain, so that one end goes first.
 */
const unsentAfterMs = { first: 500, second: 1500 }

interface OtherEnd {
  readonly session: string
  readonly relayKey: Uint8Array
  readonly relays: RelayWays
  /** As its last offer has it. */
  offer: Extract<PeerSignal, { type: 'offer' }>
}

/** The connection to one peer of a party: looks for paths to it, sends by the best one, and says where it stands. */
export class PeerConnection implements Disposable {
  readonly #options: PeerConnectionOptions
  readonly #session = randomBytes(16).toString('base64url')
  readonly #relayKey = newSigningKey()
  readonly #state: Writable<ConnectionState>
  readonly #timer: Timer
  readonly #answers: TokenBucket
  #other: OtherEnd | undefined
  #finder: PathFinder | undefined
  /** For the other end as it is now. */
  #birthday: BirthdayTurns | undefined
  #probed: BirthdayOutcome | undefined
  /** What this end lends, and since when its last lease is good. */
  #lent: { readonly relaySession: number; readonly sinceMs: number } | undefined
  /** Leaves the tunnel; undefined while it is not in it. */
  #leaveTunnel: (() => void) | undefined
  /** Since when a path answers that is not the tunnel, or none does. */
  #without = { isAnswered: false, sinceMs: 0 }
  #offeredMs = -Infinity
  /** What last found no path, the oldest first. */
  #unsent: { readonly bytes: Uint8Array; readonly sinceMs: number }[] = []

  constructor(options: PeerConnectionOptions) {
    const nowMs = options.clock.nowMs()
    this.#options = options
    this.#without.sinceMs = nowMs
    this.#answers = new TokenBucket({ ...answerPace, nowMs })
    this.#state = new Writable<ConnectionState>({ name: 'connecting', sinceMs: nowMs })
    this.#timer = options.clock.every(lookEveryMs, () => this.#look())
    this.#offer()
  }

  get state(): Readable<ConnectionState> {
    return this.#state
  }

  /** All paths in words, which is taken, and why that is the tunnel where it is. */
  get explanation(): string {
    const finder = this.#finder
    if (!finder) return 'the other end has not said yet where it is'
    const tunnel = finder.current?.kind === 'web-port' ? `tunnel: ${this.#whyTunnel}; ` : ''
    const probed = this.#probed ? `; ${describeBirthday(this.#probed)}` : ''
    return tunnel + finder.explanation + probed
  }

  /**
   * By the best path there is. False where there is none; then the last few leave by a path that both have found within seconds, so that
   * what begins with one hello does not wait for the next. The bytes are not to be written into any more.
   */
  send(bytes: Uint8Array): boolean {
    const path = this.#finder?.current
    if (path) return this.#options.ports.send(bytes, path)
    if (this.#unsent.length === mostUnsent) this.#unsent.shift()
    this.#unsent.push({ bytes, sinceMs: this.#nowMs })
    return false
  }

  /** Somebody asks for it, or this machine is on another network. */
  retry(): void {
    this.#hear({ type: 'wanted' })
    this.#finder?.networkChanged()
    this.#other?.relays.networkChanged()
    this.#birthday?.networkChanged()
    // What was not tried as the policy was may be tried now.
    this.#consider()
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
    if (isUp(state) && this.#nowMs - state.sinceMs >= unsentAfterMs[this.#decides ? 'first' : 'second'])
      this.#sendUnsent()
    this.#considerTunnel()
    if (!isUp(state) && state.name !== 'cleaned' && this.#nowMs - this.#offeredMs >= offerEveryMs) this.#offer()
    this.#renewLease()
  }

  #offer(): void {
    const { addresses, relay, birthday, signal } = this.#options
    this.#offeredMs = this.#nowMs
    signal({
      type: 'offer',
      session: this.#session,
      ...(this.#other && { answers: this.#other.session }),
      candidates: [...addresses().candidates],
      relay_key: Buffer.from(this.#relayKey.publicKey).toString('base64url'),
      has_relay: relay !== undefined,
      ...(this.#isBlocked && { udp_blocked: true }),
      ...(this.#leaveTunnel && { tunnels: true }),
      ...(birthday && { birthday: true }),
    })
  }

  #offered(offer: Extract<PeerSignal, { type: 'offer' }>): void {
    this.#hear({ type: 'wanted' })
    if (offer.session === this.#other?.session) this.#other.offer = offer
    else this.#meet(offer)
    this.#consider()
    if (offer.tunnels === true) this.#enterTunnel()
    if (offer.answers !== this.#session && this.#answers.take(this.#nowMs)) this.#offer()
    this.#renewLease()
  }

  /** Where the other end says it is. */
  #consider(): void {
    const { ports, addresses } = this.#options
    const { candidates: own, seen } = addresses()
    const told = (this.#other?.offer.candidates ?? []).filter((each) => mayBeChecked(each, own))
    for (const each of told) this.#finder?.try(ports.direct, each)
    this.#birthday?.seen(seen)
    this.#birthday?.told(told)
  }

  /** The other end as it is now: paths of its former life are forgotten. */
  #meet(offer: Extract<PeerSignal, { type: 'offer' }>): void {
    const { partyId, ownId, peerId, agreed, clock, socket, ports, addresses, onFinder } = this.#options
    this.#forget()
    const own = { id: ownId, session: this.#session }
    const other = { id: peerId, session: offer.session }
    const finder = ports.find({
      ...peerCredentials(agreed, { partyId, own, other }),
      clock,
      isControlling: this.#decides,
      get policy() {
        return addresses().policy
      },
      onPath: ({ path, cause }) => {
        if (path) this.#hear({ type: 'path', kind: path.kind, latencyMs: path.roundTripMs })
        else if (cause === 'lost') this.#hear({ type: 'lost' })
      },
    })
    const relays = new RelayWays({
      clock,
      key: this.#relayKey,
      origin: `peer ${peerId}`,
      socketTo: () => socket,
      onPacket: (bytes, by, from) => void ports.receive(bytes, by, from),
      onOpen: (carrier, at) => void finder.try(carrier, at),
      onGone: (carrier) => finder.drop(carrier),
    })
    this.#finder = finder
    this.#other = { session: offer.session, relayKey: Buffer.from(offer.relay_key, 'base64url'), relays, offer }
    this.#without = { isAnswered: false, sinceMs: this.#nowMs }
    if (offer.birthday === true) this.#birthday = this.#takesTurns(finder)
    onFinder(finder)
  }

  /** Undefined where this end does not probe. */
  #takesTurns(finder: PathFinder): BirthdayTurns | undefined {
    const { birthday: means, ports: paths, clock, peerId: peer, log } = this.#options
    if (!means) return undefined
    const onEnd = (outcome: BirthdayOutcome) => {
      this.#probed = outcome
      means.count(outcome)
      log.info('A direct path to a member was probed for by birthday', { peer, ...outcome })
    }
    const turns = new BirthdayTurns({ means, paths, clock, onEnd })
    turns.meet(finder)
    return turns
  }

  #sendUnsent(): void {
    const notBeforeMs = this.#nowMs - unsentKeptMs
    for (const { bytes, sinceMs } of this.#unsent.splice(0)) if (sinceMs >= notBeforeMs) this.send(bytes)
  }

  #forget(): void {
    this.#leaveTunnel?.()
    this.#leaveTunnel = undefined
    this.#lent = undefined
    this.#birthday?.[Symbol.dispose]()
    this.#birthday = undefined
    this.#probed = undefined
    this.#other?.relays[Symbol.dispose]()
    this.#other = undefined
    if (this.#finder) this.#options.ports.forget(this.#finder)
    this.#finder = undefined
    this.#options.onFinder(undefined)
  }

  /** Where it is on this end to lend a relay, both get a lease, and the next one before it expires. */
  #renewLease(): void {
    const { relay, clock, signal } = this.#options
    const other = this.#other
    if (!relay || !other || (other.offer.has_relay && !this.#decides)) return
    if (this.#lent && this.#nowMs - this.#lent.sinceMs < leaseEveryMs) return
    const ends = [this.#relayKey.publicKey, other.relayKey]
    const [host, viewer] = (this.#decides ? ends : ends.toReversed()) as [Uint8Array, Uint8Array]
    const session = this.#lent?.relaySession ?? newRelaySession()
    const lease = leaseFor(relay, { session, host, viewer, epochMs: clock.epochMs() })
    this.#lent = { relaySession: session, sinceMs: this.#nowMs }
    const said = Buffer.from(lease).toString('base64url')
    offerLease(other.relays, relay.address, said)
    signal({ type: 'lease', session: this.#session, relay: relay.address, lease: said })
  }

  #leased({ session, relay, lease }: Extract<PeerSignal, { type: 'lease' }>): void {
    if (session === this.#other?.session) offerLease(this.#other.relays, relay, lease)
  }

  /** Whether this machine's network lets no UDP through, as far as it can tell. */
  get #isBlocked(): boolean {
    return this.#options.addresses().nat === 'udp-blocked'
  }

  get #whyTunnel(): string {
    if (this.#isBlocked) return 'UDP is blocked here'
    return this.#other?.offer.udp_blocked === true ? 'UDP is blocked at the other end' : 'no other path answers'
  }

  /** It is entered when no path answers without it, and left when one has for a while. */
  #considerTunnel(): void {
    const finder = this.#finder
    const nowMs = this.#nowMs
    if (!finder || !this.#other) return
    const isAnswered = finder.paths.some(({ state, kind }) => state === 'alive' && kind !== 'web-port')
    if (isAnswered !== this.#without.isAnswered) this.#without = { isAnswered, sinceMs: nowMs }
    const forMs = nowMs - this.#without.sinceMs
    if (isAnswered) {
      if (forMs < tunnelKeptMs) return
      this.#leaveTunnel?.()
      this.#leaveTunnel = undefined
      return
    }
    const isHopeless = this.#isBlocked || this.#other.offer.udp_blocked === true
    // A relay may be there for one whose STUN server is not; a path that was lost is not waited for.
    const waitsMs = this.#state.value.name === 'connecting' && !isHopeless ? tunnelAfterMs : 0
    if (forMs >= waitsMs) this.#enterTunnel()
  }

  #enterTunnel(): void {
    const { tunnel, peerId, ports } = this.#options
    const finder = this.#finder
    if (!tunnel || !finder || this.#leaveTunnel) return
    this.#leaveTunnel = tunnel.use(peerId, {
      onOpen: (carrier) => void finder.try(carrier, tunnelAddress),
      onGone: (carrier) => finder.drop(carrier),
      onPacket: (bytes, by) => void ports.receive(bytes, by, tunnelAddress),
    })
    // The other end is wanted there too.
    this.#offer()
  }
}

function offerLease(relays: RelayWays, at: WireAddress, lease: string): void {
  relays.offer([{ name: formatAddress(at), address: at.address, port: at.port, lease }])
}
