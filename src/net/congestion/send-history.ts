/** What became of a packet. */
export type PacketFate = 'in-flight' | 'lost' | 'received'

const fates: readonly PacketFate[] = ['in-flight', 'lost', 'received']
const capacity = 8192

/**
 * When each of the last 8,192 packets was sent, how large it was and what became of it, by transport-wide sequence
 * number. Arrays that are made once; nothing is allocated later.
 */
export class SendHistory {
  readonly #sequences = new Int32Array(capacity).fill(-1)
  readonly #sentUs = new Float64Array(capacity)
  readonly #bytes = new Uint16Array(capacity)
  readonly #fates = new Uint8Array(capacity)
  /** Bytes of all packets up to and with this one. */
  readonly #totals = new Float64Array(capacity)
  #totalBytes = 0

  /** `sequence` is 16 bits. */
  onSent(sequence: number, bytes: number, nowUs: number): void {
    const place = sequence % capacity
    this.#sequences[place] = sequence
    this.#sentUs[place] = nowUs
    this.#bytes[place] = bytes
    this.#fates[place] = 0
    this.#totalBytes += bytes
    this.#totals[place] = this.#totalBytes
  }

  /** Bytes sent after a packet that the history has. */
  bytesAfter(sequence: number): number {
    return this.#totalBytes - (this.#totals[sequence % capacity] as number)
  }

  /** False for a number that was never sent, or so long ago that it is forgotten. */
  has(sequence: number): boolean {
    return this.#sequences[sequence % capacity] === sequence
  }

  /** Of a packet that the history has. */
  sentUs(sequence: number): number {
    return this.#sentUs[sequence % capacity] as number
  }

  bytes(sequence: number): number {
    return this.#bytes[sequence % capacity] as number
  }

  fate(sequence: number): PacketFate {
    return fates[this.#fates[sequence % capacity] as number] as PacketFate
  }

  setFate(sequence: number, fate: PacketFate): void {
    this.#fates[sequence % capacity] = fates.indexOf(fate)
  }
}
