import type { Clock, Timer } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Unsubscribe } from '../../kernel/readable.ts'
import type { BirthdayOutcome, SpareSocket } from '../../net/paths/birthday-probing.ts'
import type { PathFinder } from '../../net/paths/path-finder.ts'
import { PathPorts } from '../../net/paths/path-ports.ts'
import { rankOf } from '../../net/paths/path-policy.ts'
import { interfaceAddresses } from '../../net/reach/gather-candidates.ts'
import type { DatagramSocket } from '../../net/udp/datagram-socket.ts'
import type { KeyPair } from '../../wire/native/noise-crypto.ts'
import { WireError } from '../../wire/wire-error.ts'
import { decodeKey } from '../../wire/wireguard/wireguard-key.ts'
import { type ConnectionRules, type ConnectionState, isUp, usualConnectionRules } from './connection-state.ts'
import { findOwnAddresses, type OwnAddresses, type StunPlace } from './own-addresses.ts'
import type { PartyRelayAccess } from './party-relay.ts'
import { type BirthdayCounts, BirthdayRuns } from './birthday-runs.ts'
import { PeerConnection } from './peer-connection.ts'
import type { PeerSignals } from './peer-signals.ts'
import { RelaySocket } from './relay-socket.ts'
import { type TunnelDoor, TunnelSocket } from './tunnel-socket.ts'

/** Another member, as the control plane tells of it. */
export interface PartyMember {
  readonly id: string
  readonly name: string
  /** In base64. */
  readonly publicKey: string
  /** In the party's network, "10.66.3.7". */
  readonly virtualIp: string
}

export interface PeerConnectionsOptions {
  readonly partyId: string
  readonly ownId: string
  readonly keys: KeyPair
  /** All traffic with peers takes it, and what finds out about NATs. */
  readonly socket: DatagramSocket
  readonly signals: PeerSignals
  /** They are looked up each time that the network is looked at. */
  readonly stunServers: () => Promise<readonly StunPlace[]>
  /** A relay that this end lends to its peers. */
  readonly relay?: PartyRelayAccess
  /** The last way there is, through the control plane's port. */
  readonly tunnel?: TunnelDoor
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  /** Where there is no other direct path one is probed for by birthday: opens one more socket for that. Not done when left out. */
  readonly openSpare?: (() => Promise<SpareSocket>) | undefined
  /** What became of it, each time. */
  readonly onProbed?: ((outcome: BirthdayOutcome) => void) | undefined
  /** Interfaces whose addresses are told to nobody: those of meshes, which would lead through themselves. */
  readonly without?: (interfaceName: string) => boolean
  readonly rules?: Partial<ConnectionRules>
}

/** Takes what comes from one peer; false where it is for somebody else. The bytes are the taker's own. */
export type PeerListener = (peerId: string, bytes: Uint8Array) => boolean

/** How one peer is reached. */
export interface PeerReach {
  readonly peerId: string
  readonly state: ConnectionState
  readonly explanation: string
}

interface KnownPeer {
  readonly publicKey: string
  readonly connection: PeerConnection
}

/** The connections of one machine to all other members of a party, over one socket (seed 002, "ConnectionManager"). */
export class PeerConnections implements Disposable {
  readonly #options: PeerConnectionsOptions
  readonly #relays: RelaySocket
  readonly #ports: PathPorts
  readonly #peers = new Map<string, KnownPeer>()
  /** Whose the paths are that datagrams come by. */
  readonly #byFinder = new Map<PathFinder, string>()
  readonly #tunnel: TunnelSocket | undefined
  readonly #birthday: BirthdayRuns | undefined
  readonly #looking: Timer
  readonly #listeners: PeerListener[] = []
  #addresses: OwnAddresses
  readonly #unsubscribe: Unsubscribe
  #isLooking = false
  #askedMs: number
  #isClosed = false

  private constructor(options: PeerConnectionsOptions, addresses: OwnAddresses) {
    this.#options = options
    this.#addresses = addresses
    this.#askedMs = options.clock.nowMs()
    this.#relays = new RelaySocket(options.socket)
    this.#ports = new PathPorts(options.socket)
    this.#ports.onPacket = (bytes, _path, finder) => this.#came(bytes, finder)
    this.#tunnel = options.tunnel && new TunnelSocket({ ...options, door: options.tunnel })
    const { openSpare: openSocket, random, onProbed = () => {} } = options
    const mayBegin = () => rankOf('direct', this.addresses.policy) !== undefined
    this.#birthday = openSocket && new BirthdayRuns({ openSocket, random, mayBegin, onProbed })
    this.#looking = options.clock.every(lookEveryMs, () => void this.#look())
    this.#unsubscribe = options.signals.listen((from, signal) => this.#peers.get(from)?.connection.hear(signal))
  }

  /** Finds out what is between this machine and others, and waits for peers. */
  static async open(options: PeerConnectionsOptions): Promise<PeerConnections> {
    return new PeerConnections(options, await findOwn(options))
  }

  /** Where this end may be found, and what its NAT is. */
  get addresses(): OwnAddresses {
    return this.#addresses
  }

  /** Undefined where nothing is probed for by birthday. */
  get birthday(): BirthdayCounts | undefined {
    return this.#birthday?.counts
  }

