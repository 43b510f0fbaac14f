import { lanes, type LaneName, type LaneRule } from './lanes.ts'
import { PacketRing, type Paceable } from './packet-ring.ts'
import { PaddingRun, type Probe } from './padding-run.ts'

/** A packet that is to be sent now. One object serves all calls of a pacer: it is good until the next one. */
export interface Departure<Packet extends Paceable> {
  readonly lane: LaneName
  readonly packet: Packet
  /** What it is part of, as it was enqueued with. Of padding, that of the picture before it. */
  readonly unit: number
  /** The number of a resend; -1 for a new packet, which gets its number now. */
  readonly number: number
}

/** One picture, as a pacer is given it. */
export interface PacedPicture<Packet extends Paceable> {
  readonly packets: readonly Packet[]
  /** Repairs `packets`; leaves after them, and not at all when another picture comes before. */
  readonly parity: readonly Packet[]
  readonly unit: number
  readonly key: boolean
}

export interface PacerOptions {
  /** Pictures that wait longer than this are given up. 250 unless given. */
  maxQueueMs?: number
  /** So are those beyond this many bytes, unless it is a single picture. 512 KiB unless given. */
  maxQueueBytes?: number
  /** How much may leave at once, as time at the pacing rate, though never less than a packet. 5 unless given. */
  burstMs?: number
}

const minBurstBytes = 1200

interface Lane<Packet extends Paceable> {
  readonly name: LaneName
  readonly rule: LaneRule
  readonly isPaced: boolean
  readonly ring: PacketRing<Packet>
}

/**
 * Spreads one viewer's packets over time, the most urgent lane first ({@link lanes}). Pure; allocates nothing per packet.
 *
 * A budget in bytes grows with time at the pacing rate, up to one burst. A packet of a paced lane may leave while the budget
 * is positive and can take it below zero. Others do not wait for the budget, but they count. Padding leaves when nothing
 * else waits, at the rate of its probe.
 */
