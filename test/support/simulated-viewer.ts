import { ArrivalRecorder } from '../../src/net/congestion/arrival-recorder.ts'
import type { ArrivalReport } from '../../src/net/congestion/arrival-report.ts'

/** What a simulated viewer says. */
export type SimulatedAnswer =
  | { readonly type: 'arrivals'; readonly report: ArrivalReport }
  | { readonly type: 'missing'; readonly numbers: readonly number[] }
  | { readonly type: 'picture-lost' }

/** Who gets what travels over a simulated link. */
export interface SimulatedReceiver {
  onDatagram(datagram: SimulatedDatagram, nowUs: number): void
}

/** What travels over the simulated link in the place of a packet. */
export interface SimulatedDatagram {
  readonly viewer: SimulatedReceiver
  /** By which its arrival is reported; undefined for a packet that is not reported on. */
  readonly number: number | undefined
  readonly bytes: number
  /** Undefined for sound. */
  readonly video:
    | {
        readonly number: number
        readonly frame: SimulatedFrame
      }
    | undefined
}

/** One picture, as the sender knows it. */
export interface SimulatedFrame {
  readonly number: number
  readonly key: boolean
  readonly packets: number
  readonly capturedUs: number
}

/** A browser gives up a packet after this long and asks for a key picture. */
const giveUpUs = 1_000_000
const askKeyframeEveryUs = 200_000
const minAskAgainUs = 20_000
const maxMissing = 500

/** The receiving end of a simulated stream: shows pictures in order, reports arrivals, asks for what is missing. */
export class SimulatedViewer implements SimulatedReceiver {
  /** How long each shown picture took from its capture. */
  readonly latenciesMs: number[] = []
  receivedBytes = 0
  /** The longest time between two pictures shown, or since the last one. */
  longestFreezeMs = 0
  readonly #recorder = new ArrivalRecorder()
  readonly #missing = new Map<number, { sinceUs: number; askedUs: number }>()
  readonly #received = new Map<number, { frame: SimulatedFrame; packets: number; first: number }>()
  #expected = 0
  #nextFrame = 0
  #shownUs: number | undefined
  #needsKeyframe = false
  #askedKeyframeUs = -Infinity

  onDatagram(datagram: SimulatedDatagram, nowUs: number): void {
    if (datagram.number !== undefined) this.#recorder.onReceived(datagram.number, nowUs)
    this.receivedBytes += datagram.bytes
    if (!datagram.video) return
    const { number, frame } = datagram.video
    if (number >= this.#expected) {
      for (; this.#expected < number; this.#expected++) {
        this.#missing.set(this.#expected, { sinceUs: nowUs, askedUs: -Infinity })
      }
      this.#expected = number + 1
    } else if (!this.#missing.delete(number)) {
      return
    }
    const entry = this.#received.get(frame.number) ?? { frame, packets: 0, first: number }
    entry.packets++
    entry.first = Math.min(entry.first, number)
    this.#received.set(frame.number, entry)
    if (frame.key && entry.packets === frame.packets && frame.number > this.#nextFrame) {
      this.#skipTo(frame.number, entry.first)
    }
    this.#showComplete(nowUs)
  }

  #skipTo(frameNumber: number, first: number): void {
    this.#nextFrame = frameNumber
    this.#needsKeyframe = false
    for (const number of this.#received.keys()) if (number < frameNumber) this.#received.delete(number)
    for (const number of this.#missing.keys()) if (number < first) this.#missing.delete(number)
  }

  #showComplete(nowUs: number): void {
    for (let entry = this.#received.get(this.#nextFrame); entry; entry = this.#received.get(this.#nextFrame)) {
      if (entry.packets < entry.frame.packets) return
      this.#received.delete(this.#nextFrame++)
      this.latenciesMs.push((nowUs - entry.frame.capturedUs) / 1000)
      this.#noteFreeze(nowUs)
      this.#shownUs = nowUs
    }
  }

  #noteFreeze(nowUs: number): void {
    const sinceUs = this.#shownUs ?? nowUs
    this.longestFreezeMs = Math.max(this.longestFreezeMs, (nowUs - sinceUs) / 1000)
  }

  /** What arrived since the last call. */
  reports(): SimulatedAnswer[] {
    const answers: SimulatedAnswer[] = []
    for (let report = this.#recorder.take(); report; report = this.#recorder.take()) {
      answers.push({ type: 'arrivals', report })
    }
    return answers
  }

  /** A request for what is missing or for a key picture, when there is something to ask for. */
  request(nowUs: number, roundTripMs: number): SimulatedAnswer | undefined {
    this.#noteFreeze(nowUs)
    const isHopeless = this.#missing.size > maxMissing || this.#oldestMissingUs() < nowUs - giveUpUs
    if (isHopeless) {
      this.#missing.clear()
      this.#needsKeyframe = true
    }
    if (this.#needsKeyframe && nowUs - this.#askedKeyframeUs > askKeyframeEveryUs) {
      this.#askedKeyframeUs = nowUs
      return { type: 'picture-lost' }
    }
    const numbers = this.#toAskFor(nowUs, Math.max(minAskAgainUs, roundTripMs * 1000))
    return numbers.length > 0 ? { type: 'missing', numbers } : undefined
  }

  #oldestMissingUs(): number {
    for (const { sinceUs } of this.#missing.values()) return sinceUs
    return Infinity
  }

  #toAskFor(nowUs: number, againUs: number): number[] {
    const numbers: number[] = []
    for (const [number, missing] of this.#missing) {
      if (nowUs - missing.askedUs < againUs) continue
      missing.askedUs = nowUs
      numbers.push(number)
    }
    return numbers
  }
}
