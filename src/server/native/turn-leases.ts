import type { OfferedIceServers } from '../../conversation/contract/offered-ice-servers.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { askTurn } from '../../net/relay/ask-turn.ts'
import { newSigningKey } from '../../net/relay/lease-signing.ts'
import type { DatagramSocket } from '../../net/udp/datagram-socket.ts'
import type { OfferedRelay } from '../../wire/reach/signals.ts'
import type { TurnGrant } from '../../wire/relay/turn-grant.ts'
import type { RelayPlace } from '../config/config-relays.ts'
import { renewMs, type HostRelays } from './host-relays.ts'

/** Credentials that one conversation has, until it is over. */
export interface LentTurn {
  /** As they are now: they are renewed for as long as they are lent, and those of a relay that had none come when it has. */
  look(): OfferedIceServers
  /** Its leases are revoked: there are no more credentials for them. Idempotent. */
  release(): void
}

/** So many conversations can begin within one exchange with a relay and each have credentials of their own. */
const spares = 4
/** However short their time is, a relay is not asked for new ones of a session more often. */
const soonestMs = 5000
/** Where a relay has not said yet whether there is a TURN server beside it, somebody may ask for its credentials again after this. */
const soonMs = 30_000
/** Asked again so much later, where there was no answer, and where the answer was no. */
const againMs = { silent: 30_000, refused: 300_000 }

/** The credentials of one session at one relay. */
class TurnSession {
  /** Both ends of the lease: a browser has no key of its own. */
  readonly key = newSigningKey()
  readonly place: RelayPlace
  readonly session: number
  offered: OfferedRelay | undefined
  grant: TurnGrant | undefined
  asking: Timer | undefined
  renewing: Timer | undefined

  constructor(place: RelayPlace, session: number) {
    this.place = place
    this.session = session
  }

  /** No more is asked for it. */
  rest(): void {
    this.asking?.cancel()
    this.renewing?.cancel()
  }

  isGood(nowMs: number): boolean {
    return this.grant !== undefined && this.grant.expiresMs > nowMs
  }
}

export interface TurnLeasesOptions {
  readonly places: readonly RelayPlace[]
  readonly relays: HostRelays
  /** Undefined for an address of a kind that this machine has not. */
  readonly socketFor: (address: string) => DatagramSocket | undefined
  readonly clock: Clock
  readonly log: Log
  /** Cryptographically secure. */
  readonly randomBytes: (count: number) => Uint8Array
}

/**
 * Keeps credentials of the TURN servers beside this host's relays at hand, each for one session, and asks for new ones before they expire: of
 * those at hand and of those that are lent.
 */
export class TurnLeases implements Disposable {
  readonly #options: TurnLeasesOptions
  readonly #kept = new Map<RelayPlace, TurnSession[]>()
  readonly #lent = new Set<TurnSession>()
  readonly #later = new Map<RelayPlace, Timer>()
  /** What each relay has said last: `granted`, or why not. */
  readonly #told = new Map<RelayPlace, string>()
  #isOver = false

  constructor(options: TurnLeasesOptions) {
    this.#options = options
    for (const place of options.places) this.#ask(place)
  }

  /** For a conversation that begins; of relays beside which there is a TURN server. */
  lend(): LentTurn {
    const taken = new Map<RelayPlace, TurnSession>()
    let isReleased = false
    const look = (): OfferedIceServers => {
      const nowMs = this.#options.clock.epochMs()
      if (!isReleased && !this.#isOver) this.#takeFor(taken)
      const good = [...taken.values()].filter((session) => session.isGood(nowMs))
      const servers = good.flatMap(({ grant }) => {
        return grant ? { urls: grant.urls, username: grant.username, credential: grant.credential } : []
      })
      const isAwaited = this.#options.places.some(
        (place) => !good.some((session) => session.place === place) && this.#mayGrant(place),
      )
      const forMs = Math.min(
        ...good.map(({ grant }) => (grant ? grant.expiresMs - nowMs : Infinity)),
        isAwaited ? soonMs : Infinity,
      )
      return { servers, ...(Number.isFinite(forMs) && { forMs }) }
    }
    const release = () => {
      if (isReleased || this.#isOver) return
      isReleased = true
      for (const session of taken.values()) {
        this.#lent.delete(session)
        session.rest()
        this.#revoke(session)
      }
    }
    // Others that begin now get others.
    this.#takeFor(taken)
    return { look, release }
  }

  [Symbol.dispose](): void {
    this.#isOver = true
    for (const timer of this.#later.values()) timer.cancel()
    for (const session of [...this.#lent, ...[...this.#kept.values()].flat()]) {
      session.rest()
      this.#revoke(session)
    }
  }

  /** Of each relay of which there is none yet, one that is at hand. */
  #takeFor(taken: Map<RelayPlace, TurnSession>): void {
    const nowMs = this.#options.clock.epochMs()
    for (const [place, sessions] of this.#kept) {
      const at = taken.has(place) ? -1 : sessions.findIndex((session) => session.isGood(nowMs))
      const [session] = at < 0 ? [] : sessions.splice(at, 1)
      if (!session) continue
      taken.set(place, session)
      this.#lent.add(session)
      this.#ask(place)
    }
  }

  /** It has not said that there is none. */
  #mayGrant(place: RelayPlace): boolean {
    const told = this.#told.get(place)
    return told === undefined || told === 'granted' || told === 'no-answer'
  }

  #revoke({ key: { publicKey }, offered }: TurnSession): void {
    if (offered) this.#options.relays.revoke([offered], { host: publicKey, viewer: publicKey })
  }