export class Pacer<Packet extends Paceable> {
  readonly #maxQueueUs: number
  readonly #maxQueueBytes: number
  readonly #burstUs: number
  readonly #lanes: readonly Lane<Packet>[]
  readonly #resends: PacketRing<Packet>
  readonly #video: PacketRing<Packet>
  readonly #parity: PacketRing<Packet>
  readonly #probing = new PaddingRun()
  #padding: Packet | undefined
  readonly #departure = {
    lane: 'video' as LaneName,
    // Nobody sees it before a packet has been put there.
    packet: undefined as unknown as Packet,
    unit: 0,
    number: -1,
  }
  #pictureUnit = 0
  #bytesPerUs = 0
  #budgetBytes = 0
  /** The first refill fills the whole burst. */
  #refilledUs = -Infinity

  constructor(options: PacerOptions = {}) {
    this.#maxQueueUs = (options.maxQueueMs ?? 250) * 1000
    this.#maxQueueBytes = options.maxQueueBytes ?? 512 * 1024
    this.#burstUs = (options.burstMs ?? 5) * 1000
    this.#lanes = Object.entries(lanes).map(([name, rule]) => ({
      name: name as LaneName,
      rule,
      isPaced: rule.leaves === 'paced',
      ring: new PacketRing<Packet>(rule.capacity),
    }))
    this.#resends = this.#ring('resend')
    this.#video = this.#ring('video')
    this.#parity = this.#ring('parity')
  }

  /** The rate of `BitrateController.pacingBps`. Nothing that is paced leaves before the first call. */
  setRate(pacingBps: number): void {
    this.#bytesPerUs = pacingBps / 8e6
  }

  /** One packet. False when it gave way itself. */
  push(lane: 'control' | 'input' | 'audio', packet: Packet, unit: number, nowUs: number): boolean {
    const { ring, rule } = this.#lane(lane)
    if (ring.size === ring.capacity && rule.full === 'oldest') ring.shift(this.#departure)
    return ring.push(packet, unit, -1, nowUs)
  }

  /** A packet again, under the number that it had. False when there is no room: the receiver will ask again. */
  resend(packet: Packet, unit: number, number: number): boolean {
    return this.#resends.push(packet, unit, number, 0)
  }

  /**
   * All packets of one picture. False when the queue is full or too old: everything of video that waits is dropped, this
   * picture too, and the caller goes on at the next key picture (`Watch.resync`). A key picture is taken even then, in
   * the place of what waited.
   */
  picture({ packets, parity, unit, key }: PacedPicture<Packet>, nowUs: number): boolean {
    if (this.#isFull(packets, nowUs)) {
      this.dropVideo()
      if (!key || packets.length > this.#video.capacity) return false
    }
    this.#parity.clear()
    for (const packet of packets) this.#video.push(packet, unit, -1, nowUs)
    for (const packet of parity) this.#parity.push(packet, unit, -1, nowUs)
    return true
  }

  #isFull(packets: readonly Packet[], nowUs: number): boolean {
    if (this.#video.size + packets.length > this.#video.capacity) return true
    if (this.#video.size === 0) return false
    let bytes = this.#video.bytes
    for (const packet of packets) bytes += packet.bytes
    return bytes > this.#maxQueueBytes || nowUs - (this.#video.oldestUs as number) > this.#maxQueueUs
  }

  /** Padding is to be sent, at the probe's rate and beside whatever else leaves meanwhile. */
  probe(probe: Probe, padding: Packet, nowUs: number): void {
    this.#padding = padding
    this.#probing.begin(probe, nowUs)
  }

  /** True once, when a probe is over. */
  takeProbeEnd(nowUs: number): boolean {
    return this.#probing.takeEnd(nowUs)
  }

  /** The next packet that may leave now; call it until it returns undefined, after every enqueue and from a timer. */
  due(nowUs: number): Departure<Packet> | undefined {
    this.#refill(nowUs)
    // A loop by index: it runs for every packet of every viewer.
    for (let index = 0; index < this.#lanes.length; index++) {
      const { name, isPaced, ring } = this.#lanes[index] as Lane<Packet>
      if (ring.size === 0) continue
      if (isPaced && this.#budgetBytes <= 0) return undefined
      ring.shift(this.#departure)
      return this.#leave(name)
    }
    return this.#probing.active && this.#probing.due(nowUs) ? this.#pad() : undefined
  }

  #refill(nowUs: number): void {
    if (this.#bytesPerUs === 0 || nowUs < this.#refilledUs) return
    const burstBytes = Math.max(minBurstBytes, this.#bytesPerUs * this.#burstUs)
    this.#budgetBytes = Math.min(burstBytes, this.#budgetBytes + (nowUs - this.#refilledUs) * this.#bytesPerUs)
    this.#refilledUs = nowUs
  }

  #leave(lane: LaneName): Departure<Packet> {
    const departure = this.#departure
    const { bytes } = departure.packet
    departure.lane = lane
    if (lane === 'video') this.#pictureUnit = departure.unit
    // Padding has a rate of its own, and is in nobody's way.
    if (lane !== 'probing') this.#budgetBytes -= bytes
    this.#probing.onSent(bytes)
    return departure
  }

  #pad(): Departure<Packet> {
    this.#departure.packet = this.#padding as Packet
    this.#departure.unit = this.#pictureUnit
    this.#departure.number = -1
    return this.#leave('probing')
  }

  /** True when nothing waits, padding included: the timer need not call. */
  get idle(): boolean {
    return this.empty && !this.#probing.active
  }

  /** True when nothing waits but padding. */
  get empty(): boolean {
    for (let index = 0; index < this.#lanes.length; index++) {
      if ((this.#lanes[index] as Lane<Packet>).ring.size > 0) return false
    }
    return true
  }

  /** Of everything that waits. */
  get queuedBytes(): number {
    return this.#lanes.reduce((sum, { ring }) => sum + ring.bytes, 0)
  }

  /** How long the oldest waiting picture has waited, in milliseconds; 0 when none waits. */
  queueMs(nowUs: number): number {
    const oldestUs = this.#video.oldestUs
    return oldestUs === undefined ? 0 : (nowUs - oldestUs) / 1000
  }

  /** Forgets all pictures that wait, and what repairs them: nobody needs them before the next key picture. */
  dropVideo(): void {
    this.#video.clear()
    this.#parity.clear()
    this.#resends.clear()
  }

  #ring(name: LaneName): PacketRing<Packet> {
    return this.#lane(name).ring
  }

  #lane(name: LaneName): Lane<Packet> {
    return this.#lanes.find((lane) => lane.name === name) as Lane<Packet>
  }
}
