import { KeyedPaces } from '../../http/keyed-paces.ts'
import { PlacesOfSources } from '../../http/places-of-sources.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { goingAway, type Pipe } from '../../kernel/pipe.ts'
import { SharedRate, type RateShare } from '../../kernel/shared-rate.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'
import { encodeRegistration, type RegistrationRefusal } from '../../wire/reach/registration.ts'
import { RegisteredHost } from './registered-host.ts'
import { Visit, type Refused, type VisitRefusal } from './visit.ts'

/** How many are reached through a gateway, and how much goes through it; see `packetCostBytes` for what counts as a byte. */
export interface GatewayLimits {
  readonly hosts: number
  readonly hostsOfSource: number
  readonly visits: number
  readonly visitsOfSource: number
  readonly visitsOfHost: number
  /** A second, both ways together. */
  readonly bytesInAll: number
  readonly bytesOfHost: number
  readonly bytesOfVisit: number
}

export const usualGatewayLimits: GatewayLimits = {
  hosts: 2048,
  hostsOfSource: 32,
  visits: 2048,
  visitsOfSource: 32,
  visitsOfHost: 128,
  bytesInAll: 12_500_000,
  bytesOfHost: 5_000_000,
  bytesOfVisit: 2_500_000,
}

export interface ReachableHostsOptions {
  /** Whether hosts may register here, and be looked for. */
  readonly isServed: boolean
  readonly clock: Clock
  readonly log: Log
  /** Cryptographically secure. */
  readonly randomBytes: (count: number) => Uint8Array
  readonly limits?: GatewayLimits | undefined
  /** What hosts are told of, the best first; none when left out. */
  readonly relays?: (() => readonly WireAddress[]) | undefined
}

/** A host comes back with a backoff; a machine room of them after a power cut at once. */
const registrations = { perSecond: 1, burst: 60 }
/** As at a host's own web port: a person tries a few times, and a page of theirs comes back by itself. */
const visits = { perSecond: 0.5, burst: 40 }
/** Of hosts that were here and are not now: as many are told from those that never were. */
const mostRemembered = 4096
const tryAgainLater = 1013

interface Here {
  socket: RegisteredHost
  readonly visits: Set<Visit>
  /** As long as it has a visit. */
  rate: { readonly ofHost: RateShare; readonly ofVisits: SharedRate } | undefined
}

export interface GatewayCounts {
  readonly hosts: number
  readonly visits: number
  /** Visits that the host has come to. */
  readonly joined: number
  readonly handedOn: number
  readonly dropped: number
  readonly refusals: ReadonlyMap<VisitRefusal, number>
  readonly registrationsRefused: ReadonlyMap<RegistrationRefusal, number>
}

/**
 * A gateway for hosts that nobody can reach: each keeps a socket here, by the key that it proves to have, and whoever names that key is brought
 * together with it on a pair of sockets. What they say is sealed or about paths, and handed on unread. Bounded in all, for each source and for each
 * host, and the rate is shared host by host.
 */
export class ReachableHosts implements Disposable {
  readonly #options: ReachableHostsOptions
  readonly #limits: GatewayLimits
  readonly #here = new Map<string, Here>()
  /** Of which key, and until when it was here. */
  readonly #gone = new Map<string, number>()
  readonly #sockets = new Set<Pipe>()
  readonly #hostPlaces = new PlacesOfSources()
  readonly #registering: KeyedPaces
  /** By their secret names, until the host has come. */
  readonly #expected = new Map<string, Visit>()
  readonly #visits = new Set<Visit>()
  readonly #visitPlaces = new PlacesOfSources()
  readonly #visiting: KeyedPaces
  readonly #rate: SharedRate
  readonly #refusals = new Map<VisitRefusal, number>()
  readonly #registrationsRefused = new Map<RegistrationRefusal, number>()
  #joined = 0
  #handedOn = 0
  #dropped = 0

  constructor(options: ReachableHostsOptions) {
    const { clock, limits = usualGatewayLimits } = options
    this.#options = options
    this.#limits = limits
    this.#registering = new KeyedPaces(clock, registrations)
    this.#visiting = new KeyedPaces(clock, visits)
    this.#rate = new SharedRate({ inAll: limits.bytesInAll, each: limits.bytesOfHost, nowMs: () => clock.nowMs() })
  }

  get counts(): GatewayCounts {
    return {
      hosts: this.#here.size,
      visits: this.#visits.size,
      joined: this.#joined,
      handedOn: this.#handedOn,
      dropped: this.#dropped,
      refusals: this.#refusals,
      registrationsRefused: this.#registrationsRefused,
    }
  }

