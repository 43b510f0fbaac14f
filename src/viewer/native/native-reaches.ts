import type { Clock, Timer } from '../../kernel/clock.ts'
import type { SecureEndpoint } from '../../net/native/secure-endpoint.ts'
import type { ReachPort } from '../../net/reach/reach-port.ts'
import type { DatagramPath } from '../../net/contract/datagram-path.ts'
import type { BirthdayOutcome } from '../../net/paths/birthday-probing.ts'
import type { Reach } from '../../net/reach/reach.ts'
import { Tunnel } from '../../net/reach/tunnel.ts'
import type { ReachSignal } from '../../wire/reach/signals.ts'

export interface ReachEvents {
  /** To be said to the other end. */
  signal(reach: number, signal: ReachSignal): void
  /** To be sent through its tunnel; nobody writes into it. */
  packet(reach: number, packet: Uint8Array): void
  over(reach: number, reason: string): void
}

export interface NativeReachesOptions {
  readonly port: ReachPort
  readonly endpoint: Pick<SecureEndpoint, 'linksOn'>
  readonly clock: Clock
  readonly events: ReachEvents
  /** A direct path was probed for by birthday, for whoever is on that path. */
  readonly probed: (path: DatagramPath, outcome: BirthdayOutcome) => void
}

const lookMs = 1000
/** A reach over which no channel goes ends after this: nobody came, or who was there has gone. */
const idleMs = 60_000
/** And sooner when nobody is at the web port any more who could say something. */
const aloneMs = 10_000

interface Kept {
  readonly reach: Reach
  tunnel: Tunnel | undefined
  /** Since when no channel has gone over it. */
  idleSinceMs: number
}

/** The reaches of those who have come to the web port: they last as long as a channel goes over them. */
export class NativeReaches implements Disposable {
  readonly #options: NativeReachesOptions
  readonly #kept = new Map<number, Kept>()
  readonly #looking: Timer

  constructor(options: NativeReachesOptions) {
    this.#options = options
    this.#looking = options.clock.every(lookMs, () => this.#look())
  }

  /** What the other end has said; the first of it begins the reach. */
  signal(id: number, origin: string, signal: ReachSignal): void {
    this.#of(id, origin).reach.hear(signal)
  }

  /** The web port carries packets of it from now on, or no more (`where` undefined). */
  tunnel(id: number, where: string | undefined): void {
    const kept = this.#kept.get(id)
    if (!kept) return
    if (kept.tunnel) kept.reach.remove(kept.tunnel)
    kept.tunnel = undefined
    if (where === undefined) return
    const { events } = this.#options
    const send = (packet: Uint8Array) => {
      events.packet(id, packet)
      return true
    }
    kept.tunnel = new Tunnel({ where, origin: kept.reach.path.origin, send })
    kept.reach.add(kept.tunnel)
  }

  /** Something came through the web port. */
  packet(id: number, packet: Uint8Array): void {
    const kept = this.#kept.get(id)
    if (kept?.tunnel) kept.reach.receive(packet, kept.tunnel)
  }

  end(id: number, reason: string): void {
    const kept = this.#kept.get(id)
    if (!kept) return
    this.#kept.delete(id)
    kept.reach[Symbol.dispose]()
    this.#options.events.over(id, reason)
  }

  [Symbol.dispose](): void {
    this.#looking.cancel()
    for (const { reach } of this.#kept.values()) reach[Symbol.dispose]()
    this.#kept.clear()
  }

  #of(id: number, origin: string): Kept {
    const known = this.#kept.get(id)
    if (known) return known
    const { port, events, clock, probed } = this.#options
    const reach: Reach = port.reach({
      isControlling: false,
      origin,
      signal: (signal) => events.signal(id, signal),
      onProbed: (outcome) => probed(reach.path, outcome),
    })
    const kept: Kept = { reach, tunnel: undefined, idleSinceMs: clock.nowMs() }
    this.#kept.set(id, kept)
    return kept
  }

  #look(): void {
    const { clock, endpoint } = this.#options
    const nowMs = clock.nowMs()
    for (const [id, kept] of this.#kept) {
      if (endpoint.linksOn(kept.reach.path).length > 0) kept.idleSinceMs = nowMs
      const limitMs = kept.tunnel ? idleMs : aloneMs
      if (nowMs - kept.idleSinceMs >= limitMs) this.end(id, 'no channel goes over it')
    }
  }
}
