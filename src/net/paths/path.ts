import type { WireAddress } from '../../wire/address-bytes.ts'
import { PathMeter } from './path-meter.ts'
import type { PathKind } from './path-policy.ts'
import { sourceOf } from '../udp/source-of.ts'

/** What carries datagrams to the other end: a socket, a relay's lease, or the web port's tunnel. */
export interface Carrier {
  readonly kind: PathKind
  /** Leads to `to`; a relay or a tunnel leads to one peer, whatever that is. False where it did not leave. */
  send(bytes: Uint8Array, to: WireAddress): boolean
  /** What people call a path by it, for instance `direct 192.0.2.1:5000`. */
  nameOf(to: WireAddress): string
  /** By which floods through it are told apart; left out where the address says that. */
  readonly origin?: string
}

/** `untried`: no answer yet. `alive`: answers come. `dead`: none any more. */
export type PathState = 'untried' | 'alive' | 'dead'

/** A path as those see it who send by it. */
export interface Path {
  readonly name: string
  readonly kind: PathKind
  /** By which floods are told apart: the IP address that it leads to, or what carries it. */
  readonly origin: string
  readonly address: WireAddress
  readonly state: PathState
  /** Smoothed, in milliseconds; undefined before the first answer. */
  readonly roundTripMs: number | undefined
}

/** How often a path is checked, in milliseconds. */
const pace = {
  /** The one that is taken, and any other that is kept warm. */
  taken: 150,
  warm: 1000,
  /** While it is new, or its last checks have no answer. */
  fresh: 100,
  /** The one that is taken, while some of its checks are lost between others that are answered. */
  doubtful: 50,
  /** One that has never answered or is dead, by the time for which that has been so. */
  hopeful: [
    [1500, 100],
    [6000, 500],
    [30_000, 2000],
    [Infinity, 10_000],
  ],
} as const

/**
 * Without an answer for so long, besides what one takes, the path that is taken may be dead, and with so many lost it may be broken: how the others
 * do at the same time is to be known by then.
 */
const doubtMs = 200
const doubtLost = 2

/** One path of a peer, and what is known of it. */
export class CheckedPath implements Path {
  readonly carrier: Carrier
  readonly address: WireAddress
  readonly name: string
  readonly rank: number
  readonly meter = new PathMeter()
  state: PathState = 'untried'
  #nextMs = 0
  #checkedMs = -Infinity
  #hopefulSinceMs: number

  constructor(carrier: Carrier, address: WireAddress, rank: number, nowMs: number) {
    this.carrier = carrier
    this.address = address
    this.name = carrier.nameOf(address)
    this.rank = rank
    this.#hopefulSinceMs = nowMs
  }

  get kind(): PathKind {
    return this.carrier.kind
  }

  get origin(): string {
    return this.carrier.origin ?? sourceOf(this.address.address)
  }

  get roundTripMs(): number | undefined {
    return this.meter.roundTripMs
  }

  /** Whether a check is due; the next one is then planned. `isWanted`: the path that is taken is in doubt. */
  isDue(nowMs: number, { isTaken, isWanted }: { readonly isTaken: boolean; readonly isWanted: boolean }): boolean {
    const isSooner = isWanted && this.state === 'alive' && nowMs >= this.#checkedMs + pace.fresh
    if (nowMs < this.#nextMs && !isSooner) return false
    this.#checkedMs = nowMs
    this.#nextMs = nowMs + this.#intervalMs(nowMs, isTaken)
    return true
  }

  /** Whether its checks have no answer for longer than it takes, or not all of them have one. */
  isInDoubt(nowMs: number): boolean {
    if (this.state !== 'alive') return false
    const isLate = this.meter.unansweredMs(nowMs) > doubtMs + 1.5 * (this.roundTripMs ?? 0)
    return isLate || this.meter.recentLosses(nowMs).lost >= doubtLost
  }

  /** The next tick checks it, with the hope of a path that is new: the network has changed, or the other end has just sent by it. */
  hope(nowMs: number): void {
    this.#nextMs = nowMs
    this.#hopefulSinceMs = nowMs
  }

  /** True when its state changed. `others`: what is measured of the other paths, where this is the one that is taken. */
  tick(nowMs: number, others?: Iterable<PathMeter>): boolean {
    this.meter.tick(nowMs)
    if (this.state !== 'alive' || !this.meter.isDead(nowMs, others)) return false
    this.giveUp(nowMs)
    return true
  }

  /** It is dead. */
  giveUp(nowMs: number): void {
    this.state = 'dead'
    this.meter.forget()
    this.hope(nowMs)
  }

  /** An answer came to one of its checks. True when its state changed. */
  answered(id: string, nowMs: number): boolean {
    if (!this.meter.answered(id, nowMs) || this.state === 'alive') return false
    this.state = 'alive'
    this.meter.begin()
    return true
  }

  #intervalMs(nowMs: number, isTaken: boolean): number {
    if (this.state !== 'alive') {
      const forMs = nowMs - this.#hopefulSinceMs
      return pace.hopeful.find(([untilMs]) => forMs < untilMs)?.[1] ?? 10_000
    }
    if (isTaken && this.meter.recentLosses(nowMs).lost > 0) return pace.doubtful
    const isLate = this.meter.unansweredMs(nowMs) > Math.max(50, 1.5 * (this.roundTripMs ?? 0))
    return isLate || this.meter.judged < 4 ? pace.fresh : isTaken ? pace.taken : pace.warm
  }
}
