import type { Clock, Timer } from '../../kernel/clock.ts'
import { SimulatedLink, type LinkConditions } from '../../net/link/simulated-link.ts'

/** A datagram that came. */
type Take<Datagram> = (datagram: Datagram) => void

/** One direction of a path: a simulated link that delivers by a clock. */
export class MemoryLink<Datagram> {
  /** Rate, delay, jitter, loss and queue; all of it may change on the way. */
  readonly conditions: LinkConditions
  readonly #link: SimulatedLink<Datagram>
  readonly #clock: Clock
  readonly #take: Take<Datagram>
  #timer: Timer | undefined
  #isCut = false

  constructor(options: { conditions: Partial<LinkConditions>; seed: number; clock: Clock; take: Take<Datagram> }) {
    this.#link = new SimulatedLink(options.conditions, options.seed)
    this.conditions = this.#link.conditions
    this.#clock = options.clock
    this.#take = options.take
  }

  /** Datagrams lost so far. */
  get lost(): number {
    return this.#link.lost
  }

  /** Puts a datagram on its way, whatever becomes of it. Nothing arrives within the call. */
  send(datagram: Datagram, bytes: number): void {
    if (!this.#isCut && this.#link.send(datagram, bytes, this.#nowUs())) this.#arm()
  }

  /** Nothing arrives any more. */
  cut(): void {
    this.#isCut = true
    this.#timer?.cancel()
  }

  #arm(): void {
    const { nextArrivalUs } = this.#link
    if (this.#timer || nextArrivalUs === undefined) return
    this.#timer = this.#clock.after(Math.max(0, nextArrivalUs - this.#nowUs()) / 1000, () => this.#deliver())
  }

  #deliver(): void {
    this.#timer = undefined
    // A clock of milliseconds with a fraction may be early by what is lost of the fraction.
    const untilUs = this.#nowUs() + 1
    for (let next = this.#link.receive(untilUs); next && !this.#isCut; next = this.#link.receive(untilUs)) {
      this.#take(next.datagram)
    }
    if (!this.#isCut) this.#arm()
  }

  #nowUs(): number {
    return this.#clock.nowMs() * 1000
  }
}