  /** Takes over the socket of a host that is to be reachable. */
  register(pipe: Pipe, source: string): void {
    const refused = this.#mayRegister(source)
    if (refused) {
      this.#countRegistration(refused.code)
      pipe.send(encodeRegistration({ type: 'refused', ...refused }))
      return pipe.close(1000, refused.message)
    }
    const { clock, log, relays = () => [] } = this.#options
    this.#sockets.add(pipe)
    const leave = this.#hostPlaces.take(source)
    let ownKey: string | undefined
    const socket: RegisteredHost = new RegisteredHost({
      pipe,
      clock,
      relays,
      onProved: (key, self) => {
        const here: Here = this.#here.get(key) ?? { socket: self, visits: new Set(), rate: undefined }
        // Who has the key is the host: a socket of before may be dead, and not noticed yet.
        if (here.socket !== self) here.socket.close(1000, 'Another connection of this host has come')
        here.socket = self
        this.#here.set(key, here)
        this.#gone.delete(key)
        ownKey = key
        log.info('A host can be reached through here', { key, from: source })
      },
      onDisproved: () => this.#countRegistration('proof'),
      onFault: (why) => log.info('A host broke the rules of its registration', { from: source, why }),
    })
    void pipe.closed.then(() => {
      leave()
      this.#sockets.delete(pipe)
      if (ownKey !== undefined && this.#here.get(ownKey)?.socket === socket) this.#forget(ownKey)
    })
  }

  /** Takes over the socket of somebody who looks for the host of that key (base64url). */
  visit(pipe: Pipe, { key, source }: { readonly key: string; readonly source: string }): void {
    if (this.#visits.size >= this.#limits.visits) {
      this.#count('full')
      return pipe.close(tryAgainLater, 'There are too many at this gateway: try again later')
    }
    const name = Buffer.from(this.#options.randomBytes(18)).toString('base64url')
    let here: Here | undefined
    const shares: VisitShares = { own: undefined }
    const leave = this.#visitPlaces.take(source)
    const visit = new Visit({
      visitor: pipe,
      clock: this.#options.clock,
      begin: (self) => {
        const found = this.#here.get(key)
        const refused = this.#mayVisit(key, source, found)
        if (refused || !found) return refused && this.#counted(refused)
        here = found
        here.visits.add(self)
        this.#expected.set(name, self)
        return here.socket.tell(name, source) ? undefined : this.#counted(silent)
      },
      unanswered: () => this.#counted(silent),
      take: (bytes) => this.#take(here, bytes, shares),
      onPacket: (isHandedOn) => void (isHandedOn ? this.#handedOn++ : this.#dropped++),
    })
    this.#visits.add(visit)
    void visit.closed.then(() => {
      leave()
      this.#visits.delete(visit)
      this.#expected.delete(name)
      shares.own?.leave()
      if (here) this.#left(here, visit)
    })
  }

  /** The host has come for that visit. */
  takeUp(pipe: Pipe, name: string): void {
    const visit = this.#expected.get(name)
    // Once: the name is no use to whoever comes by it later.
    this.#expected.delete(name)
    if (!visit) return pipe.close(1000, 'Nobody waits there any more')
    this.#joined++
    this.#sockets.add(pipe)
    void pipe.closed.then(() => this.#sockets.delete(pipe))
    visit.join(pipe)
  }

  /** Ends all. */
  [Symbol.dispose](): void {
    for (const visit of this.#visits) visit.end('The gateway is stopping')
    for (const pipe of this.#sockets) pipe.close(goingAway, 'The gateway is stopping')
  }

  #mayRegister(source: string): { code: RegistrationRefusal; message: string } | undefined {
    const { hosts, hostsOfSource } = this.#limits
    if (!this.#options.isServed) {
      return { code: 'not-served', message: 'This host is no gateway for others: --parties all makes it one' }
    }
    if (this.#sockets.size >= hosts + this.#limits.visits || this.#here.size >= hosts) {
      return { code: 'full', message: 'There are too many hosts at this gateway: use another one' }
    }
    if (this.#hostPlaces.heldBy(source) < hostsOfSource && this.#registering.take(source)) return undefined
    return { code: 'busy', message: 'Too many hosts come from there, or too often: try again later' }
  }

  #mayVisit(key: string, source: string, here: Here | undefined): Refused | undefined {
    if (!this.#visiting.take(source) || this.#visitPlaces.heldBy(source) > this.#limits.visitsOfSource) {
      return { code: 'busy', message: 'Too many look for a host from there, or too often: try again in a minute' }
    }
    if (here && here.visits.size >= this.#limits.visitsOfHost) {
      return { code: 'full', message: 'Too many are at that host through here: try again later' }
    }
    if (here) return undefined
    const goneMs = this.#gone.get(key)
    if (goneMs === undefined) {
      return { code: 'not-registered', message: 'No host of that key has been here: start it with this --gateway' }
    }
    const seconds = Math.round((this.#options.clock.nowMs() - goneMs) / 1000)
    const message = `The host left ${seconds} s ago, and has not come back: is Porchlight running there, and is its network up?`
    return { code: 'host-away', message }
  }

  /** What a visit may take is what its host may, and of that its part. */
  #take(here: Here | undefined, amount: number, shares: VisitShares): boolean {
    if (!here) return false
    const { bytesOfHost, bytesOfVisit } = this.#limits
    here.rate ??= {
      ofHost: this.#rate.join(),
      ofVisits: new SharedRate({
        inAll: bytesOfHost,
        each: bytesOfVisit,
        nowMs: () => this.#options.clock.nowMs(),
      }),
    }
    shares.own ??= here.rate.ofVisits.join()
    return shares.own.take(amount) && here.rate.ofHost.take(amount)
  }

  #left(here: Here, visit: Visit): void {
    here.visits.delete(visit)
    if (here.visits.size > 0) return
    here.rate?.ofHost.leave()
    here.rate = undefined
  }

  /** Visits that the host has come to go on: their sockets are their own. */
  #forget(key: string): void {
    this.#here.delete(key)
    const [oldest] = this.#gone.keys()
    if (oldest !== undefined && this.#gone.size >= mostRemembered) this.#gone.delete(oldest)
    this.#gone.set(key, this.#options.clock.nowMs())
  }

  #counted(refused: Refused): Refused {
    this.#count(refused.code)
    return refused
  }

  #count(code: VisitRefusal): void {
    this.#refusals.set(code, (this.#refusals.get(code) ?? 0) + 1)
  }

  #countRegistration(code: RegistrationRefusal): void {
    this.#registrationsRefused.set(code, (this.#registrationsRefused.get(code) ?? 0) + 1)
  }
}

interface VisitShares {
  own: RateShare | undefined
}

const silent: Refused = {
  code: 'no-answer',
  message: 'The host is connected here and does not answer: try again, and look at its log',
}
