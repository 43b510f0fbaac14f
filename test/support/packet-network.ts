import type { ManualClock } from '../../src/kernel/manual-clock.ts'
import { seededRandom } from '../../src/kernel/seeded-random.ts'
import type { DatagramPath, PathPort } from '../../src/net/contract/datagram-path.ts'

/** What a network does to packets, all of it seeded; ratios are of 0 to 1. */
export interface PacketWeather {
  delayMs: number
  /** Up to so much more for each, so that packets overtake each other. */
  jitterMs: number
  lossRatio: number
  duplicateRatio: number
  /** Packets that lose their end, or have a bit changed. */
  damageRatio: number
}

/** A packet as it left. */
export interface SentPacket {
  readonly from: string
  readonly to: string
  readonly bytes: Uint8Array
}

type Take = (bytes: Uint8Array, path: DatagramPath) => void

/** Addresses `host:port` that reach each other in virtual time, by packets that get lost, repeated, damaged and late. */
export class PacketNetwork {
  readonly weather: PacketWeather = { delayMs: 10, jitterMs: 0, lossRatio: 0, duplicateRatio: 0, damageRatio: 0 }
  /** All that left, in order. */
  readonly sent: SentPacket[] = []
  /** `from>to` that carry nothing. */
  readonly cuts = new Set<string>()
  readonly #clock: ManualClock
  readonly #random: () => number
  readonly #stations = new Map<string, Take>()

  constructor(clock: ManualClock, seed = 1) {
    this.#clock = clock
    this.#random = seededRandom(seed)
  }

  /** The path to an address. */
  static path(address: string): DatagramPath {
    return { name: `udp ${address}`, kind: 'direct', origin: address.replace(/:\d+$/, '') }
  }

  /** Somebody at an address, which may change. */
  station(address: string): PathPort & { address: string; take: Take; listen(take: Take): void } {
    const stations = this.#stations
    const inject = (packet: SentPacket) => this.inject(packet)
    const station = {
      address,
      take: (() => {}) as Take,
      listen(take: Take) {
        station.take = take
        stations.set(station.address, take)
      },
      send(bytes: Uint8Array, { name }: DatagramPath): boolean {
        inject({ from: station.address, to: name.slice('udp '.length), bytes })
        return true
      },
    }
    return station
  }

  /** The packets of this station come from another address from now on, and come to it there. */
  move(station: { address: string; take: Take }, address: string): void {
    this.#stations.delete(station.address)
    station.address = address
    this.#stations.set(address, station.take)
  }

  /** Puts a packet on its way, from wherever it says. */
  inject(packet: SentPacket): void {
    this.sent.push({ ...packet, bytes: packet.bytes.slice() })
    const { delayMs, jitterMs, lossRatio, duplicateRatio, damageRatio } = this.weather
    const copies = this.#random() < duplicateRatio ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      const [loss, damage, late, place] = [this.#random(), this.#random(), this.#random(), this.#random()]
      if (loss < lossRatio || this.cuts.has(`${packet.from}>${packet.to}`)) continue
      const bytes = damage < damageRatio ? damaged(packet.bytes, place) : packet.bytes.slice()
      this.#clock.after(delayMs + late * jitterMs, () => {
        this.#stations.get(packet.to)?.(bytes, PacketNetwork.path(packet.from))
      })
    }
  }

  /** How many bytes left an address for another. */
  bytes(from: string, to: string): number {
    return this.sent.reduce((sum, each) => sum + (each.from === from && each.to === to ? each.bytes.length : 0), 0)
  }
}

function damaged(bytes: Uint8Array, place: number): Uint8Array {
  const at = Math.floor(place * bytes.length)
  if (place < 0.5) return bytes.slice(0, at)
  const changed = bytes.slice()
  changed[at] = (changed[at] ?? 0) ^ 1
  return changed
}
