import type { WireEvents } from '../contract/viewer-wire.ts'

/** More messages than any window holds that is worth having. */
const capacity = 4096
/** A page that has just been opened is busy with itself: how late it reads says nothing about the path yet. */
const settlingUs = 700_000

/**
 * The messages of a socket that were sent and not yet told of. The socket keeps their order and loses none, so that a receipt needs no
 * numbers: it tells when the next ones arrived.
 */
export class MessagesOnTheWay {
  readonly #events: Pick<WireEvents, 'arrivals' | 'room'>
  readonly #sizes = new Uint32Array(capacity)
  #sent = 0
  #acknowledged = 0
  #bytes = 0
  #firstUs: number | undefined

  constructor(events: Pick<WireEvents, 'arrivals' | 'room'>) {
    this.#events = events
  }

  get bytes(): number {
    return this.#bytes
  }

  get count(): number {
    return this.#sent - this.#acknowledged
  }

  get isFull(): boolean {
    return this.count === capacity
  }

  onSent(bytes: number, nowUs: number): void {
    this.#firstUs ??= nowUs
    this.#sizes[this.#sent++ % capacity] = bytes
    this.#bytes += bytes
  }

  /** When the next ones arrived, by the client's clock. False when that many are not on the way. */
  onReceipt(arrivalsUs: readonly number[], nowUs: number): boolean {
    if (arrivalsUs.length > this.count) return false
    // Messages are numbered from one.
    const first = this.#acknowledged + 1
    for (let index = 0; index < arrivalsUs.length; index++) {
      this.#bytes -= this.#sizes[this.#acknowledged++ % capacity] as number
    }
    if (nowUs - (this.#firstUs ?? nowUs) >= settlingUs) this.#events.arrivals({ first, arrivalsUs })
    else this.#events.room()
    return true
  }
}
