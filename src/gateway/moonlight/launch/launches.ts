import type { Clock, Timer } from '../../../kernel/clock.ts'
import type { Launch } from './launch.ts'

/** So long after its launch a client has to begin: the real ones take less than a second. */
const patienceMs = 30_000
export const mostLaunches = 16

/**
 * Streams that were promised. Each client has one at most; whoever comes to take one is known by the key of its launch and by nothing
 * else, least of all by its address.
 */
export class Launches {
  readonly #clock: Clock
  readonly #onExpired: (launch: Launch) => void
  readonly #waiting = new Map<string, { launch: Launch; timer: Timer }>()

  constructor(options: { readonly clock: Clock; readonly onExpired: (launch: Launch) => void }) {
    this.#clock = options.clock
    this.#onExpired = options.onExpired
  }

  /** False when too many wait already. A launch of the same client takes the place of its former one, which has expired. */
  add(launch: Launch): boolean {
    const former = this.#waiting.values().find((other) => other.launch.fingerprint === launch.fingerprint)
    if (former !== undefined) this.#expire(former.launch)
    if (this.#waiting.size >= mostLaunches) return false
    const timer = this.#clock.after(patienceMs, () => this.#expire(launch))
    this.#waiting.set(launch.id, { launch, timer })
    return true
  }

  /** The first that `opens` says yes to. It goes on waiting. */
  find(opens: (launch: Launch) => boolean): Launch | undefined {
    return this.#waiting.values().find(({ launch }) => opens(launch))?.launch
  }

  /** It has begun. False when it does not wait any more. */
  take(id: string): boolean {
    this.#waiting.get(id)?.timer.cancel()
    return this.#waiting.delete(id)
  }

  close(): void {
    for (const { launch } of this.#waiting.values()) this.#expire(launch)
  }

  #expire(launch: Launch): void {
    if (this.take(launch.id)) this.#onExpired(launch)
  }
}
