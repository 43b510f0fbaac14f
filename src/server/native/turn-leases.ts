import type { Clock, Timer } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { askTurn } from '../../net/relay/ask-turn.ts'
import { newSigningKey } from '../../net/relay/lease-signing.ts'
import type { DatagramSocket } from '../../net/udp/datagram-socket.ts'
import type { OfferedRelay } from '../../wire/reach/signals.ts'
import type { TurnGrant } from '../../wire/relay/turn-grant.ts'
import type { IceServer } from '../../wire/signal/messages.ts'
import type { RelayPlace } from '../config/config-relays.ts'
import { renewMs, type HostRelays } from './host-relays.ts'

/** Credentials that one conversation has, until it is over. */
export interface LentTurn {
  readonly servers: readonly IceServer[]
  /** Its leases are revoked: there are no more credentials for them. Idempotent. */
  release(): void
}

/** So many conversations can begin within one exchange with a relay and each have credentials of their own. */
const spares = 4
/** Asked again so much later, where there was no answer, and where the answer was no. */
const againMs = { silent: 30_000, refused: 300_000 }

/** The credentials of one session at one relay. */
class TurnSession {
  /** Both ends of the lease: a browser has no key of its own. */
  readonly key = newSigningKey()
  readonly session: number
  offered: OfferedRelay | undefined
  grant: TurnGrant | undefined
  asking: Timer | undefined

  constructor(session: number) {
    this.session = session
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

/** Keeps credentials of the TURN servers beside this host's relays at hand, each for one session, and asks for new ones before they expire. */
export class TurnLeases implements Disposable {
  readonly #options: TurnLeasesOptions
  readonly #kept = new Map<RelayPlace, TurnSession[]>()
  readonly #later = new Map<RelayPlace, Timer>()
  readonly #told = new Map<RelayPlace, string>()
  readonly #renewing: Timer
  #isOver = false

  constructor(options: TurnLeasesOptions) {
    this.#options = options
    for (const place of options.places) this.#ask(place)
    this.#renewing = options.clock.every(renewMs, () => this.#renew())
  }

  /** For a conversation that begins; of relays beside which there is a TURN server and from which there are credentials now. */
  lend(): LentTurn {
    const nowMs = this.#options.clock.epochMs()
    const taken = [...this.#kept].flatMap(([place, sessions]) => {
      const at = sessions.findIndex(({ grant }) => grant !== undefined && grant.expiresMs > nowMs)
      const [session] = at < 0 ? [] : sessions.splice(at, 1)
      session?.asking?.cancel()
      if (session) this.#ask(place)
      return session ?? []
    })
    const servers = taken.flatMap(({ grant }) => {
      return grant ? { urls: grant.urls, username: grant.username, credential: grant.credential } : []
    })
    let isReleased = false
    const release = () => {
      if (isReleased || this.#isOver) return
      isReleased = true
      for (const session of taken) this.#revoke(session)
    }
    return { servers, release }
  }

  [Symbol.dispose](): void {
    this.#isOver = true
    this.#renewing.cancel()
    for (const timer of this.#later.values()) timer.cancel()
    for (const session of [...this.#kept.values()].flat()) {
      session.asking?.cancel()
      this.#revoke(session)
    }
  }

  #revoke({ key: { publicKey }, offered }: TurnSession): void {
    if (offered) this.#options.relays.revoke([offered], { host: publicKey, viewer: publicKey })
  }

  #renew(): void {
    for (const [place, sessions] of this.#kept) for (const session of sessions) void this.#exchange(place, session)
  }

  /** One after the other: a relay that has no TURN server is asked by one alone. */
  #ask(place: RelayPlace): void {
    const sessions = this.#kept.get(place) ?? []
    this.#kept.set(place, sessions)
    if (this.#isOver || this.#later.has(place) || sessions.length >= spares) return
    if (sessions.some(({ grant }) => !grant)) return
    const session = new TurnSession(Buffer.from(this.#options.randomBytes(6)).readUIntBE(0, 6))
    sessions.push(session)
    void this.#exchange(place, session)
  }

  async #exchange(place: RelayPlace, session: TurnSession): Promise<void> {
    const { relays, socketFor, clock } = this.#options
    const { publicKey } = session.key
    const issuedMs = Math.trunc(clock.epochMs())
    const ends = { host: publicKey, viewer: publicKey }
    const offered = await relays.offer(place, { ...ends, session: session.session, issuedMs })
    const socket = offered && socketFor(offered.address)
    if (this.#isOver || !this.#kept.get(place)?.includes(session)) return
    if (!offered || !socket) return this.#refused(place, session, 'no-answer')
    session.offered = offered
    const lease = Uint8Array.from(Buffer.from(offered.lease, 'base64url'))
    session.asking?.cancel()
    session.asking = askTurn({ socket, clock, relay: offered, lease, key: session.key }, (answer) => {
      if (answer.kind === 'refused') return this.#refused(place, session, answer.reason)
      session.grant = answer.grant
      this.#tell(place, 'granted')
      this.#ask(place)
    })
  }

  #refused(place: RelayPlace, session: TurnSession, reason: string): void {
    this.#tell(place, reason)
    const sessions = this.#kept.get(place) ?? []
    // What it has is good until it expires; the next renewal may come through.
    const nowMs = this.#options.clock.epochMs()
    if (reason !== 'no-answer' || !session.grant || session.grant.expiresMs <= nowMs) {
      this.#kept.set(
        place,
        sessions.filter((each) => each !== session),
      )
    }
    if (this.#later.has(place)) return
    const timer = this.#options.clock.after(reason === 'no-answer' ? againMs.silent : againMs.refused, () => {
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
