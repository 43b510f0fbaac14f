import { RangeSet } from './range-set.ts'

/** A piece of what is sent. */
export interface OutgoingPiece {
  readonly offset: number
  /** Good until more is written. */
  readonly data: Uint8Array
  readonly fin: boolean
}

type Piece = Pick<OutgoingPiece, 'offset' | 'fin'> & { readonly bytes: number }

/**
 * The sending half of one stream: what was written is kept until the other end has acknowledged it, and sent again where it was lost.
 * Knows no time; a ring of one size.
 */
export class OutgoingBytes {
  readonly #capacity: number
  #ring = new Uint8Array(0)
  /** All below is acknowledged, so that its room is free. */
  #kept = 0
  /** All below was sent once. */
  #sent = 0
  #written = 0
  readonly #acknowledged = new RangeSet()
  readonly #lost = new RangeSet()
  #isFinished = false
  /** Whether the end has to be sent, was sent, or is known to have come. */
  #fin: 'unsent' | 'sent' | 'acknowledged' = 'unsent'

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** How much more can be written now. */
  get room(): number {
    return this.#capacity - (this.#written - this.#kept)
  }

  /** What was written and is not acknowledged. */
  get waiting(): number {
    return this.#written - this.#kept
  }

  /** How much was sent in all, every byte counted once: what flow control counts. */
  get sentBytes(): number {
    return this.#sent
  }

  /** All of it has come, its end included. */
  get isDone(): boolean {
    return this.#fin === 'acknowledged' && this.#kept === this.#written
  }

  /** Takes what there is room for, and returns how much that was. */
  write(bytes: Uint8Array): number {
    const taken = Math.min(this.room, bytes.length)
    if (taken === 0) return 0
    if (this.#ring.length === 0) this.#ring = new Uint8Array(this.#capacity)
    const at = this.#written % this.#capacity
    const first = Math.min(taken, this.#capacity - at)
    this.#ring.set(bytes.subarray(0, first), at)
    this.#ring.set(bytes.subarray(first, taken), 0)
    this.#written += taken
    return taken
  }

  finish(): void {
    this.#isFinished = true
  }

  /** Something can be sent while the other end takes bytes up to `limit`. */
  wants(limit: number): boolean {
    if (this.#lost.size > 0 || this.#sent < Math.min(this.#written, limit)) return true
    return this.#isFinished && this.#fin === 'unsent' && this.#sent === this.#written
  }

  /** The next piece, what was lost first: of `room` bytes at most, and of new ones only those below `limit`. */
  take(room: number, limit: number): OutgoingPiece | undefined {
    const lost = this.#lost.lowest
    const from = lost?.from ?? this.#sent
    const to = lost?.to ?? Math.max(this.#sent, Math.min(this.#written, limit))
    // What stands at the beginning of the ring again is a piece of its own.
    const untilWrap = this.#capacity - (from % this.#capacity)
    const bytes = Math.min(room, to - from, untilWrap)
    const fin = this.#isFinished && this.#fin === 'unsent' && from + bytes === this.#written
    if (bytes <= 0 && !fin) return undefined
    if (lost) this.#lost.remove(from, from + bytes)
    else this.#sent = from + bytes
    if (fin) this.#fin = 'sent'
    const at = from % this.#capacity
    return { offset: from, data: this.#ring.subarray(at, at + bytes), fin }
  }

  onAcknowledged({ offset, bytes, fin }: Piece): void {
    // It may have come twice, and be long forgotten.
    this.#acknowledged.add(Math.max(offset, this.#kept), offset + bytes)
    // It may have been taken for lost.
    this.#lost.remove(offset, offset + bytes)
    const lowest = this.#acknowledged.lowest
    if (lowest && lowest.from <= this.#kept) {
      this.#kept = lowest.to
      this.#acknowledged.dropLowest()
    }
    if (fin) this.#fin = 'acknowledged'
    if (this.isDone) this.drop()
  }

  onLost({ offset, bytes, fin }: Piece): void {
    const from = Math.max(offset, this.#kept)
    this.#lost.add(from, offset + bytes)
    for (const { first, last } of this.#acknowledged.highest(Infinity)) this.#lost.remove(first, last + 1)
    if (fin && this.#fin === 'sent') this.#fin = 'unsent'
  }

  /** Nothing of it is sent any more. */
  drop(): void {
    this.#ring = new Uint8Array(0)
    while (this.#lost.size > 0) this.#lost.dropLowest()
    this.#written = this.#kept = this.#sent
    this.#fin = 'acknowledged'
  }
}