  #isHeld(session: TurnSession): boolean {
    return this.#lent.has(session) || this.#kept.get(session.place)?.includes(session) === true
  }

  /** One after the other: a relay that has no TURN server is asked by one alone. */
  #ask(place: RelayPlace): void {
    const sessions = this.#kept.get(place) ?? []
    this.#kept.set(place, sessions)
    if (this.#isOver || this.#later.has(place) || sessions.length >= spares) return
    if (sessions.some(({ grant }) => !grant)) return
    const session = new TurnSession(place, Buffer.from(this.#options.randomBytes(6)).readUIntBE(0, 6))
    sessions.push(session)
    void this.#exchange(session)
  }

  async #exchange(session: TurnSession): Promise<void> {
    const { relays, socketFor, clock } = this.#options
    const { publicKey } = session.key
    const issuedMs = Math.trunc(clock.epochMs())
    const ends = { host: publicKey, viewer: publicKey }
    const offered = await relays.offer(session.place, { ...ends, session: session.session, issuedMs })
    const socket = offered && socketFor(offered.address)
    if (this.#isOver || !this.#isHeld(session)) return
    if (!offered || !socket) return this.#refused(session, 'no-answer')
    session.offered = offered
    const lease = Uint8Array.from(Buffer.from(offered.lease, 'base64url'))
    session.asking?.cancel()
    session.asking = askTurn({ socket, clock, relay: offered, lease, key: session.key }, (answer) => {
      if (answer.kind === 'refused') return this.#refused(session, answer.reason)
      session.grant = answer.grant
      // So early that the relay, or the way to it, may be gone for most of the time that they are good.
      const leftMs = answer.grant.expiresMs - clock.epochMs()
      this.#renewAfter(session, Math.max(soonestMs, Math.min(renewMs, leftMs / 3)))
      this.#tell(session.place, 'granted')
      this.#ask(session.place)
    })
  }

  #renewAfter(session: TurnSession, ms: number): void {
    session.renewing?.cancel()
    session.renewing = this.#options.clock.after(ms, () => void this.#exchange(session))
  }

  #refused(session: TurnSession, reason: string): void {
    const { place } = session
    this.#tell(place, reason)
    const nowMs = this.#options.clock.epochMs()
    // What it has is good until it expires; the next renewal may come through.
    const laterMs = reason === 'no-answer' ? againMs.silent : againMs.refused
    if (this.#lent.has(session) || (reason === 'no-answer' && session.isGood(nowMs))) this.#renewAfter(session, laterMs)
    else {
      const sessions = this.#kept.get(place) ?? []
      this.#kept.set(
        place,
        sessions.filter((each) => each !== session),
      )
      session.rest()
    }
    if (this.#later.has(place)) return
    const timer = this.#options.clock.after(laterMs, () => {
      this.#later.delete(place)
      this.#ask(place)
    })
    this.#later.set(place, timer)
  }

  /** Once, until it is another. */
  #tell(place: RelayPlace, what: string): void {
    if (this.#told.get(place) === what) return
    this.#told.set(place, what)
    const { log } = this.#options
    const facts = { relay: place.name }
    if (what === 'granted') log.info('Browsers are relayed by the TURN server beside a relay', facts)
    else if (what === 'no-turn') log.debug('There is no TURN server beside a relay', facts)
    else log.warn('A relay gives no credentials of TURN', { ...facts, reason: what })
  }
}
