import { RangeSet } from './range-set.ts'
import { StreamError } from './stream-error.ts'

/** What is missing may stand at so many places: more are not kept, and not acknowledged. */
const mostGaps = 64

/**
 * The receiving half of one stream: puts in order what comes in any, once, within a window that moves on as it is read. A ring of one
 * size.
 */
export class IncomingBytes {
  readonly #window: number
  #ring = new Uint8Array(0)
  readonly #came = new RangeSet()
  #read = 0
  /** Behind the highest byte that came, which is what flow control counts. */
  #highest = 0
  #endsAt: number | undefined

  constructor(windowBytes: number) {
    this.#window = windowBytes
  }

  /** So far the other end may send. */
  get limit(): number {
    return this.#read + this.#window
  }

  get highest(): number {
    return this.#highest
  }

  get readBytes(): number {
    return this.#read
  }

  /** The other end has said where it ends. */
  get isEndKnown(): boolean {
    return this.#endsAt !== undefined
  }

  /** All of it was read. */
  get isEnded(): boolean {
    return this.#read === this.#endsAt
  }

  /** How many bytes can be read. */
  get ready(): number {
    const { lowest } = this.#came
    return lowest && lowest.from <= this.#read ? lowest.to - this.#read : 0
  }

  /**
   * Takes a piece, whatever of it came before. False when there are too many gaps to keep it: it is to come again. Throws
   * StreamError `violation` for what is beyond the window, or behind the end.
   */
  take(offset: number, data: Uint8Array, fin: boolean): boolean {
    const end = offset + data.length
    this.#checkEnd(end, fin)
    const from = Math.max(offset, this.#read)
    if (end > from) {
      if (this.#came.size >= mostGaps && !this.#came.has(from) && !this.#came.has(end - 1) && from > this.#read)
        return false
      if (this.#ring.length === 0) this.#ring = new Uint8Array(this.#window)
      const fresh = data.subarray(from - offset)
      const at = from % this.#window
      const first = Math.min(fresh.length, this.#window - at)
      this.#ring.set(fresh.subarray(0, first), at)
      this.#ring.set(fresh.subarray(first), 0)
      this.#came.add(from, end)
    }
    this.#highest = Math.max(this.#highest, end)
    if (fin) this.#endsAt = end
    return true
  }

  /** The other end gives it up after `bytes`: they count, and are not read. Throws StreamError `violation` as `take` does. */
  end(bytes: number): void {
    this.#checkEnd(bytes, true)
    this.#highest = this.#read = this.#endsAt = bytes
    this.#drop()
  }

  #drop(): void {
    this.#ring = new Uint8Array(0)
    while (this.#came.size > 0) this.#came.dropLowest()
  }

  /** Nobody reads it any more: what came up to `bytes` counts as read. Throws StreamError `violation` for what is beyond the window. */
  skip(bytes: number): void {
    if (bytes > this.limit) throw new StreamError('violation', 'More came of a stream than its window has room for')
    this.#highest = this.#read = Math.max(this.#read, bytes)
    this.#drop()
  }

  /** A copy of what is in order, so many bytes at most; undefined while there is none. */
  read(mostBytes: number): Uint8Array | undefined {
    const bytes = Math.min(this.ready, mostBytes)
    if (bytes === 0) return undefined
    const read = new Uint8Array(bytes)
    const at = this.#read % this.#window
    const first = Math.min(bytes, this.#window - at)
    read.set(this.#ring.subarray(at, at + first))
    read.set(this.#ring.subarray(0, bytes - first), first)
    this.#came.remove(this.#read, this.#read + bytes)
    this.#read += bytes
    if (this.isEnded) this.#ring = new Uint8Array(0)
    return read
  }

  #checkEnd(end: number, fin: boolean): void {
    if (end > this.limit) throw new StreamError('violation', 'More came of a stream than its window has room for')
    const known = this.#endsAt
    const isWrong = known === undefined ? fin && end < this.#highest : end > known || (fin && end !== known)
    if (isWrong) throw new StreamError('violation', 'A stream came to an end at two places')
  }
}
