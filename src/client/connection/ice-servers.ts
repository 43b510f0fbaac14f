import type { Clock, Timer } from '../../kernel/clock.ts'
import type { IceServer } from '../../wire/signal/messages.ts'

/** What a host has told of them, in its greeting and whenever it is asked. */
interface ToldIceServers {
  readonly iceServers: readonly IceServer[]
  /** Undefined where they stay. */
  readonly iceServersForMs?: number | undefined
}

/** However soon they expire, a host is asked no more often than this, and no less often than this. */
const renewal = { soonestMs: 5000, latestMs: 12 * 3_600_000 }

/** The ICE servers of one conversation, which are asked for again when half of their time is over. */
export class IceServers {
  readonly #clock: Clock
  readonly #ask: () => void
  #now: readonly IceServer[] = []
  #asking: Timer | undefined

  constructor(options: { readonly clock: Clock; readonly ask: () => void }) {
    this.#clock = options.clock
    this.#ask = options.ask
  }

  /** Those that were told last; none before. */
  get now(): readonly IceServer[] {
    return this.#now
  }

  hear({ iceServers, iceServersForMs: forMs }: ToldIceServers): void {
    this.#now = iceServers
    this.#asking?.cancel()
    if (forMs === undefined) return
    const { soonestMs, latestMs } = renewal
    this.#asking = this.#clock.after(Math.min(Math.max(forMs / 2, soonestMs), latestMs), this.#ask)
  }

  /** Nobody is asked any more. */
  close(): void {
    this.#asking?.cancel()
  }
}
