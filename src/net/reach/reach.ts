import { randomBytes } from 'node:crypto'
import type { PathOverview } from '../../domain/path-standing.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'
import type { NativeRole } from '../../wire/native/packet.ts'
import { mostCandidates, type Introduction, type ReachSignal } from '../../wire/reach/signals.ts'
import type { DatagramPath } from '../contract/datagram-path.ts'
import { NativeError } from '../native/native-error.ts'
import type { SecureEndpoint } from '../native/secure-endpoint.ts'
import type { SecureLink } from '../native/secure-link.ts'
import type { PathCredentials } from '../paths/path-check.ts'
import { describeCause } from '../paths/path-choice.ts'
import type { PathFinder, PathNews } from '../paths/path-finder.ts'
import { rankOf, type PathKind, type PathPolicy } from '../paths/path-policy.ts'
import type { PathPorts } from '../paths/path-ports.ts'
import type { Carrier, Path } from '../paths/path.ts'
import { newSigningKey } from '../relay/lease-signing.ts'
import type { DatagramSocket } from '../udp/datagram-socket.ts'
import { mayBeChecked } from './gather-candidates.ts'
import { describeBirthday, type BirthdayOutcome } from '../paths/birthday-probing.ts'
import { BirthdayTurns, type BirthdayMeans } from './birthday-turns.ts'
import { RelayWays } from './relay-ways.ts'
import { tunnelAddress } from './tunnel.ts'

export interface ReachOptions {
  /** The viewer's end decides which path is taken; between two alike, the one whose public key is the smaller. */
  readonly isControlling: boolean
  /** Hands a signal to the other end, by whatever way there is for that. They have to come in order, and may come late. */
  readonly signal: (signal: ReachSignal) => void
  /** A change of the path that is taken, with its cause and in words. */
  readonly onNews?: (news: PathNews) => void
  /** What became of probing for a direct path by birthday, each time. */
  readonly onProbed?: (outcome: BirthdayOutcome) => void
  /** This machine is on another network: what carries signals may lead nowhere, and is not told so. */
  readonly onNetwork?: () => void
  /** By which floods of the other end are told apart (`sourceOf`); unless given, by where its packets come from. */
  readonly origin?: string | undefined
}

/** What a port gives to each of its reaches. */
export interface ReachParts {
  readonly clock: Clock
  readonly policy: PathPolicy
  readonly paths: PathPorts
  /** Names it among those of its port. */
  readonly number: number
  /** Where this end may be found, now. */
  readonly own: () => readonly WireAddress[]
  readonly stunServers: readonly WireAddress[]
  /** Where that server sees this end; undefined when it does not answer. */
  readonly seenBy: (server: WireAddress) => Promise<WireAddress | undefined>
  readonly socketTo: (relay: WireAddress) => DatagramSocket
  /** That finder is this reach's. */
  readonly met: (finder: PathFinder) => void
  readonly moved: (path: DatagramPath) => void
  readonly ended: (finder: PathFinder | undefined) => void
  /** By which it probes by birthday; undefined where that is not done. */
  readonly birthday: BirthdayMeans | undefined
}

/** To find a path and shake hands, unless said otherwise. */
const usualLimitMs = 20_000
const mostWaiting = 64
const mostServers = 16

/** Where the packets of one reach go: wherever its finder says. */
class ReachPath implements DatagramPath {
  readonly name: string
  readonly reach: Reach
  readonly #origin: string | undefined

  constructor(reach: Reach, number: number, origin: string | undefined) {
    this.name = `reach ${number}`
    this.reach = reach
    this.#origin = origin
  }

  get kind(): PathKind {
    return this.reach.current?.kind ?? 'direct'
  }

  get way(): string {
    return this.reach.current?.name ?? this.name
  }

  get origin(): string {
    return this.#origin ?? this.reach.current?.origin ?? this.name
  }
}

/**
 * The way to one other end, over whatever path there is: it tells the other end where this one may be found, checks every path to it,
 * and sends by the one that is taken, which may change at any time under what runs over it. A channel over it is opened by
 * {@link dial} (or comes to the endpoint of the port, on {@link path}); {@link send} and {@link onDatagram} are for packets that are sealed
 * already.
 */
export class Reach implements Disposable {
  /** For channels: leads by the path that is taken. */
  readonly path: DatagramPath
  /** What the other end sends that is of no channel. The bytes are the receiver's own. */
  onDatagram: (bytes: Uint8Array) => void = () => {}
  readonly #options: ReachOptions
  readonly #parts: ReachParts
  readonly #credentials: PathCredentials
  readonly #key = newSigningKey()
  readonly #relays: RelayWays
  /** Relays and tunnels that carry now, with where they lead. */
  readonly #carriers = new Map<Carrier, WireAddress>()
  readonly #found = Promise.withResolvers<void>()
  #finder: PathFinder | undefined
  /** Told before the other end has introduced itself. */
  #waiting: WireAddress[] = []
  readonly #told = new Set<string>()
  readonly #servers = new Map<string, WireAddress>()
  #news: PathNews | undefined
  readonly #birthday: BirthdayTurns | undefined
  #probed: BirthdayOutcome | undefined
  #isOver = false

