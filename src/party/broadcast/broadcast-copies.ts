import { createHash } from 'node:crypto'
import { TokenBucket } from '../../kernel/token-bucket.ts'
import { encodeUdpPacket, type UdpPacket } from '../../wire/ip/udp-packet.ts'
import type { PortRange } from './game-ports.ts'

/** What became of broadcasts that this machine sent, since it was opened. */
export interface BroadcastCounts {
  /** Those that went to all others, once each whatever their number. */
  readonly forwarded: number
  /** The same one by another interface, or a loop that somebody else has made. */
  readonly repeated: number
  /** Beyond the rate of a port, or of all. */
  readonly tooMany: number
  /** Too long for one packet of the network. */
  readonly tooLong: number
}

/** Of one port, and of all. A game says that it is there once a second or so. */
const portPace = { perSecond: 20, burst: 40 }
const totalPace = { perSecond: 60, burst: 120 }
/** One that leaves by several interfaces leaves by all of them at once. */
const repeatMs = 150
const mostRemembered = 512
const mostPorts = 1024
const headBytes = 28

/**
 * What becomes of a broadcast or multicast that a game on this machine sends: a copy for each of the others, from this machine's address
 * in the party, with the port that the game has sent from, so that whoever hears it answers the game itself. A copy is for one machine and
 * no broadcast, so that nothing can go round; that it is not from somebody else WireGuard sees to.
 */
export class BroadcastCopies {
  readonly #ports: readonly PortRange[]
  readonly #mtuBytes: number
  readonly #total: TokenBucket
  readonly #byPort = new Map<number, TokenBucket>()
  /** When each was forwarded, the newest at the end. */
  readonly #recent = new Map<string, number>()
  #counts = { forwarded: 0, repeated: 0, tooMany: 0, tooLong: 0 }

  constructor({
    ports,
    mtuBytes,
    nowMs,
  }: {
    readonly ports: readonly PortRange[]
    readonly mtuBytes: number
    readonly nowMs: number
  }) {
    this.#ports = ports
    this.#mtuBytes = mtuBytes
    this.#total = new TokenBucket({ ...totalPace, nowMs })
  }

  get counts(): BroadcastCounts {
    return this.#counts
  }

  /** The copies of what was sent; none for what nobody is to hear. */
  of(
    packet: UdpPacket,
    { own, others, nowMs }: { readonly own: string; readonly others: readonly string[]; readonly nowMs: number },
  ): readonly { readonly to: string; readonly bytes: Uint8Array }[] {
    const { destination, destinationPort, sourcePort, data } = packet
    // One of the others may have an address that looks like one for many, 10.66.0.255 for instance.
    if (others.length === 0 || others.includes(destination)) return []
    if (!this.#ports.some(({ first, last }) => destinationPort >= first && destinationPort <= last)) {
      return []
    }
    if (data.length + headBytes > this.#mtuBytes) return this.#dropped('tooLong')
    if (this.#isRepeated(packet, nowMs)) return this.#dropped('repeated')
    if (!this.#paceOf(destinationPort, nowMs).take(nowMs) || !this.#total.take(nowMs)) return this.#dropped('tooMany')
    this.#counts.forwarded++
    return others.map((to) => ({
      to,
      bytes: encodeUdpPacket({ source: own, sourcePort, destination: to, destinationPort, data }),
    }))
  }

  #dropped(why: keyof BroadcastCounts): readonly [] {
    this.#counts[why]++
    return []
  }

  #isRepeated({ sourcePort, destinationPort, data }: UdpPacket, nowMs: number): boolean {
    for (const [key, atMs] of this.#recent) {
      if (nowMs - atMs < repeatMs && this.#recent.size <= mostRemembered) break
      this.#recent.delete(key)
    }
    const key = `${sourcePort} ${destinationPort} ${createHash('sha256').update(data).digest('base64')}`
    if (this.#recent.has(key)) return true
    this.#recent.set(key, nowMs)
    return false
  }

  #paceOf(port: number, nowMs: number): TokenBucket {
    const known = this.#byPort.get(port)
    if (known) return known
    if (this.#byPort.size >= mostPorts) this.#byPort.clear()
    const pace = new TokenBucket({ ...portPace, nowMs })
    this.#byPort.set(port, pace)
    return pace
  }
}
