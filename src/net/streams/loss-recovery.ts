import { RoundTrip } from '../resend/round-trip.ts'
import type { NumberRange } from '../../wire/native-frames/frame.ts'
import { maxAckDelayMs } from './acknowledging.ts'

/** RFC 9002, section 6.1. */
const packetThreshold = 3
const timeThreshold = 9 / 8
const granularityMs = 1
/** Section 7.6: so many timeouts without anything acknowledged. */
const persistentTimeouts = 3
/** Of datagrams that are sent because nothing was heard. */
const probesAtOnce = 2
/** Doubling ends somewhere. */
const maxTimeoutMs = 4000
/** Sending times that are known, of all datagrams. */
const known = 4096

interface Tracked<Content> {
  readonly number: number
  readonly sentMs: number
  readonly bytes: number
  readonly content: Content
}

export interface Outcome<Content> {
  readonly acknowledged: readonly Content[]
  readonly lost: readonly Content[]
  /** All was lost for so long that nothing is known of the path any more. */
  readonly isPersistent: boolean
}

/**
 * Finds out what was lost of the datagrams that have to arrive (RFC 9002, sections 5, 6 and 7.6). What to do about it, and how much may be
 * sent, is somebody else's matter. Pure: every call is given the time, in milliseconds.
 */
export class LossRecovery<Content> {
  readonly roundTrip: RoundTrip
  readonly #firstRoundTripMs: number
  /** By number. */
  #tracked: Tracked<Content>[] = []
  #bytesInFlight = 0
  readonly #sentMs = new Float64Array(known).fill(Number.NaN)
  #newestSent = -1
  #largestAcknowledged = -1
  #timeouts = 0
  #lossMs = Infinity
  #newestTrackedMs = -Infinity
  #measuredMs = Infinity
  /** The highest number that was sent by a path that is not taken any more. */
  #formerSent = -1

  constructor(options: { readonly firstRoundTripMs: number }) {
    const { firstRoundTripMs } = options
    this.#firstRoundTripMs = firstRoundTripMs
    this.roundTrip = new RoundTrip({ minMs: granularityMs, maxMs: maxTimeoutMs, firstMs: 3 * firstRoundTripMs })
  }

  get bytesInFlight(): number {
    return this.#bytesInFlight
  }

  /** The highest number that was sent. */
  get newestSent(): number {
    return this.#newestSent
  }

  /** A datagram leaves; with `content` it has to arrive. Numbers grow by one. */
  onSent(number: number, bytes: number, content: Content | undefined, nowMs: number): void {
    this.#sentMs[number % known] = nowMs
    this.#newestSent = number
    if (content === undefined) return
    this.#tracked.push({ number, sentMs: nowMs, bytes, content })
    this.#bytesInFlight += bytes
    this.#newestTrackedMs = nowMs
  }

