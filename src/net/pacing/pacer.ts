import type { RtpPacket } from '../../wire/rtp/rtp-packet.ts'
import { PacketRing, type Paceable } from './packet-ring.ts'

/** A packet that is to be sent now. One object serves all calls of a pacer: it is good until the next one. */
export interface Departure<Packet extends Paceable = RtpPacket> {
  readonly kind: 'audio' | 'resend' | 'video'
  readonly packet: Packet
  /** RTP timestamp. */
  readonly timestamp: number
  /** RTP sequence number of a resend; -1 for a new packet, which gets its number now. */
  readonly sequence: number
}

export interface PacerOptions {
  /** Pictures that wait longer than this are given up. 250 unless given. */
  maxQueueMs?: number
  /** So are those beyond this many bytes, unless it is a single picture. 512 KiB unless given. */
  maxQueueBytes?: number
  /** How much may leave at once, as time at the pacing rate, though never less than three packets. 5 unless given. */
  burstMs?: number
}

const maxVideoPackets = 2048
const maxResendPackets = 256
/** 320 ms of Opus. */
const maxAudioPackets = 32
const minBurstBytes = 3 * 1200

/**
 * Spreads one viewer's packets over time: sound first, then resends, then pictures. Pure; allocates nothing per packet.
 *
 * A budget in bytes grows with time at the pacing rate, up to one burst. A packet may leave while the budget is positive
 * and can take it below zero. Sound does not wait for the budget, but it counts.
 */
export class Pacer<Packet extends Paceable = RtpPacket> {
  readonly #maxQueueUs: number
  readonly #maxQueueBytes: number
  readonly #burstUs: number
  readonly #audio = new PacketRing<Packet>(maxAudioPackets)
  readonly #resends = new PacketRing<Packet>(maxResendPackets)
  readonly #video = new PacketRing<Packet>(maxVideoPackets)
  readonly #departure = {
    kind: 'video' as Departure<Packet>['kind'],
    // Nobody sees it before a packet has been put there.
    packet: undefined as unknown as Packet,
    timestamp: 0,
    sequence: -1,
  }
  #bytesPerUs = 0
  #budgetBytes = 0
  /** The first refill fills the whole burst. */
  #refilledUs = -Infinity

  constructor(options: PacerOptions = {}) {
    this.#maxQueueUs = (options.maxQueueMs ?? 250) * 1000
    this.#maxQueueBytes = options.maxQueueBytes ?? 512 * 1024
    this.#burstUs = (options.burstMs ?? 5) * 1000
  }

  /** The rate of `BitrateController.pacingBps`. Nothing but sound leaves before the first call. */
  setRate(pacingBps: number): void {
    this.#bytesPerUs = pacingBps / 8e6
  }

  /** The oldest of too many is dropped. */
  audio(packet: Packet, timestamp: number, nowUs: number): void {
    if (this.#audio.size === this.#audio.capacity) this.#audio.shift(this.#departure)
    this.#audio.push(packet, timestamp, -1, nowUs)
  }

  /** False when there is no room: the receiver will ask again. */
  resend(packet: Packet, timestamp: number, sequence: number): boolean {
    return this.#resends.push(packet, timestamp, sequence, 0)
  }

  /**
   * All packets of one picture. False when the queue is full or too old: everything of video that waits is dropped, this
   * picture too, and the caller goes on at the next key picture (`Watch.resync`). A key picture is taken even then, in
   * the place of what waited.
   */
  video(packets: readonly Packet[], unit: { timestamp: number; key: boolean }, nowUs: number): boolean {
    if (this.#isFull(packets, nowUs)) {
      this.dropVideo()
      if (!unit.key || packets.length > this.#video.capacity) return false
    }
    for (const packet of packets) this.#video.push(packet, unit.timestamp, -1, nowUs)
    return true
  }

  #isFull(packets: readonly Packet[], nowUs: number): boolean {
    if (this.#video.size + packets.length > this.#video.capacity) return true
    if (this.#video.size === 0) return false
    let bytes = this.#video.bytes
    for (const packet of packets) bytes += packet.full.length
    return bytes > this.#maxQueueBytes || nowUs - (this.#video.oldestUs as number) > this.#maxQueueUs
  }

  /** The next packet that may leave now; call it until it returns undefined, after every enqueue and from a timer. */
  due(nowUs: number): Departure<Packet> | undefined {
    this.#refill(nowUs)
    if (this.#leave(this.#audio, 'audio')) return this.#departure
    if (this.#budgetBytes <= 0) return undefined
    if (this.#leave(this.#resends, 'resend')) return this.#departure
    if (this.#leave(this.#video, 'video')) return this.#departure
    return undefined
  }

  #refill(nowUs: number): void {
    if (this.#bytesPerUs === 0 || nowUs < this.#refilledUs) return
    const burstBytes = Math.max(minBurstBytes, this.#bytesPerUs * this.#burstUs)
    this.#budgetBytes = Math.min(burstBytes, this.#budgetBytes + (nowUs - this.#refilledUs) * this.#bytesPerUs)
    this.#refilledUs = nowUs
  }

  #leave(ring: PacketRing<Packet>, kind: Departure<Packet>['kind']): boolean {
    if (!ring.shift(this.#departure)) return false
    this.#departure.kind = kind
    this.#budgetBytes -= this.#departure.packet.full.length
    return true
  }

  /** True when nothing waits: the timer need not call. */
  get idle(): boolean {
    return this.#audio.size + this.#resends.size + this.#video.size === 0
  }

  /** Of everything that waits. */
  get queuedBytes(): number {
    return this.#audio.bytes + this.#resends.bytes + this.#video.bytes
  }

  /** How long the oldest waiting picture has waited, in milliseconds; 0 when none waits. */
  queueMs(nowUs: number): number {
    const oldestUs = this.#video.oldestUs
    return oldestUs === undefined ? 0 : (nowUs - oldestUs) / 1000
  }

  /** Forgets all pictures that wait, and the resends: nobody needs them before the next key picture. */
  dropVideo(): void {
    this.#video.clear()
    this.#resends.clear()
  }
}
