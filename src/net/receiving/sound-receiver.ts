import { decodeSoundPiece } from '../../wire/native-frames/media-piece.ts'
import { PlayoutDelay } from './playout-delay.ts'

/** One packet of sound in its turn; without data where it was lost, which a decoder conceals. */
export interface ReceivedSound {
  readonly captureUs: number
  readonly positionSamples: number
  readonly data: Uint8Array | undefined
}

/** At 48 kHz. */
const samplesPerMs = 48
const frameSamples = 480
/** What waits for its turn: more is a sender whose clock runs away. */
const mostWaiting = 128
/** A longer gap is silence that was not sent. */
const mostConcealed = 10

interface Waiting {
  readonly captureUs: number
  readonly positionSamples: number
  readonly data: Uint8Array
}

/**
 * Sound out of datagrams: in order, once, each in its turn after a delay that follows the jitter, with what was lost taken out of the
 * packet behind it or marked as lost. Pure: whoever owns it calls `poll` as often as packets come.
 */
export class SoundReceiver {
  readonly delay = new PlayoutDelay()
  readonly #waiting = new Map<number, Waiting>()
  /** The position that is to be played next; undefined before the first. */
  #next: number | undefined
  #counts = { recovered: 0, concealed: 0, late: 0 }

  /** Packets that came out of the one behind them, those that did not come at all, and those that came after their turn. */
  get counts(): Readonly<{ recovered: number; concealed: number; late: number }> {
    return this.#counts
  }

  /** A datagram of sound. Throws WireError. */
  take(bytes: Uint8Array, nowUs: number): void {
    const { captureUs, positionSamples, data, before } = decodeSoundPiece(bytes)
    this.delay.onArrived(captureUs, nowUs)
    this.#keep({ captureUs, positionSamples, data: Uint8Array.from(data) })
    const earlier = positionSamples - frameSamples
    if (before.length === 0 || this.#waiting.has(earlier) || (this.#next ?? Infinity) > earlier) return
    this.#counts.recovered++
    const earlierUs = captureUs - (frameSamples / samplesPerMs) * 1000
    this.#keep({ captureUs: earlierUs, positionSamples: earlier, data: Uint8Array.from(before) })
  }

  /** What has its turn by now. */
  poll(nowUs: number): ReceivedSound[] {
    const due: ReceivedSound[] = []
    for (;;) {
      const first = this.#first()
      if (!first || this.delay.dueUs(first.captureUs) > nowUs) return due
      this.#conceal(first, due)
      this.#waiting.delete(first.positionSamples)
      this.#next = first.positionSamples + frameSamples
      due.push(first)
    }
  }

  #keep(sound: Waiting): void {
    if (this.#next !== undefined && sound.positionSamples < this.#next) {
      // A sender that begins anew is followed; one packet of old is not.
      if (this.#next - sound.positionSamples < mostWaiting * frameSamples) {
        this.#counts.late++
        return
      }
      this.#waiting.clear()
      this.#next = undefined
    }
    if (this.#waiting.size >= mostWaiting) {
      const first = this.#first()
      if (first) this.#waiting.delete(first.positionSamples)
    }
    this.#waiting.set(sound.positionSamples, sound)
  }

  #first(): Waiting | undefined {
    let first: Waiting | undefined
    for (const sound of this.#waiting.values()) {
      if (!first || sound.positionSamples < first.positionSamples) first = sound
    }
    return first
  }

  /** Marks what is missing before the one whose turn it is. */
  #conceal({ positionSamples, captureUs }: Waiting, due: ReceivedSound[]): void {
    const missing = this.#next === undefined ? 0 : (positionSamples - this.#next) / frameSamples
    if (missing > mostConcealed) return
    for (let back = Math.floor(missing); back > 0; back--) {
      this.#counts.concealed++
      const earlierUs = captureUs - ((back * frameSamples) / samplesPerMs) * 1000
      due.push({ captureUs: earlierUs, positionSamples: positionSamples - back * frameSamples, data: undefined })
    }
  }
}