  /** `ranges` has the highest first, and nothing that was never sent. */
  onAcknowledged(ranges: readonly NumberRange[], delayMs: number, nowMs: number): Outcome<Content> {
    const largest = (ranges[0] as NumberRange).last
    const acknowledged: Tracked<Content>[] = []
    const rest: Tracked<Content>[] = []
    for (const sent of this.#tracked) (isIn(ranges, sent.number) ? acknowledged : rest).push(sent)
    this.#tracked = rest
    for (const { bytes } of acknowledged) this.#bytesInFlight -= bytes
    if (largest > this.#largestAcknowledged) {
      this.#largestAcknowledged = largest
      if (acknowledged.length > 0) this.#measure(largest, delayMs, nowMs)
    }
    if (acknowledged.length > 0) this.#timeouts = 0
    const lost = this.#detect(nowMs)
    return {
      acknowledged: contents(acknowledged),
      lost: contents(lost),
      isPersistent: this.#isPersistent(lost, ranges),
    }
  }

  /** When `onDeadline` is to be called; Infinity while nothing is waited for. */
  get deadlineMs(): number {
    if (this.#lossMs !== Infinity) return this.#lossMs
    if (this.#tracked.length === 0) return Infinity
    return this.#newestTrackedMs + Math.min(maxTimeoutMs, this.#timeoutMs * 2 ** this.#timeouts)
  }

  /** What is taken for lost by now; and how many datagrams are to be sent that want an answer, since none came. */
  onDeadline(nowMs: number): { readonly lost: readonly Content[]; readonly probes: number } {
    if (this.#lossMs !== Infinity) return { lost: contents(this.#detect(nowMs)), probes: 0 }
    this.#timeouts++
    return { lost: [], probes: probesAtOnce }
  }

  /**
   * By another path nothing is known of how long answers take, and what was doubled for the one before is over. What was lost on that one says nothing
   * of this one, however long it lasted (RFC 9000, section 9.4). As {@link onDeadline}.
   */
  onPathChange(): { readonly probes: number } {
    this.#timeouts = 0
    this.#formerSent = this.#newestSent
    this.#measuredMs = Infinity
    this.roundTrip.forget()
    return { probes: this.#tracked.length > 0 ? probesAtOnce : 0 }
  }

  /** What is on its way and was sent first: a probe that has it repairs something, if it was lost. */
  oldest(most: number): Content[] {
    return contents(this.#tracked.slice(0, most))
  }

  get #timeoutMs(): number {
    return this.roundTrip.timeoutMs(1) + maxAckDelayMs
  }

  #measure(largest: number, delayMs: number, nowMs: number): void {
    const sentMs = this.#sentMs[largest % known] as number
    if (this.#newestSent - largest >= known || Number.isNaN(sentMs) || largest <= this.#formerSent) return
    const latestMs = nowMs - sentMs
    const heldMs = Math.min(delayMs, maxAckDelayMs)
    this.roundTrip.onMeasured(latestMs - heldMs >= this.roundTrip.leastMs ? latestMs - heldMs : latestMs)
    if (this.#measuredMs === Infinity) this.#measuredMs = nowMs
  }

  #detect(nowMs: number): Tracked<Content>[] {
    const longestMs = Math.max(this.roundTrip.latestMs ?? 0, this.roundTrip.smoothedMs ?? this.#firstRoundTripMs)
    const patienceMs = Math.max(granularityMs, timeThreshold * longestMs)
    const lost: Tracked<Content>[] = []
    const rest: Tracked<Content>[] = []
    this.#lossMs = Infinity
    for (const sent of this.#tracked) {
      const isPassed = sent.number < this.#largestAcknowledged
      const isLate = nowMs >= sent.sentMs + patienceMs
      if (isPassed && (isLate || this.#largestAcknowledged >= sent.number + packetThreshold)) {
        lost.push(sent)
        this.#bytesInFlight -= sent.bytes
        continue
      }
      rest.push(sent)
      if (isPassed) this.#lossMs = Math.min(this.#lossMs, sent.sentMs + patienceMs)
    }
    this.#tracked = rest
    return lost
  }

  #isPersistent(lost: readonly Tracked<Content>[], ranges: readonly NumberRange[]): boolean {
    const spanMs = (this.roundTrip.timeoutMs(1) + maxAckDelayMs) * persistentTimeouts
    let first: Tracked<Content> | undefined
    let before: Tracked<Content> | undefined
    for (const sent of lost) {
      if (sent.sentMs < this.#measuredMs) continue
      const isApart = before !== undefined && reaches(ranges, before.number, sent.number)
      if (first === undefined || isApart) first = sent
      before = sent
      if (sent.sentMs - first.sentMs > spanMs) return true
    }
    return false
  }
}

function contents<Content>(sent: readonly Tracked<Content>[]): Content[] {
  return sent.map(({ content }) => content)
}

function isIn(ranges: readonly NumberRange[], number: number): boolean {
  return ranges.some(({ first, last }) => number >= first && number <= last)
}

/** Whether something between two numbers was acknowledged. */
function reaches(ranges: readonly NumberRange[], from: number, to: number): boolean {
  return ranges.some(({ first, last }) => first < to && last > from)
}
