/** What can be paced: a packet of any wire. */
export interface Paceable {
  /** What it takes of the path, header included. */
  readonly bytes: number
}

/** A packet on its way through a {@link PacketRing}. */
export interface QueuedPacket<Packet extends Paceable> {
  packet: Packet
  /** What the packet is part of, as its sender numbers that. */
  unit: number
  /** The number under which it is sent again; -1 for one that is sent for the first time. */
  number: number
}

/**
 * A first-in first-out queue of packets with a fixed number of places, in arrays that are made once: with the first packet, since a wire
 * uses few of its lanes.
 */
export class PacketRing<Packet extends Paceable> {
  readonly capacity: number
  #packets: (Packet | undefined)[] = []
  #units = new Float64Array(0)
  #numbers = new Float64Array(0)
  #enqueuedUs = new Float64Array(0)
  #head = 0
  #size = 0
  #bytes = 0

  constructor(capacity: number) {
    this.capacity = capacity
  }

  get size(): number {
    return this.#size
  }

  /** Of all packets, headers included. */
  get bytes(): number {
    return this.#bytes
  }

  /** When the packet at the head was queued; undefined when the ring is empty. */
  get oldestUs(): number | undefined {
    return this.#size === 0 ? undefined : this.#enqueuedUs[this.#head]
  }

  /** False when there is no place. */
  push(packet: Packet, unit: number, number: number, nowUs: number): boolean {
    if (this.#size === this.capacity) return false
    if (this.#packets.length === 0) this.#makeRoom()
    const place = (this.#head + this.#size) % this.capacity
    this.#packets[place] = packet
    this.#units[place] = unit
    this.#numbers[place] = number
    this.#enqueuedUs[place] = nowUs
    this.#size++
    this.#bytes += packet.bytes
    return true
  }

  /** Takes the packet at the head out and tells about it in `into`. False when the ring is empty. */
  shift(into: QueuedPacket<Packet>): boolean {
    const packet = this.#packets[this.#head]
    if (!packet) return false
    into.packet = packet
    into.unit = this.#units[this.#head] as number
    into.number = this.#numbers[this.#head] as number
    // The ring must not keep the memory of a picture alive that everybody else is done with.
    this.#packets[this.#head] = undefined
    this.#head = (this.#head + 1) % this.capacity
    this.#size--
    this.#bytes -= packet.bytes
    return true
  }

  #makeRoom(): void {
    const { capacity } = this
    this.#packets = Array.from<Packet | undefined>({ length: capacity })
    this.#units = new Float64Array(capacity)
    this.#numbers = new Float64Array(capacity)
    this.#enqueuedUs = new Float64Array(capacity)
  }

  clear(): void {
    if (this.#size === 0) return
    this.#packets.fill(undefined)
    this.#head = 0
    this.#size = 0
    this.#bytes = 0
  }
}
