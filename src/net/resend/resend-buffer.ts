import type { Paceable } from '../pacing/packet-ring.ts'

export interface ResendBufferOptions {
  /** Packets kept, a power of two. 1,024 unless given. */
  capacity?: number
  /** The part of the target bitrate that resends may take. 0.15 unless given. */
  share?: number
  /** Packets older than this are not sent again. 500 unless given. */
  maxAgeMs?: number
}

/** The state of the path that an answer to a request depends on. */
export interface ResendConditions {
  readonly nowUs: number
  readonly roundTripMs: number
  readonly targetBps: number
}

/** On a path of no length a receiver may ask again this soon. */
const minAgainMs = 10
/** A short loss is repaired at once, however low the target. */
const minBudgetBytes = 8 * 1200

/**
 * The packets of one video stream that were sent lately, to be sent again when the receiver misses them. A ring by the
 * sender's numbers, which grow by one and never wrap, in arrays that are made once.
 */
export class ResendBuffer<Packet extends Paceable> {
  readonly #mask: number
  readonly #share: number
  readonly #maxAgeUs: number
  readonly #packets: (Packet | undefined)[]
  readonly #numbers: Float64Array
  readonly #units: Float64Array
  readonly #sentUs: Float64Array
  readonly #resentUs: Float64Array
  #newest = -Infinity
  #keyframe = -Infinity
  #budgetBytes = minBudgetBytes
  #refilledUs: number | undefined

  /** Throws RangeError for a capacity that is not a power of two up to 32,768. */
  constructor(options: ResendBufferOptions = {}) {
    const capacity = options.capacity ?? 1024
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > 0x8000 || (capacity & (capacity - 1)) !== 0) {
      throw new RangeError(`Cannot keep ${capacity} packets: wanted a power of two up to 32,768`)
    }
    this.#mask = capacity - 1
    this.#share = options.share ?? 0.15
    this.#maxAgeUs = (options.maxAgeMs ?? 500) * 1000
    this.#packets = Array.from({ length: capacity }, () => undefined)
    this.#numbers = new Float64Array(capacity).fill(-1)
    this.#units = new Float64Array(capacity)
    this.#sentUs = new Float64Array(capacity)
    this.#resentUs = new Float64Array(capacity)
  }

  /** Remembers a packet, and what it is part of, as it leaves for the first time. Allocates nothing. */
  onSent(number: number, packet: Packet, unit: number, nowUs: number): void {
    const place = number & this.#mask
    this.#packets[place] = packet
    this.#numbers[place] = number
    this.#units[place] = unit
    this.#sentUs[place] = nowUs
    this.#resentUs[place] = -Infinity
    this.#newest = number
  }

  /** A key picture begins at `number`: what is missing before it is of no use any more. */
  onKeyframe(number: number): void {
    this.#keyframe = number
  }

  /**
   * Answers a request: calls `resend` for each packet to be sent again: each at most once in a round trip, all within the
   * share of the bitrate. True when waiting is hopeless and a key picture is needed: something missing is too old, or
   * more is missing than the share can carry while it is of use.
   */
  answer(
    missing: readonly number[],
    conditions: ResendConditions,
    resend: (packet: Packet, unit: number, number: number) => void,
  ): boolean {
    const { nowUs, roundTripMs, targetBps } = conditions
    const bytesPerUs = (targetBps * this.#share) / 8e6
    this.#refill(nowUs, bytesPerUs)
    const againUs = Math.max(minAgainMs, roundTripMs) * 1000
    let tooOld = false
    let missingBytes = 0
    for (const number of missing) {
      if (number > this.#newest || number < this.#keyframe) continue
      const place = number & this.#mask
      const packet = this.#packets[place]
      if (!packet || this.#numbers[place] !== number || nowUs - (this.#sentUs[place] as number) > this.#maxAgeUs) {
        tooOld = true
        continue
      }
      missingBytes += packet.bytes
      if (nowUs - (this.#resentUs[place] as number) < againUs || this.#budgetBytes <= 0) continue
      this.#resentUs[place] = nowUs
      this.#budgetBytes -= packet.bytes
      resend(packet, this.#units[place] as number, number)
    }
    return tooOld || missingBytes > Math.max(minBudgetBytes, bytesPerUs * this.#maxAgeUs)
  }

  #refill(nowUs: number, bytesPerUs: number): void {
    const elapsedUs = this.#refilledUs === undefined ? 0 : Math.max(0, nowUs - this.#refilledUs)
    const limitBytes = Math.max(minBudgetBytes, bytesPerUs * this.#maxAgeUs)
    this.#budgetBytes = Math.min(limitBytes, this.#budgetBytes + elapsedUs * bytesPerUs)
    this.#refilledUs = nowUs
  }
}
