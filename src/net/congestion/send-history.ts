/** What became of a packet. */
export type PacketFate = 'in-flight' | 'lost' | 'received'

const fates: readonly PacketFate[] = ['in-flight', 'lost', 'received']
const capacity = 8192

/**
 * When each of the last 8,192 packets was sent, how large it was and what became of it, by the sender's number. Arrays that
 * are made once; nothing is allocated later.
 */
export class SendHistory {
  readonly #numbers = new Float64Array(capacity).fill(-1)
  readonly #sentUs = new Float64Array(capacity)
  readonly #bytes = new Uint16Array(capacity)
  readonly #fates = new Uint8Array(capacity)
  /** Bytes of all packets up to and with this one. */
  readonly #totals = new Float64Array(capacity)
  #totalBytes = 0

  onSent(number: number, bytes: number, nowUs: number): void {
    const place = number % capacity
    this.#numbers[place] = number
    this.#sentUs[place] = nowUs
    this.#bytes[place] = bytes
    this.#fates[place] = 0
    this.#totalBytes += bytes
    this.#totals[place] = this.#totalBytes
  }

  /** Bytes sent after a packet that the history has. */
  bytesAfter(number: number): number {
    return this.#totalBytes - (this.#totals[number % capacity] as number)
  }

  /** False for a number that was never sent, or so long ago that it is forgotten. */
  has(number: number): boolean {
    return this.#numbers[number % capacity] === number
  }

  /** Of a packet that the history has. */
  sentUs(number: number): number {
    return this.#sentUs[number % capacity] as number
  }

  bytes(number: number): number {
    return this.#bytes[number % capacity] as number
  }

  fate(number: number): PacketFate {
    return fates[this.#fates[number % capacity] as number] as PacketFate
  }

  setFate(number: number, fate: PacketFate): void {
    this.#fates[number % capacity] = fates.indexOf(fate)
  }
}
