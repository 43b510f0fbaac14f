import { sequenceDistance } from '../../wire/sequence-number.ts'
import type { RtpPacket } from '../../wire/rtp/rtp-packet.ts'

export interface ResendBufferOptions {
  /** Packets kept, a power of two. 1,024 unless given. */
  capacity?: number
  /** The part of the target bitrate that resends may take. 0.15 unless given. */
  share?: number
  /** Packets older than this are not sent again. 500 unless given. */
  maxAgeMs?: number
}

/** The state of the path that an answer to a NACK depends on. */
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
 * The packets of one video stream that were sent lately, to be sent again when the receiver misses them. A ring by
 * sequence number, in arrays that are made once.
 */
export class ResendBuffer {
  readonly #mask: number
  readonly #share: number
  readonly #maxAgeUs: number
  readonly #packets: (RtpPacket | undefined)[]
  readonly #sequences: Uint16Array
  readonly #timestamps: Float64Array
  readonly #sentUs: Float64Array
  readonly #resentUs: Float64Array
  #newest: number | undefined
  #keyframe: number | undefined
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
    this.#sequences = new Uint16Array(capacity)
    this.#timestamps = new Float64Array(capacity)
    this.#sentUs = new Float64Array(capacity)
    this.#resentUs = new Float64Array(capacity)
  }

  /** Remembers a packet as it leaves for the first time. Allocates nothing. */
  onSent(sequence: number, packet: RtpPacket, timestamp: number, nowUs: number): void {
    const place = sequence & this.#mask
    this.#packets[place] = packet
    this.#sequences[place] = sequence
    this.#timestamps[place] = timestamp
    this.#sentUs[place] = nowUs
    this.#resentUs[place] = -Infinity
    this.#newest = sequence
    // Far enough behind, a number would seem to lie ahead.
    if (this.#keyframe !== undefined && sequenceDistance(this.#keyframe, sequence) > this.#mask) {
      this.#keyframe = undefined
    }
  }

  /** A key picture begins at `sequence`: what is missing before it is of no use any more. */
  onKeyframe(sequence: number): void {
    this.#keyframe = sequence
  }

  /**
   * Answers a NACK: calls `resend` for each packet to be sent again: each at most once in a round trip, all within the
   * share of the bitrate. True when waiting is hopeless and a key picture is needed: something missing is too old, or
   * more is missing than the share can carry while it is of use.
   */
  answer(
    missing: readonly number[],
    conditions: ResendConditions,
    resend: (packet: RtpPacket, timestamp: number, sequence: number) => void,
  ): boolean {
    const { nowUs, roundTripMs, targetBps } = conditions
    const bytesPerUs = (targetBps * this.#share) / 8e6
    this.#refill(nowUs, bytesPerUs)
    const againUs = Math.max(minAgainMs, roundTripMs) * 1000
    let tooOld = false
    let missingBytes = 0
    for (const sequence of missing) {
      if (!this.#isWanted(sequence)) continue
      const place = sequence & this.#mask
      const packet = this.#packets[place]
      if (!packet || this.#sequences[place] !== sequence || nowUs - (this.#sentUs[place] as number) > this.#maxAgeUs) {
        tooOld = true
        continue
      }
      missingBytes += packet.full.length
      if (nowUs - (this.#resentUs[place] as number) < againUs || this.#budgetBytes <= 0) continue
      this.#resentUs[place] = nowUs
      this.#budgetBytes -= packet.full.length
      resend(packet, this.#timestamps[place] as number, sequence)
    }
    return tooOld || missingBytes > Math.max(minBudgetBytes, bytesPerUs * this.#maxAgeUs)
  }

  /** False for a packet that was never sent, and for one that a key picture made useless. */
  #isWanted(sequence: number): boolean {
    if (this.#newest === undefined || sequenceDistance(sequence, this.#newest) < 0) return false
    return this.#keyframe === undefined || sequenceDistance(this.#keyframe, sequence) >= 0
  }

  #refill(nowUs: number, bytesPerUs: number): void {
    const elapsedUs = this.#refilledUs === undefined ? 0 : Math.max(0, nowUs - this.#refilledUs)
    const limitBytes = Math.max(minBudgetBytes, bytesPerUs * this.#maxAgeUs)
    this.#budgetBytes = Math.min(limitBytes, this.#budgetBytes + elapsedUs * bytesPerUs)
    this.#refilledUs = nowUs
  }
}
