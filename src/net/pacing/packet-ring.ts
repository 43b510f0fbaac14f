import type { RtpPacket } from '../../wire/rtp/rtp-packet.ts'

/** What can be paced: an RTP packet, or a message of another transport. */
export interface Paceable {
  /** All of its bytes. */
  readonly full: Uint8Array
}

/** A packet on its way through a {@link PacketRing}. */
export interface QueuedPacket<Packet extends Paceable = RtpPacket> {
  packet: Packet
  /** RTP timestamp. */
  timestamp: number
  /** RTP sequence number; -1 for one that has none yet. */
  sequence: number
}

/** A first-in first-out queue of packets with a fixed number of places, in arrays that are made once. */
export class PacketRing<Packet extends Paceable = RtpPacket> {
  readonly capacity: number
  readonly #packets: (Packet | undefined)[]
  readonly #timestamps: Float64Array
  readonly #sequences: Int32Array
  readonly #enqueuedUs: Float64Array
  #head = 0
  #size = 0
  #bytes = 0

  constructor(capacity: number) {
    this.capacity = capacity
    this.#packets = Array.from<Packet | undefined>({ length: capacity })
    this.#timestamps = new Float64Array(capacity)
    this.#sequences = new Int32Array(capacity)
    this.#enqueuedUs = new Float64Array(capacity)
  }

  get size(): number {
    return this.#size
  }

  /** Of all packets, longest header included. */
  get bytes(): number {
    return this.#bytes
  }

  /** When the packet at the head was queued; undefined when the ring is empty. */
  get oldestUs(): number | undefined {
    return this.#size === 0 ? undefined : this.#enqueuedUs[this.#head]
  }

  /** False when there is no place. */
  push(packet: Packet, timestamp: number, sequence: number, nowUs: number): boolean {
    if (this.#size === this.capacity) return false
    const place = (this.#head + this.#size) % this.capacity
    this.#packets[place] = packet
    this.#timestamps[place] = timestamp
    this.#sequences[place] = sequence
    this.#enqueuedUs[place] = nowUs
    this.#size++
    this.#bytes += packet.full.length
    return true
  }

  /** Takes the packet at the head out and tells about it in `into`. False when the ring is empty. */
  shift(into: QueuedPacket<Packet>): boolean {
    const packet = this.#packets[this.#head]
    if (!packet) return false
    into.packet = packet
    into.timestamp = this.#timestamps[this.#head] as number
    into.sequence = this.#sequences[this.#head] as number
    // The ring must not keep the memory of a picture alive that everybody else is done with.
    this.#packets[this.#head] = undefined
    this.#head = (this.#head + 1) % this.capacity
    this.#size--
    this.#bytes -= packet.full.length
    return true
  }

  clear(): void {
    this.#packets.fill(undefined)
    this.#head = 0
    this.#size = 0
    this.#bytes = 0
  }
}