  /** How each of the others is reached. */
  get reach(): readonly PeerReach[] {
    return [...this.#peers].map(([peerId, { connection }]) => {
      const { state, explanation } = connection
      return { peerId, state: state.value, explanation }
    })
  }

  /** How it stands with one of them; undefined for nobody who is known. */
  stateOf(peerId: string): ConnectionState | undefined {
    return this.#peers.get(peerId)?.connection.state.value
  }

  /** Who the others are: looks for those that are new, and lets go of those that have left or have another key. */
  setPeers(members: readonly PartyMember[]): void {
    if (this.#isClosed) return
    const wanted = new Map(members.map((member) => [member.id, member]))
    for (const [id, { publicKey, connection }] of this.#peers) {
      if (wanted.get(id)?.publicKey === publicKey) {
        wanted.delete(id)
        continue
      }
      connection[Symbol.dispose]()
      this.#peers.delete(id)
    }
    for (const member of wanted.values()) this.#add(member)
  }

  /** False where no path leads to it now. The bytes are not to be written into any more. */
  send(peerId: string, bytes: Uint8Array): boolean {
    return this.#peers.get(peerId)?.connection.send(bytes) ?? false
  }

  /** Those who came first are asked first. */
  listen(listener: PeerListener): Unsubscribe {
    this.#listeners.push(listener)
    return () => {
      const at = this.#listeners.indexOf(listener)
      if (at >= 0) this.#listeners.splice(at, 1)
    }
  }

  /** Calls with each new state of each peer that there is now. */
  watch(peerId: string, listener: (state: ConnectionState) => void): Unsubscribe {
    return this.#peers.get(peerId)?.connection.state.subscribe(listener) ?? (() => {})
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#unsubscribe()
    for (const { connection } of this.#peers.values()) connection[Symbol.dispose]()
    this.#peers.clear()
    this.#byFinder.clear()
    this.#looking.cancel()
    this.#tunnel?.[Symbol.dispose]()
    this.#ports[Symbol.dispose]()
    this.#relays[Symbol.dispose]()
  }

  #add({ id, name, publicKey }: PartyMember): void {
    const { partyId, ownId, keys, signals, relay, clock, random, log, rules } = this.#options
    const agreed = agreedWith(keys, publicKey)
    if (!agreed || id === ownId) {
      log.warn('A member of the party cannot be reached: it has no key', { peer: id, name })
      return
    }
    let own: PathFinder | undefined
    const connection = new PeerConnection({
      partyId,
      ownId,
      peerId: id,
      agreed,
      socket: this.#relays,
      ports: this.#ports,
      clock,
      random,
      rules: { ...usualConnectionRules, ...rules },
      addresses: () => this.addresses,
      relay,
      tunnel: this.#tunnel,
      birthday: this.#birthday,
      signal: (signal) => signals.send(id, signal),
      onFinder: (finder) => {
        if (own) this.#byFinder.delete(own)
        if (finder) this.#byFinder.set(finder, id)
        own = finder
      },
      log,
    })
    this.#peers.set(id, { publicKey, connection })
  }

  #came(bytes: Uint8Array, finder: PathFinder | undefined): void {
    const peerId = finder && this.#byFinder.get(finder)
    if (peerId === undefined) return
    for (const listener of this.#listeners) if (listener(peerId, bytes)) return
  }

  /** Looks anew where this machine is when it is on another network, or UDP may be blocked or open again, and tells everybody. */
  async #look(): Promise<void> {
    const { addresses } = this
    const isElsewhere = addressesOf(this.#options).join() !== addresses.local.join()
    const nowMs = this.#options.clock.nowMs()
    // A relay may have come to the control plane since.
    const isUnasked = addresses.stunServers.length === 0 && nowMs - this.#askedMs >= unaskedMs
    const isDoubtful =
      addresses.nat === 'udp-blocked' ||
      isUnasked ||
      this.reach.some(({ state }) => !isUp(state) || state.kind === 'web-port')
    if (this.#isLooking || this.#peers.size === 0 || !(isElsewhere || isDoubtful)) return
    this.#isLooking = true
    this.#askedMs = nowMs
    const found = await findOwn(this.#options)
    this.#isLooking = false
    const isOther = found.nat !== addresses.nat
    if (this.#isClosed || !(isElsewhere || isOther)) return
    this.#addresses = found
    for (const { connection } of this.#peers.values()) connection.retry()
  }
}

/** How often it is looked whether the network is another one; and asked, while UDP seems to be blocked. */
const lookEveryMs = 10_000
/** And how often while nobody is known who could be asked. */
const unaskedMs = 60_000

async function findOwn(options: PeerConnectionsOptions): Promise<OwnAddresses> {
  const { socket, stunServers, clock } = options
  return findOwnAddresses({ socket, stunServers: await stunServers(), addresses: addressesOf(options), clock })
}

function addressesOf({ without }: PeerConnectionsOptions): readonly string[] {
  return interfaceAddresses(without)
}

/** Undefined for what is no key, or one that agrees on nothing. */
function agreedWith(keys: KeyPair, publicKey: string): Uint8Array | undefined {
  try {
    return keys.agree(decodeKey(publicKey))
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}
