import { encodeRtcp } from '../../wire/rtp/rtcp.ts'
import { isNewer, nextSequence } from '../../wire/sequence-number.ts'
import { FeedbackRecorder } from './feedback-recorder.ts'

/** What travels over the simulated link in the place of an RTP packet. */
export interface SimulatedDatagram {
  readonly viewer: SimulatedViewer
  /** Undefined for a packet without one. */
  readonly transportSequence: number | undefined
  readonly bytes: number
  /** Undefined for sound. */
  readonly video:
    | {
        readonly sequence: number
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
export class SimulatedViewer {
  /** How long each shown picture took from its capture. */
  readonly latenciesMs: number[] = []
  receivedBytes = 0
  /** The longest time between two pictures shown, or since the last one. */
  longestFreezeMs = 0
  readonly #recorder = new FeedbackRecorder(2)
  readonly #missing = new Map<number, { sinceUs: number; askedUs: number }>()
  readonly #received = new Map<number, { frame: SimulatedFrame; packets: number; first: number }>()
  #expected = 0
  #nextFrame = 0
  #shownUs: number | undefined
  #needsKeyframe = false
  #askedKeyframeUs = -Infinity

  onDatagram(datagram: SimulatedDatagram, nowUs: number): void {
    if (datagram.transportSequence !== undefined) this.#recorder.onReceived(datagram.transportSequence, nowUs)
    this.receivedBytes += datagram.bytes
    if (!datagram.video) return
    const { sequence, frame } = datagram.video
    if (!isNewer(this.#expected, sequence)) {
      for (; this.#expected !== sequence; this.#expected = nextSequence(this.#expected)) {
        this.#missing.set(this.#expected, { sinceUs: nowUs, askedUs: -Infinity })
      }
      this.#expected = nextSequence(sequence)
    } else if (!this.#missing.delete(sequence)) {
      return
    }
    const entry = this.#received.get(frame.number) ?? { frame, packets: 0, first: sequence }
    entry.packets++
    if (isNewer(entry.first, sequence)) entry.first = sequence
    this.#received.set(frame.number, entry)
    if (frame.key && entry.packets === frame.packets && frame.number > this.#nextFrame) {
      this.#skipTo(frame.number, entry.first)
    }
    this.#showComplete(nowUs)
  }

  #skipTo(frameNumber: number, firstSequence: number): void {
    this.#nextFrame = frameNumber
    this.#needsKeyframe = false
    for (const number of this.#received.keys()) if (number < frameNumber) this.#received.delete(number)
    for (const sequence of this.#missing.keys()) if (isNewer(firstSequence, sequence)) this.#missing.delete(sequence)
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

  /** Transport-wide feedback on what arrived since the last call. */
  feedback(): Uint8Array[] {
    const packets: Uint8Array[] = []
    for (let next = this.#recorder.take(1); next; next = this.#recorder.take(1)) packets.push(encodeRtcp([next]))
    return packets
  }

  /** A NACK or a PLI, when there is something to ask for. */
  request(nowUs: number, roundTripMs: number): Uint8Array | undefined {
    this.#noteFreeze(nowUs)
    const isHopeless = this.#missing.size > maxMissing || this.#oldestMissingUs() < nowUs - giveUpUs
    if (isHopeless) {
      this.#missing.clear()
      this.#needsKeyframe = true
    }
    if (this.#needsKeyframe && nowUs - this.#askedKeyframeUs > askKeyframeEveryUs) {
      this.#askedKeyframeUs = nowUs
      return encodeRtcp([{ type: 'picture-loss', senderSsrc: 2, mediaSsrc: 1 }])
    }
    const sequences = this.#toAskFor(nowUs, Math.max(minAskAgainUs, roundTripMs * 1000))
    return sequences.length > 0 ? encodeRtcp([{ type: 'nack', senderSsrc: 2, mediaSsrc: 1, sequences }]) : undefined
  }

  #oldestMissingUs(): number {
    for (const { sinceUs } of this.#missing.values()) return sinceUs
    return Infinity
  }

  #toAskFor(nowUs: number, againUs: number): number[] {
    const sequences: number[] = []
    for (const [sequence, missing] of this.#missing) {
      if (nowUs - missing.askedUs < againUs) continue
      missing.askedUs = nowUs
      sequences.push(sequence)
    }
    return sequences
  }
}