  constructor(options: ReachOptions, parts: ReachParts) {
    const { birthday, clock, number, paths, socketTo } = parts
    this.#options = options
    this.#parts = parts
    this.path = new ReachPath(this, number, options.origin)
    this.#credentials = {
      fragment: randomBytes(6).toString('base64url'),
      password: randomBytes(18).toString('base64url'),
    }
    this.#relays = new RelayWays({
      clock,
      key: this.#key,
      origin: options.origin ?? this.path.name,
      socketTo,
      onPacket: (bytes, by, from) => void paths.receive(bytes, by, from),
      onOpen: (carrier, relay) => this.#add(carrier, relay),
      onGone: (carrier) => this.remove(carrier),
    })
    this.#birthday =
      birthday && new BirthdayTurns({ means: birthday, paths, clock, onEnd: (outcome) => this.#onProbed(outcome) })
    this.#introduce()
  }

  /** The path that is taken; undefined before the first. */
  get current(): Path | undefined {
    return this.#finder?.current
  }

  /** All paths there are, in words: `direct 192.0.2.1:5000, 4 ms; relay 203.0.113.1:3478, 19 ms, kept warm`. */
  get explanation(): string {
    return this.#explained(this.#finder?.explanation ?? 'the other end has not introduced itself')
  }

  /**
   * Why it is this path, in words: all paths as they were when it was last changed. While it is the first they are told as they are now, since
   * the end that follows was told of it before its own checks had answers.
   */
  get why(): string {
    return this.#news?.from === undefined ? this.explanation : this.#news.explanation
  }

  /** Every path as it stands now, and why it is the one that is taken. */
  get overview(): PathOverview {
    return { because: describeCause(this.#news?.cause), paths: this.#finder?.standings ?? [] }
  }

  /** Takes what the other end, or who issues leases, has said. */
  hear(signal: ReachSignal): void {
    if (this.#isOver) return
    if (signal.type === 'introduce') this.#meet(signal)
    else if (signal.type === 'candidates') this.#consider(signal.candidates)
    else {
      this.#relays.offer(signal.relays)
      // A relay is a STUN server too.
      this.#ask(signal.relays)
    }
  }

  /** Sends a datagram by the path that is taken. False where it did not leave. */
  send(bytes: Uint8Array): boolean {
    const { current } = this
    return current !== undefined && this.#parts.paths.send(bytes, current)
  }

  /** Resolves as soon as there is a path. Rejects with NativeError `unreachable` when there is none in time, or `closed`. */
  async found(withinMs = usualLimitMs): Promise<void> {
    const late = Promise.withResolvers<never>()
    const timer = this.#parts.clock.after(withinMs, () =>
      late.reject(new NativeError('unreachable', `Cannot reach the other end: ${this.explanation}`)),
    )
    try {
      await Promise.race([this.#found.promise, late.promise])
    } finally {
      timer.cancel()
    }
  }

  /** Opens a channel over it, as soon as there is a path. Rejects with NativeError. */
  async dial(
    endpoint: Pick<SecureEndpoint, 'dial'>,
    options: { readonly role: NativeRole; readonly peerKey: Uint8Array | undefined; readonly withinMs?: number },
  ): Promise<SecureLink> {
    const { role, peerKey, withinMs = usualLimitMs } = options
    const beganMs = this.#parts.clock.nowMs()
    await this.found(withinMs)
    const leftMs = Math.max(1000, withinMs - (this.#parts.clock.nowMs() - beganMs))
    return endpoint.dial({ path: this.path, role, peerKey, withinMs: leftMs })
  }

  /** A tunnel carries from now on; what comes through it goes to {@link receive}. */
  add(tunnel: Carrier): void {
    this.#add(tunnel, tunnelAddress)
  }

  /** What came through a tunnel of this reach. */
  receive(bytes: Uint8Array, tunnel: Carrier): void {
    if (this.#carriers.has(tunnel)) this.#parts.paths.receive(bytes, tunnel, tunnelAddress)
  }

  /** It carries no more. */
  remove(carrier: Carrier): void {
    if (this.#carriers.delete(carrier)) this.#finder?.drop(carrier)
  }

  /** This machine is on another network: it may be found elsewhere, and what was dead may live. */
  networkChanged(): void {
    if (this.#isOver) return
    this.#options.onNetwork?.()
    this.#relays.networkChanged()
    this.#finder?.networkChanged()
    this.#birthday?.networkChanged()
    this.#tell(this.#parts.own())
    this.#askAll()
  }

  /** Lets all go; the relays are told. What is sent over it does not leave any more. */
  [Symbol.dispose](): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#relays[Symbol.dispose]()
    this.#birthday?.[Symbol.dispose]()
    if (this.#finder) this.#parts.paths.forget(this.#finder)
    this.#found.promise.catch(() => {})
    this.#found.reject(new NativeError('closed', 'Cannot reach the other end: this end is closing'))
    this.#parts.ended(this.#finder)
  }

  #introduce(): void {
    const candidates = this.#newCandidates(this.#parts.own())
    const relayKey = Buffer.from(this.#key.publicKey).toString('base64url')
    // So that whoever opens it has it before anything is said.
    queueMicrotask(() => {
      const stun = this.#parts.stunServers.map(({ address, port }) => ({ address, port }))
      const birthday = this.#parts.birthday && { birthday: true }
      const introduction = { ...this.#credentials, relayKey, candidates, stun, ...birthday }
      if (!this.#isOver) this.#options.signal({ type: 'introduce', ...introduction })
    })
    this.#ask(this.#parts.stunServers)
  }

  /** Asks those servers where this end is seen, now and whenever it is on another network. */
  #ask(servers: readonly WireAddress[]): void {
    for (const server of servers) {
      if (this.#servers.size < mostServers) this.#servers.set(`${server.address} ${server.port}`, server)
    }
    this.#askAll()
  }

  /** Each answer is told as it comes: behind a symmetric NAT they say different things. */
  #askAll(): void {
    for (const server of this.#servers.values()) {
      void this.#parts.seenBy(server).then((seen) => seen && this.#seenAt(seen))
    }
  }

  #seenAt(seen: WireAddress): void {
    this.#birthday?.seen([seen])
    this.#tell([seen])
  }

  /** Where this end may be found besides: nothing under a policy that has nothing direct, so that the other end does not learn it. */
  #tell(addresses: readonly WireAddress[]): void {
    if (this.#isOver) return
    const candidates = this.#newCandidates(addresses)
    if (candidates.length > 0) this.#options.signal({ type: 'candidates', candidates })
  }

  #newCandidates(addresses: readonly WireAddress[]): WireAddress[] {
    if (rankOf('direct', this.#parts.policy) === undefined) return []
    const fresh = addresses
      .filter(({ address, port }) => !this.#told.has(`${address} ${port}`))
      .slice(0, mostCandidates)
    for (const { address, port } of fresh) this.#told.add(`${address} ${port}`)
    return fresh.map(({ address, port }) => ({ address, port }))
  }

  /** The other end is known; said again, it is the same. */
  #meet({ fragment, password, candidates, stun = [], birthday = false }: Introduction): void {
    if (this.#finder) return
    const own = this.#parts.own()
    this.#ask(stun.filter((server) => mayBeChecked(server, own)))
    const { clock, paths, policy } = this.#parts
    this.#finder = paths.find({
      clock,
      local: this.#credentials,
      remote: { fragment, password },
      isControlling: this.#options.isControlling,
      policy,
      onPath: (news) => this.#onPath(news),
    })
    this.#parts.met(this.#finder)
    if (birthday) this.#birthday?.meet(this.#finder)
    for (const [carrier, at] of this.#carriers) this.#finder.try(carrier, at)
    this.#consider(candidates)
    this.#consider(this.#waiting.splice(0))
  }

  #consider(addresses: readonly WireAddress[]): void {
    const own = this.#parts.own()
    const { isControlling } = this.#options
    const checked = addresses.filter((address) => mayBeChecked(address, own, isControlling))
    this.#birthday?.told(checked)
    for (const each of checked) {
      if (this.#finder) this.#finder.try(this.#parts.paths.direct, each)
      else if (this.#waiting.length < mostWaiting) this.#waiting.push(each)
    }
  }

  #add(carrier: Carrier, at: WireAddress): void {
    if (this.#isOver) return
    this.#carriers.set(carrier, at)
    this.#finder?.try(carrier, at)
  }

  #onPath(news: PathNews): void {
    this.#news = { ...news, explanation: this.#explained(news.explanation) }
    if (news.path) this.#found.resolve()
    if (news.path && news.from !== undefined && news.from !== news.path.name) this.#parts.moved(this.path)
    this.#options.onNews?.(this.#news)
  }

  #onProbed(outcome: BirthdayOutcome): void {
    this.#probed = outcome
    this.#options.onProbed?.(outcome)
  }

  #explained(paths: string): string {
    return this.#probed ? `${paths}; ${describeBirthday(this.#probed)}` : paths
  }
}

/** Where a path leads at the moment, for operators: `direct 192.0.2.1:5000`. */
export function placeOf(path: DatagramPath): string {
  return path.way ?? path.name
}

/** The reach whose path that is; undefined for any other path. */
export function reachOf(path: DatagramPath): Reach | undefined {
  return path instanceof ReachPath ? path.reach : undefined
}
