import type { BitrateController } from '../../../net/congestion/bitrate-controller.ts'
import { referenceTimePeriodUs } from '../../../wire/rtp/transport-feedback.ts'

/** More messages than any window holds that is worth having. */
const capacity = 4096
/** What TCP, IP and the WebSocket's own head add to a message, nearly. */
const headBytes = 56
const maxDeltaUs = 0x7fff_ffff
/** A page that has just been opened is busy with itself: how late it reads says nothing about the path yet. */
const settlingUs = 700_000

/**
 * The messages of a socket that were sent and not yet told of. The socket keeps their order and loses none: what is sent and
 * what is acknowledged is counted, and the congestion controller hears of both as it does of RTP packets.
 */
export class MessagesOnTheWay {
  readonly #controller: BitrateController
  readonly #sizes = new Uint32Array(capacity)
  #sent = 0
  #acknowledged = 0
  #bytes = 0
  #firstUs: number | undefined

  constructor(controller: BitrateController) {
    this.#controller = controller
  }

  get bytes(): number {
    return this.#bytes
  }

  get count(): number {
    return this.#sent - this.#acknowledged
  }

  get isFull(): boolean {
    return this.count === capacity
  }

  /** Counts a message; what it takes on the wire. */
  onSent(messageBytes: number, nowUs: number): number {
    this.#firstUs ??= nowUs
    const bytes = messageBytes + headBytes
    this.#controller.onSent(this.#sent & 0xffff, bytes, nowUs)
    this.#sizes[this.#sent++ % capacity] = bytes
    this.#bytes += bytes
    return bytes
  }

  /** When the next ones arrived, by the client's clock. False when that many are not on the way. */
  onReceipt(arrivalsUs: readonly number[], nowUs: number): boolean {
    if (arrivalsUs.length > this.count) return false
    if (nowUs - (this.#firstUs ?? nowUs) >= settlingUs) this.#tell(arrivalsUs, nowUs)
    for (let index = 0; index < arrivalsUs.length; index++) {
      this.#bytes -= this.#sizes[this.#acknowledged++ % capacity] as number
    }
    return true
  }

  #tell(arrivalsUs: readonly number[], nowUs: number): void {
    const deltasUs = new Int32Array(arrivalsUs.length)
    let beforeUs = arrivalsUs[0] as number
    for (const [index, arrivalUs] of arrivalsUs.entries()) {
      deltasUs[index] = Math.min(maxDeltaUs, arrivalUs - beforeUs)
      beforeUs = arrivalUs
    }
    const period = referenceTimePeriodUs
    this.#controller.onFeedback(
      {
        type: 'transport-feedback',
        senderSsrc: 0,
        mediaSsrc: 0,
        feedbackCount: 0,
        baseSequence: this.#acknowledged & 0xffff,
        referenceTimeUs: (((arrivalsUs[0] as number) % period) + period) % period,
        deltasUs,
      },
      nowUs,
    )
  }
}
